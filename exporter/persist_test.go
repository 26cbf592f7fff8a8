package exporter

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

// full is a state with something of every service.
func full() *State {
	s := newState(
		group("1", "2026-07-14 08:00", is("weight_grams", "80000"), is("segment_fat_mass_grams", "9000", "torso"), is("unknown_measure", "12", "238")),
		group("2", "2016-07-14 08:00", is("height_meters", "1.8")),
		day("2026-07-14", is("activity_steps", "8312")), day("2026-07-15", is("activity_steps", "0")),
		session("5", "2026-07-15", "2026-07-14 22:00", "2026-07-15 06:00", "84"),
		session("6", "2026-07-15", "2026-07-15 14:00", "2026-07-15 14:45", "30"),
		Record{Service: Workout, ID: "7", Start: at("2026-07-14 08:00"), End: at("2026-07-14 09:00"),
			Readings: []Reading{is("workout_info", "1", "Ride, \"fast\""), is("workout_energy_joules", "1682461.712")}},
		Record{Service: Device, ID: "d", Readings: []Reading{
			is("device_info", "1", "d", "Sleep Monitor", "", "63", ""), is("device_battery_state", "1", "d", "low")}},
		Record{Service: Goal, ID: "goals", Start: noon, End: noon, Readings: []Reading{is("goal_steps", "9000")}},
		Record{Service: Objective, ID: "8", Start: noon, End: noon, Readings: []Reading{is("objective_fat_ratio", "0.2")}})
	s.Apply(Batch{Service: Measure, Timezone: "Europe/Vienna"})
	s.Bind("41730256")
	for _, service := range Services() {
		s.Advance(service, func(p *Progress) {
			p.Updated, p.Reread, p.Back, p.Done, p.Success = noon, noon, at("2025-07-14 00:00"), true, noon
		})
	}
	return s
}

func saved(t testing.TB, s *State) []byte {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestASavedStateComesBackAsItWas(t *testing.T) {
	for name, s := range map[string]*State{"full": full(), "empty": newState()} {
		t.Run(name, func(t *testing.T) {
			again := NewState(s.Profile(), nil)
			if err := again.Restore(saved(t, s)); err != nil {
				t.Fatal(err)
			}
			if got, want := string(saved(t, again)), string(saved(t, s)); got != want {
				t.Errorf("saved again it is\n%s\nwant\n%s", got, want)
			}
			if got, want := shown(again, noon), shown(s, noon); !reflect.DeepEqual(got, want) {
				t.Errorf("it shows\n%v\nwant\n%v", got, want)
			}
			if got, want := measuredAt(again, noon), measuredAt(s, noon); !reflect.DeepEqual(got, want) {
				t.Errorf("measured at\n%v\nwant\n%v", got, want)
			}
			if !again.IsOf("41730256") || name == "full" && again.IsOf("1") {
				t.Error("it is another person's")
			}
		})
	}
}

// edited changes a saved state as another version of this program, or a disk,
// would have.
func edited(t *testing.T, old, new string) []byte {
	t.Helper()
	data := string(saved(t, full()))
	if !strings.Contains(data, old) {
		t.Fatalf("a saved state has no %s:\n%s", old, data)
	}
	return []byte(strings.Replace(data, old, new, 1))
}

func TestAChangedCatalogueIsReadAgainButWhatIsKnownStays(t *testing.T) {
	for _, c := range []struct {
		name, old, new string
		want           map[string]string
		again, others  bool // progress of measures, and of the other services, begins anew
	}{
		{"another table", `"catalog":"` + catalogID(), `"catalog":"0123456789abcdef`, map[string]string{"weight_grams": "80000"}, true, true},
		{"a metric there is no longer", `"metric":"weight_grams"`, `"metric":"weight_pounds"`,
			map[string]string{"weight_grams": "", "segment_fat_mass_grams{torso}": "9000"}, true, false},
		{"a metric of another service", `"metric":"weight_grams"`, `"metric":"sleep_score"`,
			map[string]string{"weight_grams": "", "sleep_score": "84"}, true, false},
		{"more labels than the row has", `"labels":["torso"]`, `"labels":["torso","left"]`,
			map[string]string{"weight_grams": "80000", "segment_fat_mass_grams{torso}": ""}, true, false},
		{"a service there is no longer", `"services":{`, `"services":{"tea":{"records":[]},`, map[string]string{"weight_grams": "80000"}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newState()
			if err := s.Restore(edited(t, c.old, c.new)); err != nil {
				t.Fatal(err)
			}
			expect(t, shown(s, noon), c.want)
			for service, again := range map[Service]bool{Measure: c.again, Sleep: c.others} {
				p := s.Progress(service)
				if p.Updated.IsZero() != again || p.Back.IsZero() != again || p.Done == again {
					t.Errorf("%s is read again: %+v, want %v", service, p, again)
				}
				if !p.Success.Equal(noon) {
					t.Errorf("%s: last success is forgotten", service)
				}
			}
		})
	}
}

func TestWhatIsNoStateOfTheProfileIsRefusedAndChangesNothing(t *testing.T) {
	for _, c := range []struct {
		name string
		data []byte
		says string
	}{
		{"empty", nil, "not a state file"},
		{"cut short", saved(t, full())[:200], "not a state file"},
		{"HTML", []byte("<html>"), "not a state file"},
		{"null", []byte("null"), "it has no version"},
		{"without a version", edited(t, `"version":1`, `"edition":1`), "it has no version"},
		{"of a later version", edited(t, `"version":1`, `"version":2`), "a newer version of withings-exporter wrote it (format 2, and this one reads up to 1); upgrade withings-exporter"},
		{"of a later version in another form", []byte(`{"version":3,"profile":["Anna"]}`), "upgrade withings-exporter"},
		{"of another profile", edited(t, `"Anna Müller"`, `"Bert"`), `"Bert"`},
		{"a time that is none", edited(t, `"2026-07-14T08:00:00Z"`, `"yesterday"`), "not a state file"},
		{"a time that could not be saved again", edited(t, `"start":"2026-07-14T08:00:00Z"`, `"start":"0000-01-01T00:00:00+01:00"`), `record "1"`},
		{"a value that is no number", edited(t, `"value":80000`, `"value":"heavy"`), `"heavy\"" is not a number`},
		{"damage in the last service", edited(t, `"value":8312`, `"value":[]`), "is not a number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newState(group("9", "2026-07-15 08:00", is("weight_grams", "79000")))
			before, version := string(saved(t, s)), s.Version()
			err := s.Restore(c.data)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error is %v, want one that says %q", err, c.says)
			}
			if after := string(saved(t, s)); after != before || s.Version() != version {
				t.Errorf("the state is now\n%s\nwant\n%s", after, before)
			}
		})
	}
}

func TestARestoredTimeZoneDecidesWhatTodayIs(t *testing.T) {
	s := newState()
	if err := s.Restore(saved(t, full())); err != nil {
		t.Fatal(err)
	}
	expect(t, shown(s, at("2026-07-14 22:30")), map[string]string{"activity_steps{today}": "0", "activity_steps{yesterday}": "8312"})
	if err := s.Restore(edited(t, `"Europe/Vienna"`, `"Mars/Olympus"`)); err != nil {
		t.Fatal(err)
	}
	expect(t, shown(s, at("2026-07-14 22:30")), map[string]string{"activity_steps{today}": "8312"})
}

func FuzzRestore(f *testing.F) {
	f.Add(saved(f, full()))
	f.Add(saved(f, newState()))
	f.Add([]byte(`{"version":1,"profile":"Anna Müller","services":{"sleep":null,"measure":{"records":[{"id":"1","readings":[null,{}]}]}}}`))
	f.Add([]byte(`{"version":1,"profile":"Anna Müller","services":{"measure":{"records":[{"end":"0000-01-01T00:00:00+23:59","readings":[{"metric":"weight_grams","value":1e30}]}]}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := newState(group("9", "2026-07-15 08:00", is("weight_grams", "79000")))
		before := string(saved(t, s))
		if err := s.Restore(data); err != nil {
			if after := string(saved(t, s)); after != before {
				t.Fatalf("refused, but changed: %s", after)
			}
			return
		}
		again := newState()
		if err := again.Restore(saved(t, s)); err != nil {
			t.Fatalf("what was restored is refused when saved again: %v", err)
		}
		for _, now := range []time.Time{{}, noon} {
			if got, want := shown(again, now), shown(s, now); !reflect.DeepEqual(got, want) {
				t.Fatalf("saved and restored it shows\n%v\nwant\n%v", got, want)
			}
		}
		apply(s, group("x", "9998-07-15 09:00", is("weight_grams", "1")))
		if len(s.Snapshot(noon).Samples) == 0 {
			t.Fatal("the restored state takes nothing in")
		}
	})
}
