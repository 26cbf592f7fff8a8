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

// delivery writes batches to their targets in order, while the next pages are fetched.
// Batches that wait meanwhile are written together.
type delivery struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	run    *run
	queue  chan item
	end    sync.WaitGroup

	news map[string]bool // records that came as changes, to count them once; for the goroutine that writes

	freed chan struct{} // holds one element if there is room again
	mu    sync.Mutex    // guards what follows
	held  int           // readings that wait or are being written
}

// item is a batch for a target, and what to do once it is safe.
type item struct {
	to      *Profile
	batch   exporter.Batch
	news    bool            // changes, which pages may contain again
	covered []exporter.Span // of its service, by this batch and those before
	asked   time.Time       // when it was requested
	then    func() error    // may be nil
}

// stale is how long after its request a batch can be written and still be the newest:
// every fetch of changes goes a little further back than that.
const stale = 10 * time.Minute

const (
	// enough is how many readings are written without waiting for more: they are about
	// 4,000 lines, and databases recommend 5,000 at once.
	enough = 16_000
	// most is how many readings may wait for a target that is slower than Withings,
	// including those being written: it bounds the memory.
	most = 3 * enough / 2
	// waiting is how many batches may wait, of which some have no readings.
	waiting = 16
)

// deliver begins to write; close ends it.
func deliver(ctx context.Context, cancel context.CancelCauseFunc, w *run) *delivery {
	d := &delivery{ctx: ctx, cancel: cancel, run: w, queue: make(chan item, waiting), freed: make(chan struct{}, 1), news: map[string]bool{}}
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

// gather takes the first item and those behind it that can be written together with
// it, without waiting for any. It returns the one that cannot, with which the next load
// begins, and no load at the end of the queue.
func (d *delivery) gather(first *item) (load []item, next *item) {
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

func (p *item) readings() (n int) {
	for i := range p.batch.Records {
		n += len(p.batch.Records[i].Readings)
	}
	return n
}

// put queues an item, once there is room for it. Only one goroutine may call it.
func (d *delivery) put(p item) {
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

// room reserves room for some readings; without others there is room for any number.
func (d *delivery) room(readings int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.held > 0 && d.held+readings > most {
		return false
	}
	d.held += readings
	return true
}

// free releases the room of a load.
func (d *delivery) free(load []item) {
	d.mu.Lock()
	for i := range load {
		d.held -= load[i].readings()
	}
	d.mu.Unlock()
	select {
	case d.freed <- struct{}{}:
	default: // there is one already
	}
}

// then does something once everything put before is safe.
func (d *delivery) then(f func() error) { d.put(item{then: f}) }

// settled waits until everything put before is safe, or has failed.
func (d *delivery) settled() {
	done := make(chan struct{})
	d.then(func() error { close(done); return nil })
	select {
	case <-done:
	case <-d.ctx.Done():
	}
}

// close waits until everything is safe, or has failed.
func (d *delivery) close() {
	close(d.queue)
	d.end.Wait()
}

// away is the delay until a target that does not respond is tried again.
var away = retry.Backoff{First: time.Second, Most: time.Minute}

// await does something with a target and tries again for as long as it does not
// respond. The error is one that does not pass by itself, or the end of ctx.
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

// carry writes a load to its target; an error ends the run.
func (d *delivery) carry(load []item) error {
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

// first removes the records of a batch that were counted before: after a database has
// lost or rejected much, records come both as changes and in pages.
func (d *delivery) first(p *item, b exporter.Batch) exporter.Batch {
	if b.Service.Row().Minutes { // they never come as changes
		return b
	}
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
func (d *delivery) settle(load []item) error {
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
		// While it waited, serve may have written later changes, which must be
		// written again.
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
