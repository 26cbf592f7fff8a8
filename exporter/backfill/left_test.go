package backfill

import (
	"testing"
	"time"

	"withings-exporter/exporter"
)

func TestWhatIsLeftIsNotGuessedFromNothing(t *testing.T) {
	year := func(n int) time.Time { return now.AddDate(-n, 0, 0) }
	past := exporter.Span{From: time.Unix(1, 0), To: year(2)}
	for name, c := range map[string]struct {
		missing   []exporter.Span
		pages     int
		read      time.Duration
		beginning time.Time
		want      int
	}{
		"a gap of seconds was read":  {[]exporter.Span{past}, 1, 24 * time.Second, year(20), -1},
		"nothing was read":           {[]exporter.Span{past}, 0, 0, year(20), -1},
		"the beginning is not known": {[]exporter.Span{past}, 10, now.Sub(year(2)), time.Time{}, -1},
		"both are known":             {[]exporter.Span{past}, 10, now.Sub(year(2)), year(4), 11},
		"only a short gap":           {[]exporter.Span{{From: now.Add(-time.Minute), To: now}}, 0, 0, time.Time{}, 1},
		"nothing is missing":         {nil, 10, now.Sub(year(2)), year(4), 0},
	} {
		track := &track{service: exporter.Measure, missing: c.missing, pages: c.pages, read: c.read}
		if got := track.left(c.beginning); got < c.want-1 || got > c.want || c.want <= 1 && got != c.want {
			t.Errorf("%s: %d pages are left, want %d", name, got, c.want)
		}
	}
}
