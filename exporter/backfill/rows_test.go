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
