package withings

import (
	"sync/atomic"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// TestARestartDoesNotMakePollsFrequent restarts the exporter an hour after the last weeks
// were read: what is asked rarely is asked once at the start, and then as rarely as before.
func TestARestartDoesNotMakePollsFrequent(t *testing.T) {
	for _, service := range []exporter.Service{exporter.Goal, exporter.Objective} {
		inBubble(t, string(service), func(t *testing.T) {
			home := aHousehold()
			for _, device := range home[exporter.Device] {
				device["last_session_date"] = float64(caseNow - 100)
			}
			h := newHouse(home)
			h.open(t)
			var count atomic.Int64
			h.when(service, func(asked) (string, bool) { count.Add(1); return "", false })
			h.pass(time.Hour)
			h.restart(t)
			h.pass(time.Minute)
			if count.Swap(0) == 0 {
				t.Error("it is not asked at the start")
			}
			const hours = 24
			h.pass(hours * time.Hour)
			n, most := int(count.Load()), int(hours*time.Hour/service.Row().Net)+1+2*hours/6 // and to read the last weeks again, which takes two requests
			if n == 0 || n > most {
				t.Errorf("%d requests within a day, want at most %d", n, most)
			}
			t.Logf("%d requests within a day, at most %d", n, most)
		})
	}
}
