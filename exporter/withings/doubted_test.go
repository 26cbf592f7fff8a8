package withings

import (
	"slices"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// TestADoubtIsLookedIntoEveryHour has the sessions of devices tell when there is news, so
// that the last weeks are rarely read again. While an answer is doubted they are, so that
// the doubt ends soon after its reason, and what was deleted is believed after a day.
func TestADoubtIsLookedIntoEveryHour(t *testing.T) {
	for _, service := range []exporter.Service{exporter.Measure, exporter.Sleep, exporter.Workout, exporter.Objective} {
		for _, last := range []bool{false, true} {
			name := string(service) + ", for some hours"
			if last {
				name = string(service) + ", for good"
			}
			inBubble(t, name, func(t *testing.T) {
				home := aHousehold()
				all := home[service]
				for _, device := range home[exporter.Device] {
					device["last_session_date"] = float64(caseNow - 100)
				}
				h := newHouse(home)
				h.open(t)
				h.pass(11 * time.Minute)
				if !h.status.Condition().Sign.Known {
					t.Fatal("no session is known")
				}
				held := h.sink.count(service)
				h.list(service, nil)
				for waited := time.Duration(0); h.state.Progress(service).Doubted.IsZero(); waited += time.Minute {
					if waited > 13*time.Hour {
						t.Fatal("the empty answers are not doubted")
					}
					h.pass(time.Minute)
				}
				if last {
					h.pass(25*time.Hour + 15*time.Minute) // the first look after a day
					if n := h.sink.count(service); n != 0 {
						t.Errorf("the sink still has %d records, a day after the doubt began", n)
					}
					return
				}
				h.pass(3 * time.Hour)
				h.list(service, slices.Clone(all))
				h.pass(71 * time.Minute)
				if is := h.state.Progress(service).Doubt; is != (exporter.Doubt{}) {
					t.Errorf("all is listed again and %+v is doubted", is)
				}
				if n := h.sink.count(service); n != held {
					t.Errorf("the sink has %d records, want %d", n, held)
				}
			})
		}
	}
}
