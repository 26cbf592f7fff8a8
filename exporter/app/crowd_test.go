package app

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/simulator"
)

func TestProfilesThatDoNotFitAreToldWithFigures(t *testing.T) {
	services := len(exporter.Services())
	for _, c := range []struct {
		name    string
		crowd   crowd
		says    []string // nothing: they fit
		without string
	}{
		{"52 in five minutes", crowd{52, services, 5 * time.Minute, 100}, nil, ""},
		{"53 in five minutes", crowd{53, services, 5 * time.Minute, 100}, nil, ""},
		{"54 in five minutes", crowd{54, services, 5 * time.Minute, 100},
			[]string{"54 profiles cannot be polled every 5m:", "76 requests a minute, 7 a poll", "--api.rate-limit=100 lets 75 a minute", "53 profiles fit", "--poll-interval=6m"}, "m0s"},
		{"54 in six minutes, as it says", crowd{54, services, 6 * time.Minute, 100}, nil, ""},
		{"500 in five minutes", crowd{500, services, 5 * time.Minute, 100},
			[]string{"500 profiles", "700 requests a minute", "53 profiles fit", "--poll-interval=47m"}, ""},
		{"500 in 47 minutes, as it says", crowd{500, services, 47 * time.Minute, 100}, nil, ""},
		{"500 in 46 minutes", crowd{500, services, 46 * time.Minute, 100}, []string{"--poll-interval=47m"}, ""},
		{"500 with fewer services", crowd{500, 2, 14 * time.Minute, 100}, nil, ""},
		{"3 every ten seconds", crowd{3, services, 10 * time.Second, 100}, []string{"3 profiles cannot be polled every 10s", "1 profile fits", "--poll-interval=1m"}, "profiles fit"},
		{"1 every ten seconds with a rate of 4", crowd{1, services, 10 * time.Second, 4}, []string{"1 profile cannot", "no profile fits", "--poll-interval=3m"}, ""},
		{"a thousand with hours between", crowd{10_000, services, time.Hour, 100}, []string{"every 1h:", "--poll-interval=15h34m"}, "1h0m"},
		{"nobody", crowd{0, services, 5 * time.Minute, 100}, nil, ""},
		{"a command that does not poll", crowd{500, services, 0, 100}, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := c.crowd.remark()
			if (got == "") != (len(c.says) == 0) {
				t.Fatalf("got %q", got)
			}
			for _, want := range c.says {
				if !strings.Contains(got, want) {
					t.Errorf("got %q, want %q in it", got, want)
				}
			}
			if c.without != "" && strings.Contains(got, c.without) {
				t.Errorf("got %q, want no %q in it", got, c.without)
			}
		})
	}
}

// TestOnlyServicesThatAreAskedCount has three people who fit with one service each.
func TestOnlyServicesThatAreAskedCount(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dir, simulator.Switches{})
		w.settings.RateLimit = 2
		w.settings.Services = []string{"measure"}
		w.start()
		defer func() { w.home.halt() }()
		if got := w.log.String(); strings.Contains(got, "do not fit") {
			t.Errorf("logged %s", got)
		}
	})
}

func TestProfilesThatDoNotFitAreToldInLogOnThePageAndByCheck(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dir, simulator.Switches{})
		w.settings.RateLimit = 2 // three people, 21 requests in five minutes
		const want = "3 profiles cannot be polled every 5m"
		var report strings.Builder
		_ = Check(t.Context(), w.settings, &report) // which finds nothing else
		if got := report.String(); !strings.Contains(got, "note  poll interval: "+want) {
			t.Errorf("check says %q", got)
		}
		w.start()
		defer w.home.halt()
		if log := w.log.String(); !strings.Contains(log, "level=WARN") || !strings.Contains(log, want) {
			t.Errorf("the log says %q", log)
		}
		if notes := page(w.home, w.sim.Now(), w.sim.Now()).Notes; len(notes) != 1 || !strings.HasPrefix(notes[0], want) {
			t.Errorf("the page says %q", notes)
		}
		w.home.halt()
		w.settings.RateLimit = 100
		if err := w.home.load(w.settings); err != nil {
			t.Fatal(err)
		}
		if notes := page(w.home, w.sim.Now(), w.sim.Now()).Notes; len(notes) != 0 {
			t.Errorf("with room for everybody the page says %q", notes)
		}
	})
}
