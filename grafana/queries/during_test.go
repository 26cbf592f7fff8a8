package queries

import (
	"testing"
	"time"
)

func TestAPanelMayShowATimeOfItsOwn(t *testing.T) {
	now := time.Date(2026, 8, 20, 10, 30, 0, 0, time.UTC)
	for _, c := range []struct{ own, shift, from, to string }{
		{"", "", "2025-08-20T10:30:00Z", "2026-08-20T10:30:00Z"},
		{"90d", "", "2026-05-22T10:30:00Z", "2026-08-20T10:30:00Z"},
		{"+90d", "", "2026-08-20T10:30:00Z", "2026-11-18T10:30:00Z"},
		{"180d", "0d+90d", "2026-05-22T10:30:00Z", "2026-11-18T10:30:00Z"},
		{"1h", "0y/y", "2026-01-01T00:00:00Z", "2026-12-31T23:59:59.999Z"},
		{"1h", "2y/y", "2024-01-01T00:00:00Z", "2024-12-31T23:59:59.999Z"},
	} {
		f, err := filler{from: now.AddDate(-1, 0, 0), to: now}.during(c.own, c.shift)
		from, to := f.from.Format(time.RFC3339Nano), f.to.Format(time.RFC3339Nano)
		if err != nil || from != c.from || to != c.to {
			t.Errorf("%q shifted by %q is from %s to %s (%v), want %s to %s", c.own, c.shift, from, to, err, c.from, c.to)
		}
	}
}
