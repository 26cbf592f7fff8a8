package daemon

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
)

// TestGaugesAreTheTruthWhateverTheAPIDoes compares every measure gauge with
// what the simulator knows, for every way in which the reference leaves the API
// open, at once and after days of weigh-ins, corrections and late arrivals.
func TestGaugesAreTheTruthWhateverTheAPIDoes(t *testing.T) {
	for _, c := range testrun.Few([]struct {
		name     string
		switches simulator.Switches
	}{
		{"as it most likely is", simulator.Switches{}},
		{"oldest first, small pages", simulator.Switches{Order: simulator.OldestFirst, Pages: simulator.Pages{Measures: 15, Activity: 6, Workouts: 4, Sleep: 6}}},
		{"shuffled, small pages", simulator.Switches{Order: simulator.Shuffled, Pages: simulator.Pages{Measures: 23, Activity: 9, Workouts: 7, Sleep: 4}}},
		{"one page", simulator.Switches{Pages: simulator.Pages{Measures: simulator.Unlimited, Activity: simulator.Unlimited, Sleep: simulator.Unlimited}}},
		{"lastupdate inclusive", simulator.Switches{LastUpdateInclusive: true}},
		{"tombstones", simulator.Switches{KeepTombstones: true}},
		{"no call without dates", simulator.Switches{RefuseNoDates: true}},
		{"old access token dies", simulator.Switches{OldAccessTokenDies: true}},
		{"limiter with fixed window that counts token calls", simulator.Switches{Limiter: simulator.Limiter{Window: simulator.FixedWindow, CountTokenCalls: true}}},
		{"stray offset on activity", simulator.Switches{StrayActivityOffset: true}},
		{"undocumented sleep fields refused", simulator.Switches{SleepExtras: simulator.RefuseExtras}},
		{"undocumented sleep fields served", simulator.Switches{SleepExtras: simulator.ServeExtras}},
	}) {
		t.Run(c.name, func(t *testing.T) {
			stage.InWorldPolled(t, 20*time.Minute, c.switches, func(w *stage.World) {
				w.Pass(6 * time.Minute) // small pages take a while within the rate limit
				truthful(w)
				anna, now := w.ID("Anna"), w.Sim.Now()
				groups := w.Sim.Measures(anna, now.AddDate(0, 0, -25), now)
				last := lastWeighIn(w.T, groups)
				w.Try(w.Sim.CorrectGroup(anna, last.ID, 1, 70123, -3))
				w.Pass(time.Hour + 25*time.Minute) // what people type in
				truthful(w)
				w.Try(w.Sim.DeleteGroup(anna, last.ID))
				w.Pass(6*time.Hour + 45*time.Minute) // the last weeks are read again
				truthful(w)
				_, err := w.Sim.WeighAmbiguous(anna, 55_000)
				w.Try(err)
				_, err = w.Sim.AddGroup(anna, simulator.Group{Attrib: 2, Category: 1, Date: now.AddDate(0, 0, -40).Unix(),
					Measures: []simulator.Measure{{Type: 1, Value: 7911, Unit: -2, Position: simulator.NoPosition}}})
				w.Try(err)
				w.Pass(time.Duration(testrun.Scale(2, 25)) * time.Hour)
				truthful(w)
			})
		})
	}
}

// lastWeighIn is the newest group with a weight that certainly is the person's.
func lastWeighIn(t *testing.T, groups []simulator.Group) simulator.Group {
	for _, group := range slices.Backward(groups) {
		for _, m := range group.Measures {
			if m.Type == 1 && group.Attrib == 0 && group.Category == 1 {
				return group
			}
		}
	}
	t.Fatal("there is no weigh-in")
	return simulator.Group{}
}

// truthful compares every measure of everybody with the simulator's own records.
func truthful(w *stage.World) {
	w.T.Helper()
	shown := w.Series()
	for _, p := range w.Sim.People() {
		want := measures(w, p)
		for name, value := range want {
			if got, ok := shown[name]; !ok || got != value {
				w.T.Errorf("%s: %s is %v (shown: %v), want %v", w.Sim.Now().Format(time.DateTime), name, got, ok, value)
			}
		}
		for name := range shown {
			m := exporter.ByName(strings.TrimPrefix(strings.SplitN(name, "{", 2)[0], exporter.Prefix))
			if _, ok := want[name]; !ok && m != nil && m.Service == exporter.Measure && strings.Contains(name, "profile="+p.Name+"}") {
				w.T.Errorf("%s: %s is shown, and %s has no such reading", w.Sim.Now().Format(time.DateTime), name, p.Name)
			}
		}
	}
}

// measures is what must be shown of a person's measures: of each type and
// position the latest by date, derived without the code under test.
func measures(w *stage.World, p simulator.Person) map[string]float64 {
	type key struct{ kind, position int }
	type latest struct {
		group simulator.Group
		m     simulator.Measure
	}
	newest := map[key]latest{}
	for _, g := range w.Sim.Measures(p.ID, time.Unix(1, 0), w.Sim.Now()) {
		if g.Category != 1 || g.Attrib == 1 || g.Inconclusive == 2 {
			continue
		}
		for _, m := range g.Measures {
			k := key{m.Type, m.Position}
			if m.Position == 6 || m.Position == 7 {
				k.position = simulator.NoPosition
			}
			is, ok := newest[k]
			later := g.Date > is.group.Date || g.Date == is.group.Date &&
				(g.Modified > is.group.Modified || g.Modified == is.group.Modified && g.ID >= is.group.ID)
			if !ok || later {
				newest[k] = latest{g, m}
			}
		}
	}
	want := map[string]float64{}
	for k, l := range newest {
		row := exporter.ByOrigin(exporter.Measure, strconv.Itoa(k.kind))
		if row == nil {
			want[fmt.Sprintf("withings_unknown_measure{profile=%s,type=%d}", p.Name, k.kind)] = l.m.Real()
			continue
		}
		if l.m.Value == 0 && row.Present {
			continue
		}
		labels := "profile=" + p.Name
		if position := map[int]string{2: "right_arm", 3: "left_arm", 4: "right_foot", 5: "left_foot", 10: "left_leg", 11: "right_leg", 12: "torso", 1: "left_wrist", 0: "right_wrist"}[k.position]; position != "" {
			labels = "position=" + position + "," + labels
		}
		want[row.FullName()+"{"+labels+"}"] = scaled(l.m, row)
	}
	return want
}

// scaled is a measure in the unit of its row: the number that a person would
// write down, correctly rounded once.
func scaled(m simulator.Measure, row *exporter.Metric) float64 {
	value, power := m.Value*max(row.Factor, 1), m.Unit+row.Power
	if power >= 0 {
		return float64(value) * math.Pow10(power)
	}
	return float64(value) / math.Pow10(-power)
}
