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

// delivery writes batches to their targets while the next pages are fetched, those that
// wait together, and of many the newest first: databases store what is close in time
// much faster than what is spread over years.
type delivery struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	run    *run
	end    sync.WaitGroup

	news map[string]bool // records that came as changes, to count them once; for the goroutine that writes

	came  chan struct{} // holds one element if there is something new to write, or no more to come
	freed chan struct{} // holds one element if there is room again
	mu    sync.Mutex    // guards what follows
	queue []item        // in the order in which they came
	held  int           // weight of what waits or is being written
	ended bool          // no more will come
}

// item is a batch for a target, and what to do once it is safe.
type item struct {
	to      *Profile
	batch   exporter.Batch
	news    bool            // changes, which pages may contain again
	covered []exporter.Span // of its service, by this batch and those before
	asked   time.Time       // when it was requested
	then    func() error    // may be nil
	weight  int             // of what waits or is being written of it
}

// stale is how long after its request a batch can be written and still be the newest:
// every fetch of changes goes a little further back than that.
const stale = 10 * time.Minute

// Weights are about how much memory something takes: that of a reading is 1.
const (
	// recordWeight and itemWeight are those of a record and of a batch without what is
	// in it.
	recordWeight, itemWeight = 4, 500
	// enough is what is written at once: it has about 5,000 lines, as databases recommend.
	enough = 32_000
	// most is what may wait for a target that is slower than Withings, including what is
	// being written: it bounds the memory. A page of each service, which may reach back
	// for a year, has about 40,000.
	most = 3 * enough
	// waiting is how many batches may wait, so that few requests are in vain when a run is
	// interrupted.
	waiting = 16
)

// deliver begins to write; close ends it.
func deliver(ctx context.Context, cancel context.CancelCauseFunc, w *run) *delivery {
	d := &delivery{ctx: ctx, cancel: cancel, run: w, came: make(chan struct{}, 1), freed: make(chan struct{}, 1), news: map[string]bool{}}
	d.end.Go(func() {
		for load := d.gather(); len(load) > 0; load = d.gather() {
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

// gather waits for something to write and takes it; nothing at the end.
func (d *delivery) gather() []item {
	for {
		d.mu.Lock()
		load := d.take()
		ended := d.ended
		d.mu.Unlock()
		if len(load) > 0 || ended {
			return load
		}
		<-d.came
	}
}

// weightOf is the weight of a record with its readings.
func weightOf(r *exporter.Record) int { return recordWeight + len(r.Readings) }

// put queues an item, once there is room for it. Only one goroutine may call it.
func (d *delivery) put(p item) {
	p.weight = itemWeight
	for i := range p.batch.Records {
		p.weight += weightOf(&p.batch.Records[i])
	}
	for !d.enter(p) {
		select {
		case <-d.freed:
		case <-d.ctx.Done():
			return
		}
	}
	signal(d.came)
}

// enter queues an item if there is room for it; without others there is room for any.
func (d *delivery) enter(p item) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.held > 0 && (d.held+p.weight > most || len(d.queue) >= waiting) {
		return false
	}
	d.held += p.weight
	d.queue = append(d.queue, p)
	return true
}

// free releases the room of a load.
func (d *delivery) free(load []item) {
	d.mu.Lock()
	for i := range load {
		d.held -= load[i].weight
	}
	d.mu.Unlock()
	signal(d.freed)
}

// signal puts an element into a channel that has room for one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
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
	d.mu.Lock()
	d.ended = true
	d.mu.Unlock()
	signal(d.came)
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

// carry writes a load to its target and records that it is safe; an error ends the run.
func (d *delivery) carry(load []item) error {
	if to := load[0].to; to != nil {
		batches, safe := make([]exporter.Batch, len(load)), map[exporter.Service]exporter.Spans{}
		for i, p := range load {
			batches[i] = p.batch
			for _, span := range p.covered {
				safe[p.batch.Service] = safe[p.batch.Service].Add(span)
			}
		}
		move := func(service exporter.Service, is *exporter.Progress) { d.setBack(load, service, is) }
		refused := false
		err := d.run.await(d.ctx, to, func() error {
			err := to.Target.Cover(d.ctx, safe, move, batches...)
			refused = refused || d.ctx.Err() == nil
			return err
		})
		if err != nil {
			d.run.summary.Unkept = refused
			return err
		}
		for i := range load {
			d.run.summary.Add(d.first(&load[i], to.Target.Taken(load[i].batch)))
		}
	}
	if last := load[len(load)-1]; last.then != nil {
		return last.then()
	}
	return nil
}

// setBack sets the cursor of a service back to when what was written late was asked for:
// while it waited, serve may have written later changes, which must be written again.
func (d *delivery) setBack(load []item, service exporter.Service, is *exporter.Progress) {
	for i := range load {
		if p := &load[i]; p.batch.Service == service && d.run.Now().Sub(p.asked) > stale && is.Updated.After(p.asked) {
			is.Updated = p.asked
		}
	}
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
