package backfill

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// TestWhatDidNotArriveIsNoRequest cuts Withings off for two tries in the middle, and has it refuse one.
func TestWhatDidNotArriveIsNoRequest(t *testing.T) {
	c, s := newCloud(400, 24*time.Hour, 50, exporter.Sleep), newShelf()
	lost := 0
	c.fail = func(n int) error {
		switch {
		case n < 3, n > 8 && n < 11:
			lost++
			return fmt.Errorf("cannot reach Withings: %w", exporter.ErrUnreachable)
		case n == 11:
			return errors.New("busy")
		}
		return nil
	}
	r := &Run{Span: forever, Now: func() time.Time { return now }, Pause: func(context.Context, time.Duration) error { return nil }}
	summary, err := r.Do(t.Context(), []*Profile{{Name: "Anna", Source: torn{c}, Target: s, Asked: []exporter.Service{exporter.Sleep}}})
	if err != nil {
		t.Fatal(err)
	}
	if lost != 4 || summary.Requests != c.requests-lost {
		t.Errorf("%d requests are counted of %d, of which %d did not arrive", summary.Requests, c.requests, lost)
	}
}

// torn is a cloud that hands on what it has of an answer, also when that is nothing.
type torn struct{ *cloud }

func (c torn) Fetch(ctx context.Context, s exporter.Service, p exporter.Progress, apply func(exporter.Batch)) (exporter.Fetched, error) {
	fetched, err := c.cloud.Fetch(ctx, s, p, apply)
	if err != nil {
		apply(exporter.Batch{Service: s})
	}
	return fetched, err
}
