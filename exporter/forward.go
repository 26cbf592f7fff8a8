package exporter

import (
	"context"
	"errors"
	"slices"
	"time"
)

// forwarder passes batches on to a profile's sink. After the first error nothing
// more is sent in the same round and the sink's cursor stays where it is; once the
// sink accepts readings again, Withings is asked again for what it lacks.
type forwarder struct {
	sink Sink  // nil when there is none
	err  error // why nothing more is sent in this round …
	down int   // … and which outage of the database that is; 0: none

	took map[Service]bool // of which all was taken that there was

	lacking func(Service, error) int // is called with an error that concerns all, and returns the outage
}

// begin asks whether the sink accepts readings.
func (f *forwarder) begin(ctx context.Context) {
	if f.sink != nil {
		f.fail("", f.sink.Ready(ctx))
	}
}

// fail notes an error, if there is one, of a batch of a service, or of none.
func (f *forwarder) fail(service Service, err error) {
	if f.err = err; errors.Is(err, ErrOfAll) {
		f.down = f.lacking(service, err)
	}
}

func (f *forwarder) open() bool { return f.sink != nil && f.err == nil }

func (f *forwarder) put(ctx context.Context, b Batch) {
	if f.open() {
		f.fail(b.Service, f.sink.Put(ctx, b))
	}
}

// Progress is that of the sink.
func (f *forwarder) Progress(service Service) Progress { return f.sink.Progress(service) }

// Advance moves the cursor of the sink if everything was accepted.
func (f *forwarder) Advance(service Service, change func(*Progress)) error {
	if f.open() {
		f.fail(service, f.sink.Advance(service, change))
		f.took[service] = f.open()
	}
	return nil
}

// reached reports whether the sink knows a service's changes up to a moment.
func (f *forwarder) reached(service Service, updated time.Time) bool {
	return f.open() && !f.sink.Progress(service).Updated.Before(updated)
}

// alongside reports whether sink and gauges lack the same part of the past.
func (f *forwarder) alongside(service Service, gauges Progress) bool {
	if !f.open() {
		return false
	}
	is := f.sink.Progress(service)
	return !is.Done && is.Back.Equal(gauges.Back)
}

// behind reports whether the gauges have something that the sink has not
// acknowledged.
func (f *forwarder) behind(service Service, gauges Progress) bool {
	is := f.sink.Progress(service)
	return is.Success.Before(gauges.Success) || gauges.Done && !is.Done || len(is.Wanted) > 0
}

// catchUp reads what the sink lacks of a service: after an outage, or because it
// is new.
func (r *round) catchUp(ctx context.Context, service Service) error {
	own := []cursor{r.forward}
	if !r.forward.open() || !r.forward.behind(service, r.profile.State.Progress(service)) {
		return nil
	}
	if service.Row().Minutes {
		if err := r.minutes(ctx, service, own); err != nil && !errors.Is(err, errIdle) {
			return err
		}
	} else if r.forward.Progress(service).Success.Before(r.profile.State.Progress(service).Success) {
		if err := r.news(ctx, service, own); err != nil {
			return err
		}
	}
	for r.forward.open() {
		if done, err := r.older(ctx, service, own); done || err != nil {
			return err
		}
	}
	return nil
}

// forwardTold writes the events of a service that arrived since the sink's cursor. They
// are known already, so that Withings need not be asked.
func (r *round) forwardTold(ctx context.Context, service Service) {
	gauges := r.profile.State.Progress(service)
	if !r.forward.open() || gauges.Success.IsZero() || !r.forward.behind(service, gauges) {
		return
	}
	since := Earlier(r.forward.Progress(service).Updated, r.poller.Now())
	told := r.profile.State.toldSince(service, since)
	r.forward.put(ctx, told)
	// The error shows in noteSink.
	_ = r.forward.Advance(service, func(p *Progress) {
		p.Success = gauges.Success
		for i := range told.Records {
			p.Updated = Later(p.Updated, told.Records[i].Modified)
		}
	})
}

// noteSink notes the state of the sink and logs when it changes.
func (r *round) noteSink() {
	if r.profile.Sink == nil || errors.Is(r.forward.err, context.Canceled) {
		return
	}
	now := r.poller.Now()
	is, had := SinkStatus{Safe: now}, time.Time{} // it lacks nothing older than had
	if was := r.profile.Status.Condition().Sink; was != nil {
		had = was.Safe
	}
	for _, service := range slices.Concat(r.choice.Asked, r.choice.Told) {
		gauges := r.profile.State.Progress(service)
		if gauges.Success.IsZero() || !r.forward.behind(service, gauges) {
			continue
		}
		since := Later(r.forward.Progress(service).Success, had)
		if since.Before(is.Safe) {
			is.Safe = since
		}
		if since.IsZero() {
			since = now // it was never up to date: its lag counts from now
		}
		if is.Behind.IsZero() || since.Before(is.Behind) {
			is.Behind = since
		}
	}
	err := r.forward.err
	if err == nil {
		r.poller.ready(r.profile, r.took)
	}
	if why := r.poller.database.fails(r.profile); why != "" {
		is.Problem, is.OfAll = Problem{Text: why, Since: now}, true
	}
	if err != nil && r.forward.down == 0 {
		is.Problem, is.OfAll = Problem{Text: err.Error(), Since: now}, false
	}
	was := r.profile.Status.sinkIs(is)
	if is.alone() == was.alone() {
		return
	}
	text := ""
	if is.alone() {
		text = is.Problem.Text
	}
	r.tell(&r.poller.sinks, failure{profile: r.profile}, text, news{unwritten, writtenAgain, writtenAgain})
}

// took reports whether the sink has taken all that there was of a service, which is known when the round is over. What is not
// asked, or not answered, it cannot be told of.
func (r *round) took(service Service) bool {
	_, fails := r.profile.Status.Condition().Problems[service]
	known := !fails && slices.Contains(slices.Concat(r.choice.Asked, r.choice.Told), service)
	return r.over && (r.forward.took[service] || !known)
}

// alone reports whether this sink fails and others need not.
func (s *SinkStatus) alone() bool { return s.Problem.Text != "" && !s.OfAll }
