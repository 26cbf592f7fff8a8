package backfill

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// minuteCloud is a cloud with a sample every hour of the last days, which notes the
// spans that it is asked for.
type minuteCloud struct {
	*cloud
	t     *testing.T
	spans []exporter.Span
}

func newMinuteCloud(t *testing.T, days int) *minuteCloud {
	c := newCloud(1, time.Hour, 10, exporter.Measure)
	for i := range 24 * days {
		at := now.Add(-time.Duration(24*days-i) * time.Hour) // the oldest first, as an object has them
		c.records[exporter.Night] = append(c.records[exporter.Night], exporter.Record{Service: exporter.Night, ID: at.Format("0102T15"), Start: at, End: at,
			Readings: []exporter.Reading{{Metric: exporter.ByName("sleep_minute_state"), Labels: "Aura Sensor V2", Value: exporter.Integer(1)}}})
	}
	c.size = 100_000
	return &minuteCloud{cloud: c, t: t}
}

func (c *minuteCloud) Page(ctx context.Context, s exporter.Service, span exporter.Span, offset int64) (exporter.Page, error) {
	if s.Row().Minutes {
		if span.To.Sub(span.From) > 24*time.Hour || offset != 0 {
			c.t.Errorf("asked for %s from offset %d", span.To.Sub(span.From), offset)
		}
		if s == exporter.Night {
			c.spans = append(c.spans, span)
		}
	}
	return c.cloud.Page(ctx, s, span, offset)
}

func (c *minuteCloud) Fetch(ctx context.Context, s exporter.Service, p exporter.Progress, apply func(exporter.Batch)) (exporter.Fetched, error) {
	if s.Row().Minutes {
		c.t.Errorf("%s has no cursor, and is asked for what is new", s)
	}
	return c.cloud.Fetch(ctx, s, p, apply)
}

func (c *minuteCloud) bring(s *shelf, minutes bool, span exporter.Span) error {
	r := &Run{Span: span, Now: func() time.Time { return now }, Pause: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	_, err := r.Do(c.t.Context(), []*Profile{{Name: "Anna", Source: c, Target: s, Minutes: minutes}})
	return err
}

func TestMinutesAreBroughtOnRequestADayAtATime(t *testing.T) {
	const days = 40
	span := exporter.Span{From: now.Add(-days * 24 * time.Hour), To: now}
	c, s := newMinuteCloud(t, days), newShelf()
	if err := c.bring(s, false, span); err != nil {
		t.Fatal(err)
	}
	if len(c.spans) > 0 || slices.ContainsFunc(c.asked, func(q string) bool { return strings.HasPrefix(q, "intraday") }) {
		t.Errorf("without being wanted, minutes are asked for %d times", len(c.spans))
	}
	if err := c.bring(s, true, span); err != nil {
		t.Fatal(err)
	}
	whole(t, c.cloud, s)
	if len(c.spans) != days || !c.spans[0].To.Equal(now) || !c.spans[days-1].From.Equal(span.From) {
		t.Errorf("nights are read in %d requests, from %v to %v, want one a day, the newest first", len(c.spans), c.spans[0], c.spans[len(c.spans)-1])
	}
	c.spans = nil
	if err := c.bring(s, true, span); err != nil || len(c.spans) > 0 {
		t.Errorf("a second time, %d are read again, error %v", len(c.spans), err)
	}
	hole := exporter.Span{From: now.Add(-20 * 24 * time.Hour), To: now.Add(-18 * 24 * time.Hour)}
	s.covered[exporter.Night] = s.covered[exporter.Night].Without(hole).Without(exporter.Span{From: now.Add(-24 * time.Hour), To: now})
	if err := c.bring(s, true, span); err != nil || len(c.spans) != 3 {
		t.Errorf("of three days that are missing, %d are read, error %v", len(c.spans), err)
	}
}
