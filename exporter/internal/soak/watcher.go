package soak

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/simulator"
)

// watcher is what a profile is fetched with. It passes everything on, and notes when the state has it.
type watcher struct {
	exporter.Fetcher
	now  func() time.Time
	user int64

	mu      sync.Mutex // guards what follows
	pending map[key][]pending
	newest  map[exporter.Service]int64 // minute that is expected, UNIX seconds
	fresh   map[string]*Freshness
	early   int
}

// key is a row: its service and what names it there.
type key struct {
	service exporter.Service
	name    string
}

// pending is a version of a row that has not been seen.
type pending struct {
	version int64 // UNIX seconds: when it was changed, or what the newest minute is
	at      time.Time
	group   string // in which it counts
}

// lists are the services of what the simulator lists.
var lists = map[simulator.List]exporter.Service{
	simulator.Measures: exporter.Measure, simulator.Objectives: exporter.Objective, simulator.Days: exporter.Activity,
	simulator.Samples: exporter.Intraday, simulator.Workouts: exporter.Workout, simulator.Nights: exporter.Sleep,
	simulator.Minutes: exporter.Night, simulator.Hearts: exporter.Heart, simulator.Sounds: exporter.Stetho,
}

// Manual is the group of what no device has sent: what people type in, what other apps deliver, and what Withings fills in.
const Manual = "manual"

// again marks the groups of what the server changes by itself later.
const again = " again"

// expect notes what will arrive.
func (w *watcher) expect(arrivals []simulator.Arrival) {
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.SortFunc(arrivals, func(a, b simulator.Arrival) int { return a.At.Compare(b.At) })
	for _, a := range arrivals {
		if a.Doubtful {
			continue
		}
		service := lists[a.List]
		k, one := key{service, strconv.FormatInt(a.ID, 10)}, pending{version: a.Modified, at: a.At, group: string(service)}
		switch {
		case a.Newest != 0:
			k.name, one.version = "", a.Newest
		case a.Date != "":
			k.name = a.Date
		case a.ID == 0:
			k.name = strconv.FormatInt(a.Start, 10)
		}
		if a.Again {
			one.group += again
		}
		if !a.Device {
			one.group = Manual
		}
		if a.Newest != 0 { // a synchronisation without a newer minute is none
			if a.Newest <= w.newest[service] {
				continue
			}
			w.newest[service] = a.Newest
		}
		w.pending[k] = append(w.pending[k], one)
	}
}

// Fetch implements exporter.Fetcher.
func (w *watcher) Fetch(ctx context.Context, service exporter.Service, p exporter.Progress, apply func(exporter.Batch)) (exporter.Fetched, error) {
	return w.Fetcher.Fetch(context.WithValue(ctx, asking{}, service), service, p, w.seeing(apply))
}

// Older implements exporter.Fetcher.
func (w *watcher) Older(ctx context.Context, service exporter.Service, p exporter.Progress, apply func(exporter.Batch)) (time.Time, error) {
	return w.Fetcher.Older(context.WithValue(ctx, asking{}, service), service, p, w.seeing(apply))
}

// seeing notes what an answer has once it has been taken in.
func (w *watcher) seeing(apply func(exporter.Batch)) func(exporter.Batch) {
	return func(b exporter.Batch) {
		apply(b)
		w.saw(b)
	}
}

func (w *watcher) saw(b exporter.Batch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now, newest := w.now(), int64(0)
	for i := range b.Records {
		r := &b.Records[i]
		k := key{b.Service, r.ID}
		switch b.Service {
		case exporter.Intraday, exporter.Night:
			newest = max(newest, r.Start.Unix())
			continue
		case exporter.Activity:
			k.name = r.Date
		case exporter.Heart, exporter.Stetho:
			k.name = strconv.FormatInt(r.Start.Unix(), 10)
		}
		version := r.Modified.Unix()
		if b.Service == exporter.Stetho && r.Modified.IsZero() { // its list does not say when a row was changed
			version = now.Unix()
		}
		w.shown(k, version, now)
	}
	if newest != 0 {
		w.shown(key{service: b.Service}, newest, now)
	}
}

// shown notes that a version of a row, and with it every earlier one, is shown.
func (w *watcher) shown(k key, version int64, now time.Time) {
	waiting, known := w.pending[k]
	if !known {
		return
	}
	waiting = slices.DeleteFunc(waiting, func(one pending) bool {
		if one.version > version {
			return false
		}
		if now.Before(one.at) {
			if k.name == "" { // the newest minute is the same as before
				return false
			}
			w.early++
		}
		if w.fresh[one.group] == nil {
			w.fresh[one.group] = &Freshness{}
		}
		w.fresh[one.group].add(now.Sub(one.at), one.at)
		return true
	})
	if len(waiting) == 0 {
		delete(w.pending, k)
	} else {
		w.pending[k] = waiting
	}
}

// grace is how long before the end something may have become readable without being shown.
const grace = time.Hour

// settle adds up what was shown, and says what was not.
func (w *watcher) settle(profile string, end time.Time, result *Result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	result.Early += w.early
	for group, fresh := range w.fresh {
		if result.Fresh[group] == nil {
			result.Fresh[group] = &Freshness{}
		}
		result.Fresh[group].join(fresh, profile)
	}
	for k, waiting := range w.pending {
		for _, one := range waiting {
			if one.at.Before(end.Add(-grace)) {
				result.Lost = append(result.Lost, fmt.Sprintf("%s: %s %s of %s (%s)", profile, k.service, k.name, one.at.Format(time.DateTime), one.group))
			}
		}
	}
}
