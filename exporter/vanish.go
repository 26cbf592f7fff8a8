package exporter

import (
	"context"
	"fmt"
	"time"

	"withings-exporter/exporter/hint"
)

// distrusted is how long an answer is not believed that would remove more than half
// of the known records.
const distrusted = 24 * time.Hour

// Doubt is what complete answers leave out but is not believed to be deleted yet.
type Doubt struct {
	Doubted time.Time `json:"doubted,omitzero"`  // since when; zero: no doubt
	Missing int       `json:"missing,omitempty"` // how many records are left out …
	Known   int       `json:"known,omitempty"`   // … of how many known ones
}

// Until is when the records count as deleted if they are still left out.
func (d Doubt) Until() time.Time { return d.Doubted.Add(distrusted) }

// keeper remembers records, see Sink.
type keeper interface {
	Vanishing(Batch) (held, gone int)
}

// read fetches what is new since a cursor. A single answer deletes nothing: if a
// complete one leaves out records, Withings is asked once more, and only what both
// answers leave out is gone. If that is more than half of what the gauges or the
// sink have in the span, it is believed only after a day of such answers.
func (r *round) read(ctx context.Context, service Service, was Progress, cursors []cursor) (Fetched, error) {
	take := r.wanting(service, cursors, r.taker(ctx, cursors))
	var told Batch
	fetched, err := r.profile.Fetch.Fetch(ctx, service, was, func(b Batch) {
		if b.Whole == nil {
			take(b)
		} else {
			told.Whole = b.Whole
		}
		told.Join(b)
	})
	if told.Whole == nil {
		return fetched, err
	}
	keepers := r.keepers(cursors)
	if err == nil {
		err = r.confirm(ctx, service, &told, keepers)
	}
	if err != nil {
		told.Whole = nil // it is not complete, but what it has counts
		take(told)
		return fetched, err
	}
	fetched.Judged = true
	fetched.Doubt = r.doubt(service, told, keepers, cursors)
	if !fetched.Doubted.IsZero() {
		told.Whole = nil
	}
	take(told)
	return fetched, nil
}

// keepers are the state and, if it is read for, the sink.
func (r *round) keepers(cursors []cursor) []keeper {
	all := []keeper{r.profile.State}
	for _, c := range cursors {
		if c == cursor(r.forward) && r.forward.open() {
			all = append(all, completedSink{r.completer, r.forward.sink})
		}
	}
	return all
}

// confirm asks once more if records are missing, and adds the second answer.
func (r *round) confirm(ctx context.Context, service Service, told *Batch, keepers []keeper) error {
	held, gone := most(*told, keepers)
	if gone == 0 {
		return nil
	}
	whole := *told.Whole
	told.Whole, told.Listless = nil, false
	// Without progress, only the complete window is fetched.
	_, err := r.profile.Fetch.Fetch(ctx, service, Progress{}, func(b Batch) {
		told.Join(b)
		if b.Whole != nil {
			told.Whole = &Span{From: Later(whole.From, b.Whole.From), To: Earlier(whole.To, b.Whole.To)}
		}
	})
	switch {
	case err != nil:
		return fmt.Errorf("an answer leaves out %d of %d known %s; asking once more: %w", gone, held, service.Row().Noun, err)
	case told.Listless:
		return errListless(service, held)
	case told.Whole == nil:
		told.Whole = &Span{} // the second answer is not complete for any span
	}
	return nil
}

// errListless is the error of an answer without a list although records are known.
func errListless(service Service, held int) error {
	return hint.Wrap(fmt.Errorf("the answer has no list of %s, although %d are known", service.Row().Noun, held),
		"they are kept, and the next poll tries again; if this lasts, please report it")
}

// Lacks compares a complete answer with what is known, without keeping anything. It
// returns a doubt if most records are missing and that is new, and an error if the
// answer has no list.
func (s *State) Lacks(b Batch) (Doubt, error) {
	if b.Whole == nil {
		return Doubt{}, nil
	}
	held, gone := s.Vanishing(b)
	switch {
	case gone > 0 && b.Listless:
		return Doubt{}, errListless(b.Service, held)
	case 2*gone > held && s.Progress(b.Service).Doubted.IsZero():
		return Doubt{Missing: gone, Known: held}, nil
	}
	return Doubt{}, nil
}

// doubt decides by how much is missing whether that is believed, and logs when this
// changes. If more is left out than before, the day starts over.
func (r *round) doubt(service Service, told Batch, keepers []keeper, cursors []cursor) Doubt {
	now, was := r.poller.Now(), r.doubted(service, cursors)
	var is Doubt
	for _, k := range keepers {
		if held, gone := k.Vanishing(told); 2*gone > held && gone > is.Missing {
			is = Doubt{Doubted: was.Doubted, Missing: gone, Known: held}
		}
	}
	log := r.log.With("service", string(service))
	switch {
	case is.Missing == 0 && was.Doubted.IsZero():
	case is.Missing == 0:
		log.Info("Withings again sends most of the known records")
	case was.Doubted.IsZero() || was.Doubted.After(now):
		is.Doubted = now
		log.Warn("Withings leaves out most of the known records; they are kept unless that lasts for a day", "missing", is.Missing, "known", is.Known)
	case is.Missing > was.Missing:
		is.Doubted = now
		log.Warn("Withings leaves out even more of the known records; they are kept unless that lasts for a day", "missing", is.Missing, "known", is.Known)
	case now.Sub(was.Doubted) >= distrusted:
		log.Warn("Withings has left out most of the known records for a day; they count as deleted", "missing", is.Missing, "known", is.Known)
		return Doubt{}
	default: // the most that was left out: the sink, which knows more, may be down for a while
		is.Missing, is.Known = was.Missing, was.Known
	}
	return is
}

// doubted is the latest doubt of the gauges and the cursors, with the most that any
// of them missed. Without a doubt of the gauges there is none: that of the sink is
// from before an outage, during which the gauges saw it end.
func (r *round) doubted(service Service, cursors []cursor) Doubt {
	was := r.profile.State.Progress(service).Doubt
	if was.Doubted.IsZero() {
		return Doubt{}
	}
	for _, p := range progresses(service, cursors) {
		was.Doubted = Later(was.Doubted, p.Doubted)
		if p.Missing > was.Missing {
			was.Missing, was.Known = p.Missing, p.Known
		}
	}
	return was
}

// most is the most that any keeper has, and the most that any would lose.
func most(b Batch, keepers []keeper) (held, gone int) {
	for _, k := range keepers {
		h, g := k.Vanishing(b)
		held, gone = max(held, h), max(gone, g)
	}
	return held, gone
}
