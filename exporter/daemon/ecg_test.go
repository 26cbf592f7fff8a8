package daemon

import (
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/web"
)

// ecgs are the series about the latest ECG, without the profile.
func ecgs(w *stage.World) map[string]float64 {
	all := map[string]float64{}
	for name, value := range w.Series() {
		if rest, ok := strings.CutPrefix(name, "withings_ecg_"); ok && !strings.Contains(rest, "interval") && !strings.Contains(rest, "class") {
			all[strings.TrimSuffix(rest, "{profile=Anna}")] = value
		}
	}
	return all
}

// shows compares them with those that must be there, all of one recording.
func shows(w *stage.World, when string, want map[string]float64) {
	w.T.Helper()
	got := ecgs(w)
	for name, value := range want {
		if is, ok := got[name]; !ok || is != value {
			w.T.Errorf("%s: %s is %v (there: %t), want %v", when, name, is, ok, value)
		}
	}
	if len(got) != len(want) {
		w.T.Errorf("%s: shown are %v, want %v", when, got, want)
	}
}

func TestTheLatestECGIsShownAsAWhole(t *testing.T) {
	for name, switches := range map[string]simulator.Switches{
		"without ecg": {}, "with an empty list for ecg, on small pages": {EmptyECG: true, Order: simulator.OldestFirst, Pages: simulator.Pages{Heart: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			stage.InWorldPolled(t, 5*time.Minute, switches, func(w *stage.World) {
				anna := w.ID("Anna")
				made := func(h simulator.Heart) (signal, at float64) {
					h.Timestamp = w.Sim.Now().Unix()
					id, err := w.Sim.AddRecording(anna, h)
					if err != nil {
						w.T.Fatal(err)
					}
					w.Pass(8 * time.Minute) // until the next poll sees that the watch has sent something, and until it can be read
					return float64(id), float64(h.Timestamp)
				}
				signal, at := made(simulator.Heart{Rate: 104, AFib: 1})
				fibrillation := map[string]float64{"recording_timestamp_seconds": at, "signal_id": signal, "result": 1, "heart_rate_beats_per_minute": 104}
				shows(w, "an ECG", fibrillation)

				_, at = made(simulator.Heart{})
				shows(w, "one that failed", map[string]float64{"recording_timestamp_seconds": at})

				// A watch that was away sends what it recorded three weeks ago: it is not the latest.
				_, err := w.Sim.AddRecording(anna, simulator.Heart{Rate: 60, Timestamp: w.Sim.Now().AddDate(0, 0, -21).Unix()})
				if err != nil {
					w.T.Fatal(err)
				}
				w.Pass(70 * time.Minute)
				shows(w, "an old one that comes late", map[string]float64{"recording_timestamp_seconds": at})

				signal, at = made(simulator.Heart{Rate: 61, AFib: 2})
				shows(w, "the next one", map[string]float64{"recording_timestamp_seconds": at, "signal_id": signal, "result": 2, "heart_rate_beats_per_minute": 61})

				w.Sim.Inject(simulator.Fault{UserID: anna, Action: "heart.list", Kind: simulator.FaultHTTP, Status: 502})
				w.Pass(3 * time.Hour)
				w.Sim.Clear()
				w.Pass(70 * time.Minute)
				shows(w, "after a failure", map[string]float64{"recording_timestamp_seconds": at, "signal_id": signal, "result": 2, "heart_rate_beats_per_minute": 61})
				if card := cardOf(w, "Anna"); !slices.ContainsFunc(card.Services, func(s web.Service) bool { return s.Name == "heart" && s.Err == "" }) {
					w.T.Errorf("the page shows %+v", card.Services)
				}
			})
		})
	}
}
