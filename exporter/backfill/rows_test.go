package backfill

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// TestAServiceThatThePersonDidNotAllowIsNotAsked leaves out one with a past, and one
// of which there is none.
func TestAServiceThatThePersonDidNotAllowIsNotAsked(t *testing.T) {
	c, s := newCloud(1000, 10*time.Hour, 100, exporter.Measure, exporter.Sleep), newShelf()
	c.failing = exporter.Sleep // as Withings answers it
	r := &Run{Span: forever, Now: func() time.Time { return now }, Pause: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	_, err := r.Do(t.Context(), []*Profile{{Name: "Anna", Source: c, Target: s, Asked: []exporter.Service{exporter.Measure}}})
	if err != nil {
		t.Errorf("error %v", err)
	}
	if i := slices.IndexFunc(c.asked, func(asked string) bool { return !strings.HasPrefix(asked, "measure ") }); i >= 0 {
		t.Errorf("asked for %q", c.asked[i])
	}
	delete(c.records, exporter.Sleep)
	whole(t, c, s)
}

// TestARowWithoutADateEndsNoHistory has one in the middle of it, known by its id
// alone, as Withings' malformed rows are.
func TestARowWithoutADateEndsNoHistory(t *testing.T) {
	for at := 0; at < 1000; at += 7 { // some of them are the last of a page
		c, s := newCloud(1000, 10*time.Hour, 100, exporter.Measure, exporter.Sleep), newShelf()
		for service, records := range c.records {
			records[at] = exporter.Record{Service: service, ID: "damaged", Damaged: true}
			c.undated = true
			c.records[service] = records
		}
		if err := bring(t.Context(), c, s, forever); err != nil {
			t.Errorf("row %d: %v", at, err)
		}
		for service, records := range c.records {
			c.records[service] = slices.DeleteFunc(records, func(r exporter.Record) bool { return r.Start.IsZero() })
		}
		whole(t, c, s)
	}
}

// TestManyPointsThatAreMissingCostFewRequests is a target that refused a point here
// and there: what lies between them is read along, a year that is there is not.
func TestManyPointsThatAreMissingCostFewRequests(t *testing.T) {
	for _, at := range []struct {
		name string
		hole func(record int) bool // which of the records, the newest first, are missing
		most int                   // requests
	}{
		{"every second one", func(i int) bool { return i%2 == 0 }, 12},
		{"all of a quarter of a year", func(i int) bool { return i > 300 && i < 400 }, 3},
		{"one", func(i int) bool { return i == 500 }, 1},
		{"two with a year between them", func(i int) bool { return i == 100 || i == 500 }, 2},
		{"none", func(int) bool { return false }, 0},
	} {
		t.Run(at.name, func(t *testing.T) {
			c, s := newCloud(1000, 24*time.Hour, 100, exporter.Measure), newShelf()
			covered := exporter.Spans{*exporter.Always()}
			for i, r := range c.records[exporter.Measure] {
				if at.hole(i) {
					covered = covered.Without(exporter.Span{From: r.Start, To: r.Start.Add(time.Second)})
				} else {
					s.has["measure "+r.ID]++
				}
			}
			s.covered[exporter.Measure] = covered
			for _, service := range exporter.Services() {
				s.progress[service] = exporter.Progress{Updated: now, Success: now}
				if service != exporter.Measure {
					s.covered[service] = exporter.Spans{*exporter.Always()}
				}
			}
			if err := bring(t.Context(), c, s, forever); err != nil {
				t.Fatal(err)
			}
			whole(t, c, s)
			if len(c.asked) > at.most {
				t.Errorf("asked %d times, want %d at most: %v", len(c.asked), at.most, c.asked)
			}
			if rest := s.Missing(exporter.Measure, forever); len(rest) > 0 {
				t.Errorf("%d spans are still missing", len(rest))
			}
		})
	}
}

// TestARecordThatComesTwiceIsCountedOnce has everything come as a change, and then
// in pages, as after a database has lost what it had.
func TestARecordThatComesTwiceIsCountedOnce(t *testing.T) {
	c, s := newCloud(1000, 10*time.Hour, 100, exporter.Measure, exporter.Sleep), newShelf()
	for _, service := range []exporter.Service{exporter.Measure, exporter.Sleep} {
		s.progress[service] = exporter.Progress{Updated: time.Unix(1, 0)}
	}
	r := &Run{Span: forever, Now: func() time.Time { return now }, Pause: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	summary, err := r.Do(t.Context(), []*Profile{{Name: "Anna", Source: c, Target: s}})
	if err != nil {
		t.Fatal(err)
	}
	whole(t, c, s)
	if s.has["measure 500"] < 2 {
		t.Error("the records came only once")
	}
	if all, sleep := summary.Records(), summary.Of(exporter.GroupSleep); all != 2000 || sleep.Readings != 1000 {
		t.Errorf("counted %d records, want 2000, and %d readings of sleep, want 1000", all, sleep.Readings)
	}
}
