package backfill

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/retry"
)

// delivery hands batches to their targets, one after the other and in order,
// while the next pages are fetched. What waits meanwhile goes out together.
type delivery struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	run    *run
	queue  chan parcel
	end    sync.WaitGroup

	news map[string]bool // records that came as changes, counted once; for the goroutine that carries

	freed chan struct{} // holds one element when there is room again
	mu    sync.Mutex    // guards what follows
	held  int           // readings that wait or are under way
}

// parcel is a batch for a target, and what to do once it is safe.
type parcel struct {
	to      *Profile
	batch   exporter.Batch
	news    bool            // what has changed, of which pages may tell again
	covered []exporter.Span // of its service, by this batch and those before
	asked   time.Time       // when Withings said so
	then    func() error    // nil when there is nothing else
}

// stale is how long after it was asked for a batch may be written and still be
// the newest there is: cursors go a little further back than that with every
// look at what has changed.
const stale = 10 * time.Minute

const (
	// enough is how many readings are not worth waiting for more: they make some
	// 4,000 lines, and databases like to take 5,000 at once.
	enough = 16_000
	// most is how many readings may wait for a target that is slower than
	// Withings, those under way included: it bounds the memory.
	most = 3 * enough / 2
	// waiting bounds the batches, of which some have no readings at all.
	waiting = 16
)

// deliver begins to hand over; close ends it.
func deliver(ctx context.Context, cancel context.CancelCauseFunc, w *run) *delivery {
	d := &delivery{ctx: ctx, cancel: cancel, run: w, queue: make(chan parcel, waiting), freed: make(chan struct{}, 1), news: map[string]bool{}}
	d.end.Go(func() {
		for load, next := d.gather(nil); len(load) > 0; load, next = d.gather(next) {
			if ctx.Err() != nil {
				continue
			}
			if err := d.carry(load); err != nil && ctx.Err() == nil {
				cancel(err)
			}
			d.free(load)
		}
	})
	return d
}

// gather takes the first parcel and those behind it that can go to the target
// together with it, without waiting for any. It returns the one which could not,
// with which the next load begins; no load when there is nothing more to come.
func (d *delivery) gather(first *parcel) (load []parcel, next *parcel) {
	if first == nil {
		p, ok := <-d.queue
		if !ok {
			return nil, nil
		}
		first = &p
	}
	load = append(load, *first)
	for size := first.readings(); size < enough && load[len(load)-1].then == nil; {
		select {
		case p, ok := <-d.queue:
			if !ok {
				return load, nil
			}
			if p.to != first.to {
				return load, &p
			}
			load = append(load, p)
			size += p.readings()
		default:
			return load, nil
		}
	}
	return load, nil
}

func (p *parcel) readings() (n int) {
	for i := range p.batch.Records {
		n += len(p.batch.Records[i].Readings)
	}
	return n
}

// put has a parcel delivered, once there is room for it. There is one goroutine
// that puts.
func (d *delivery) put(p parcel) {
	for !d.room(p.readings()) {
		select {
		case <-d.freed:
		case <-d.ctx.Done():
			return
		}
	}
	select {
	case d.queue <- p:
	case <-d.ctx.Done():
	}
}

// room takes room for some readings; any number has it where there are no others.
func (d *delivery) room(readings int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.held > 0 && d.held+readings > most {
		return false
	}
	d.held += readings
	return true
}

// free gives the room of a load back.
func (d *delivery) free(load []parcel) {
	d.mu.Lock()
	for i := range load {
		d.held -= load[i].readings()
	}
	d.mu.Unlock()
	select {
	case d.freed <- struct{}{}:
	default: // told already
	}
}

// then does something once everything put before is safe.
func (d *delivery) then(f func() error) { d.put(parcel{then: f}) }

// settled waits until everything put before is safe, or given up.
func (d *delivery) settled() {
	done := make(chan struct{})
	d.then(func() error { close(done); return nil })
	select {
	case <-done:
	case <-d.ctx.Done():
	}
}

// close waits until everything is safe, or given up.
func (d *delivery) close() {
	close(d.queue)
	d.end.Wait()
}

// away is the time until a target that is away is tried again.
var away = retry.Backoff{First: time.Second, Most: time.Minute}

// await does something with a target. One that is away is waited for, however
// long; the error is one that does not pass by itself, or the end of ctx.
func (w *run) await(ctx context.Context, to *Profile, do func() error) error {
	for pause := away.First; ; pause = away.Next(pause) {
		err := do()
		if err == nil || errors.Is(err, exporter.ErrNeedsPerson) || ctx.Err() != nil {
			return err
		}
		w.obstacle(to, err)
		if err := w.Pause(ctx, pause); err != nil {
			return err
		}
	}
}

// carry hands over what goes to one target; an error ends the run.
func (d *delivery) carry(load []parcel) error {
	to := load[0].to
	batches := make([]exporter.Batch, len(load))
	for i, p := range load {
		batches[i] = p.batch
	}
	if to != nil {
		if err := d.run.await(d.ctx, to, func() error { return to.Target.Put(d.ctx, batches...) }); err != nil {
			return err
		}
	}
	return d.settle(load)
}

// first leaves out of a batch the records that were counted before: after a
// database has lost or refused much, all of them come as changes and in pages.
func (d *delivery) first(p *parcel, b exporter.Batch) exporter.Batch {
	b.Records = slices.DeleteFunc(slices.Clone(b.Records), func(r exporter.Record) bool {
		id := strings.Join([]string{p.to.Name, string(b.Service), r.ID}, "|")
		counted := d.news[id]
		if p.news && !counted && len(r.Readings) > 0 {
			d.news[id] = true
		}
		return counted
	})
	return b
}

// settle records that a load is safe.
func (d *delivery) settle(load []parcel) error {
	covered := map[exporter.Service]exporter.Spans{}
	for _, p := range load {
		if p.to != nil {
			taken := p.to.Target.Taken(p.batch)
			d.run.summary.Add(d.first(&p, taken))
		}
		for _, span := range p.covered {
			covered[p.batch.Service] = covered[p.batch.Service].Add(span)
		}
	}
	for _, p := range load {
		if p.to == nil || d.run.Now().Sub(p.asked) <= stale {
			continue
		}
		// It waited for the target while somebody else may have written what
		// changed since: that is to be written once more.
		err := p.to.Target.Advance(p.batch.Service, func(is *exporter.Progress) {
			if is.Updated.After(p.asked) {
				is.Updated = p.asked
			}
		})
		if err != nil {
			return err
		}
	}
	for service, spans := range covered {
		for _, span := range spans {
			if err := load[0].to.Target.Cover(service, span); err != nil {
				return err
			}
		}
	}
	if last := load[len(load)-1]; last.then != nil {
		return last.then()
	}
	return nil
}
