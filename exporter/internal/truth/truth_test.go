package truth

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/simulator"
)

var (
	now = time.Date(2026, time.July, 15, 18, 30, 0, 0, time.UTC)
	// old is long before anybody's history: there is only what a test adds.
	old = time.Date(2001, time.May, 5, 12, 0, 0, 0, time.UTC)
)

func newCloud() *simulator.Cloud {
	return simulator.New(simulator.Options{Years: 1, Start: now, Now: func() time.Time { return now }})
}

// told writes points in a short form: field, own tag and value.
func told(points []tally.Point) []string {
	var lines []string
	for _, p := range points {
		line := p.Field
		for name, value := range p.Tags {
			if name != "profile" {
				line += fmt.Sprintf("{%s=%s}", name, value)
			}
		}
		lines = append(lines, line+" "+tally.Text(p.Value))
	}
	slices.Sort(lines)
	return lines
}

func measure(kind, unit int, value int64, position int) simulator.Measure {
	return simulator.Measure{Type: kind, Unit: unit, Value: value, Position: position}
}

func TestAMeasureGroupSaysWhatTheReferenceSays(t *testing.T) {
	const whole = simulator.NoPosition
	weight := []simulator.Measure{measure(1, -3, 70123, whole)}
	for _, c := range []struct {
		name    string
		group   simulator.Group
		options []Option
		want    []string
	}{
		{"a weight in grams", simulator.Group{Measures: weight}, nil, []string{"weight_grams 70123"}},
		{"a ratio from percent", simulator.Group{Measures: []simulator.Measure{measure(6, -1, 268, whole)}}, nil, []string{"fat_ratio 0.268"}},
		{"joules from kilocalories", simulator.Group{Measures: []simulator.Measure{measure(226, 0, 1700, 7)}}, nil, []string{"basal_metabolic_rate_joules_per_day 7112800"}},
		{"segments by position", simulator.Group{Measures: []simulator.Measure{measure(174, -2, 712, 12), measure(174, -2, 130, 3)}}, nil,
			[]string{"segment_fat_mass_grams{position=left_arm} 1300", "segment_fat_mass_grams{position=torso} 7120"}},
		{"whole body by code 6 and 7", simulator.Group{Measures: []simulator.Measure{measure(168, -2, 2100, 6), measure(169, -2, 3000, 7)}}, nil,
			[]string{"extracellular_water_grams 21000", "intracellular_water_grams 30000"}},
		{"a type twice: the last", simulator.Group{Measures: []simulator.Measure{measure(5, -2, 5000, 7), measure(5, -2, 5001, whole)}}, nil, []string{"fat_free_mass_grams 50010"}},
		{"a fat mass of nothing", simulator.Group{Attrib: 2, Measures: []simulator.Measure{measure(8, -2, 0, whole), measure(6, -3, 0, whole)}}, nil, nil},
		{"a class of 0 counts", simulator.Group{Measures: []simulator.Measure{measure(130, 0, 0, whole)}}, nil, []string{"ecg_atrial_fibrillation_class 0"}},
		{"a type nobody knows, as sent", simulator.Group{Measures: []simulator.Measure{measure(9009, -1, -5, 12)}}, nil, []string{"unknown_measure{type=9009} -0.5"}},
		{"ambiguous", simulator.Group{Attrib: 1, Measures: weight}, nil, nil},
		{"ambiguous, and wanted", simulator.Group{Attrib: 1, Measures: weight}, []Option{Ambiguous}, []string{"weight_grams 70123"}},
		{"an attribution nobody knows", simulator.Group{Attrib: 10009, Measures: weight}, nil, []string{"weight_grams 70123"}},
		{"inconclusive", simulator.Group{Inconclusive: 2, Measures: weight}, nil, nil},
		{"conclusive, told so", simulator.Group{Inconclusive: 1, Measures: weight}, nil, []string{"weight_grams 70123"}},
		{"an objective", simulator.Group{Category: 2, Measures: append(weight, measure(9, 0, 80, whole))}, nil, []string{"objective_weight_grams 70123"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sim := newCloud()
			anna := sim.People()[0]
			c.group.Date = old.Unix()
			if _, err := sim.AddGroup(anna.ID, c.group); err != nil {
				t.Fatal(err)
			}
			if got := told(Points(sim, anna, time.Time{}, old.AddDate(1, 0, 0), c.options...)); !slices.Equal(got, c.want) {
				t.Errorf("points are %q, want %q", got, c.want)
			}
		})
	}
}

func TestOfTwoRecordsOfOneMomentTheLaterCounts(t *testing.T) {
	sim := newCloud()
	anna := sim.People()[0]
	var ids []int64
	for _, grams := range []int64{70_000, 80_000} {
		id, err := sim.AddGroup(anna.ID, simulator.Group{Date: old.Unix(), Measures: []simulator.Measure{measure(1, -3, grams, simulator.NoPosition)}})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	weight := func(want string) {
		t.Helper()
		if got := told(Points(sim, anna, old, old.Add(time.Second))); !slices.Equal(got, []string{"weight_grams " + want}) {
			t.Errorf("points are %q, want a weight of %s", got, want)
		}
	}
	weight("80000") // the higher id
	sim.Advance(time.Minute)
	if err := sim.CorrectGroup(anna.ID, ids[0], 1, 60_000, -3); err != nil {
		t.Fatal(err)
	}
	weight("60000") // changed later
	if err := sim.DeleteGroup(anna.ID, ids[0]); err != nil {
		t.Fatal(err)
	}
	weight("80000")
}

func TestWhichRecordHoldsDoesNotDependOnTheirOrder(t *testing.T) {
	weight := func(grams int64) []simulator.Measure {
		return []simulator.Measure{measure(1, -3, grams, simulator.NoPosition)}
	}
	for _, c := range []struct {
		name        string
		holds, goes simulator.Group
	}{
		{"changed later", simulator.Group{ID: 1, Modified: 2}, simulator.Group{ID: 2, Modified: 1}},
		{"higher id", simulator.Group{ID: 10, Modified: 1}, simulator.Group{ID: 9, Modified: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.holds.Category, c.holds.Measures = categoryMeasure, weight(70_000)
			c.goes.Category, c.goes.Measures = categoryMeasure, weight(80_000)
			for _, order := range [][]simulator.Group{{c.holds, c.goes}, {c.goes, c.holds}} {
				b := newBook()
				for _, g := range order {
					b.group(&g)
				}
				if got := told(b.points()); !slices.Equal(got, []string{"weight_grams 70000"}) {
					t.Errorf("of groups %d and %d in this order %q stays", order[0].ID, order[1].ID, got)
				}
			}
		})
	}
}

func TestASpanIncludesItsStartAndNotItsEnd(t *testing.T) {
	sim := newCloud()
	anna := sim.People()[0]
	from, to := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, time.June, 1, 0, 0, 0, 0, time.UTC)
	all, before := Points(sim, anna, time.Time{}, time.Time{}), Points(sim, anna, time.Time{}, from)
	within, after := Points(sim, anna, from, to), Points(sim, anna, to, time.Time{})
	if len(before) == 0 || len(within) == 0 || len(after) == 0 {
		t.Fatalf("there are %d, %d and %d points, want some of each", len(before), len(within), len(after))
	}
	for _, line := range tally.Differences(slices.Concat(before, within, after), all) {
		t.Error(line)
	}
	at := all[len(all)/2].Time
	for _, p := range Points(sim, anna, at, at.Add(time.Second)) {
		if !p.Time.Equal(at) {
			t.Errorf("a point of %s is in the second of %s", p.Time, at)
		}
	}
	if got := Points(sim, anna, at, at); len(got) != 0 {
		t.Errorf("an empty span has %d points", len(got))
	}
}

func TestEveryServiceWithAHistoryIsThereUnderNamesOfTheCatalogue(t *testing.T) {
	sim := newCloud()
	seen := map[string]bool{}
	for _, p := range sim.People() {
		p.Name = "Profile of " + p.Name
		for _, point := range Points(sim, p, time.Time{}, time.Time{}) {
			if !Covers(point.Key()) {
				t.Fatalf("%s is of no metric with a history", point.Key())
			}
			if point.Tags["profile"] != p.Name {
				t.Fatalf("%s should be of %s", point.Key(), p.Name)
			}
			if _, ok := point.Tags["day"]; ok {
				t.Fatalf("%s has a day, which depends on when one looks", point.Key())
			}
			seen[point.Measurement+" "+point.Field] = true
		}
	}
	for _, want := range []string{
		"withings_body weight_grams", "withings_body objective_weight_grams", "withings_heart systolic_blood_pressure_mmhg",
		"withings_activity steps", "withings_activity total_energy_joules", "withings_sleep start_timestamp_seconds",
		"withings_sleep night_events", "withings_sleep core_body_temperature_state", "withings_sleep asleep_seconds",
		"withings_workout info", "withings_workout duration_seconds", "withings_workout pool_laps",
	} {
		if !seen[want] {
			t.Errorf("no point of %s", want)
		}
	}
	for _, unwanted := range []string{"withings_sleep rmssd_seconds", "withings_activity goal_steps", "withings_device info"} {
		if seen[unwanted] {
			t.Errorf("there is a point of %s", unwanted)
		}
	}
	for _, key := range []tally.Key{{Measurement: "withings_activity", Field: "goal_steps"}, {Measurement: "withings_device", Field: "info"}, {Measurement: "withings_body", Field: "bmi"}} {
		if Covers(key) {
			t.Errorf("the truth is said to tell of %s", key)
		}
	}
}
