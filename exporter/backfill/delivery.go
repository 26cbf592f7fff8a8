package backfill

import (
	"context"
	"errors"
	"sync"
	"time"

	"withings-exporter/exporter"
)

// delivery hands batches to their targets, one after the other and in order,
// while the next page is fetched.
type delivery struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	run    *run
	queue  chan parcel
	end    sync.WaitGroup
}

// parcel is a batch for a target, and what to do once it is safe.
type parcel struct {
	to    *Profile
	batch exporter.Batch
	then  func() error
}

// deliver begins to hand over; close ends it.
func deliver(ctx context.Context, cancel context.CancelCauseFunc, w *run) *delivery {
	d := &delivery{ctx: ctx, cancel: cancel, run: w, queue: make(chan parcel, 1)}
	d.end.Go(func() {
		for p := range d.queue {
			if ctx.Err() != nil {
				continue
			}
			if err := d.carry(p); err != nil && ctx.Err() == nil {
				cancel(err)
			}
		}
	})
	return d
}

func (d *delivery) put(to *Profile, b exporter.Batch, then func() error) {
	select {
	case d.queue <- parcel{to, b, then}:
	case <-d.ctx.Done():
	}
}

// then does something once everything put before is safe.
func (d *delivery) then(f func() error) { d.put(nil, exporter.Batch{}, f) }

// settled waits until everything put before is safe.
func (d *delivery) settled(ctx context.Context) error {
	done := make(chan struct{})
	d.then(func() error { close(done); return nil })
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// close waits until everything is safe, or given up.
func (d *delivery) close() {
	close(d.queue)
	d.end.Wait()
}

// longest is the longest pause before a target is tried again.
const longest = time.Minute

// carry hands one batch over. A target that is away is waited for, however long;
// one that somebody must mend ends the run.
func (d *delivery) carry(p parcel) error {
	pause := time.Second
	for p.to != nil {
		err := p.to.Target.Put(d.ctx, p.batch)
		if err == nil {
			d.run.summary.Add(p.batch)
			break
		}
		if errors.Is(err, exporter.ErrMend) || d.ctx.Err() != nil {
			return err
		}
		d.run.obstacle(p.to, err)
		if err := d.run.Pause(d.ctx, pause); err != nil {
			return err
		}
		pause = min(2*pause, longest)
	}
	if p.then != nil {
		return p.then()
	}
	return nil
}
