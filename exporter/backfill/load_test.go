package backfill

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// heap is a delivery that nothing is taken from but by the test.
func heap() *delivery {
	return &delivery{ctx: context.Background(), came: make(chan struct{}, 1), freed: make(chan struct{}, 1)}
}

// pageOf is an item with a record a day back from a day before now, which covers them.
func pageOf(to *Profile, service exporter.Service, first, records, readings int) item {
	b := exporter.Batch{Service: service}
	for i := range records {
		at := now.AddDate(0, 0, -first-i)
		b.Records = append(b.Records, exporter.Record{Service: service, ID: strconv.Itoa(first + i), Start: at, Readings: make([]exporter.Reading, readings)})
	}
	oldest := now.AddDate(0, 0, -first-records+1)
	return item{to: to, batch: b, covered: []exporter.Span{{From: oldest, To: now.AddDate(0, 0, -first).Add(time.Second)}}}
}

// TestOfManyWaitingRecordsTheNewestAreWrittenFirst, of all services together.
func TestOfManyWaitingRecordsTheNewestAreWrittenFirst(t *testing.T) {
	d, anna := heap(), &Profile{Name: "Anna"}
	d.put(pageOf(anna, exporter.Measure, 0, 1000, 20)) // 24,000
	d.put(pageOf(anna, exporter.Sleep, 0, 1000, 40))   // 44,000
	load := d.take()
	ends := map[exporter.Service]int{}
	weight := 0
	for _, p := range load {
		weight += p.weight
		ends[p.batch.Service] = len(p.batch.Records)
		if len(p.covered) > 0 {
			t.Errorf("%s is covered although half of it still waits", p.batch.Service)
		}
	}
	if weight < enough || weight > enough+100 || ends[exporter.Measure] != ends[exporter.Sleep] {
		t.Errorf("a load weighs %d and has records %v, want about %d and as many of each", weight, ends, enough)
	}
	if d.free(load); d.held != 24_000+44_000+2*itemWeight-weight {
		t.Errorf("what waits weighs %d", d.held)
	}
	load = d.take()
	if len(load) != 2 || len(load[0].covered) != 1 || len(load[1].covered) != 1 || len(load[0].batch.Records) != 1000-ends[exporter.Measure] {
		t.Errorf("the rest is not in the second load, or covers nothing: %d items", len(load))
	}
	if d.free(load); d.held != 0 || len(d.queue) > 0 {
		t.Errorf("%d is held by nothing", d.held)
	}
}

// TestNothingIsCoveredBeforeWhatCameBefore has lists whose pages are in any order: a page
// covers those before it, which have what is older.
func TestNothingIsCoveredBeforeWhatCameBefore(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 15))
		d, people := heap(), []*Profile{{Name: "Anna"}, {Name: "Ben"}}
		services := []exporter.Service{exporter.Measure, exporter.Activity, exporter.Sleep}
		put, written := map[string]int{}, map[string]int{}
		after, order := 0, []int{}
		key := func(p *item) string { return p.to.Name + string(p.batch.Service) }
		settle := func(load []item) {
			for i := range load {
				p := &load[i]
				if p.then != nil {
					_ = p.then()
					continue
				}
				if p.to != load[0].to {
					t.Fatalf("seed %d: a load has two targets", seed)
				}
				written[key(p)] += len(p.batch.Records)
			}
			for i := range load {
				p := &load[i]
				for _, is := range p.covered { // it says how many records it and those before have
					if n := int(is.To.Sub(is.From)); written[key(p)] < n {
						t.Fatalf("seed %d: %d records of %s are covered, but %d written", seed, n, key(p), written[key(p)])
					}
				}
			}
			d.free(load)
		}
		for range 40 {
			p := pageOf(people[r.IntN(2)], services[r.IntN(3)], r.IntN(3000), 1+r.IntN(300), 1+r.IntN(60))
			put[key(&p)] += len(p.batch.Records)
			p.covered = []exporter.Span{{From: now, To: now.Add(time.Duration(put[key(&p)]))}}
			for d.held > 0 && (d.held+p.weight+30_000 > most || len(d.queue) >= waiting-2) {
				settle(d.take())
			}
			d.put(p)
			if r.IntN(8) == 0 {
				n, all := after, 0
				for _, records := range put {
					all += records
				}
				after++
				d.then(func() error {
					safe := 0
					for _, records := range written {
						safe += records
					}
					if order = append(order, n); safe < all {
						t.Errorf("seed %d: something is done after %d records, want %d", seed, safe, all)
					}
					return nil
				})
			}
		}
		for load := d.take(); len(load) > 0; load = d.take() {
			settle(load)
		}
		if fmt.Sprint(put) != fmt.Sprint(written) || d.held != 0 || len(order) != after || !slices.IsSorted(order) {
			t.Errorf("seed %d: put were %v, written %v, %d is held, done afterwards %v of %d", seed, put, written, d.held, order, after)
		}
	}
}

// TestVersionsOfADateStayInOrder: a later page completes what is known of a date.
func TestVersionsOfADateStayInOrder(t *testing.T) {
	d, anna := heap(), &Profile{Name: "Anna"}
	version := func(at time.Time, score int64) item {
		p := pageOf(anna, exporter.Sleep, 100, 1000, 40)
		r := &p.batch.Records[500]
		*r = exporter.Record{Service: exporter.Sleep, ID: "one", Date: r.Start.Format(time.DateOnly), Start: at,
			Readings: []exporter.Reading{{Metric: exporter.ByName("sleep_score"), Value: exporter.Integer(score)}}}
		return p
	}
	d.put(version(now.AddDate(0, 0, -1000), 70)) // both are of the same date, whatever they say of the time
	d.put(version(now.AddDate(0, 0, -101), 80))
	var came []string
	for load := d.take(); len(load) > 0; load = d.take() {
		for _, p := range load {
			for _, r := range p.batch.Records {
				if r.ID == "one" {
					came = append(came, r.Readings[0].Value.String())
				}
			}
		}
		d.free(load)
	}
	if !slices.Equal(came, []string{"70", "80"}) {
		t.Errorf("the versions came as %v", came)
	}
}

func (s *shelf) Cover(ctx context.Context, safe map[exporter.Service]exporter.Spans, move func(exporter.Service, *exporter.Progress), batches ...exporter.Batch) error {
	if err := s.Put(ctx, batches...); err != nil {
		return err
	}
	for _, b := range batches {
		moved := s.Progress(b.Service)
		if move(b.Service, &moved); moved.Equal(s.Progress(b.Service)) {
			continue
		}
		if err := s.Advance(b.Service, func(is *exporter.Progress) { *is = moved }); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for service, spans := range safe {
		s.covered[service] = s.covered[service].AddAll(spans)
	}
	return nil
}
