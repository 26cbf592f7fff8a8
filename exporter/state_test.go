package exporter

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

var noon = at("2026-07-15 12:00")

// TestLatestMeansMeasuredLatestWhateverTheOrderOfArrival applies the same records
// in every order, one by one and as one batch.
func TestLatestMeansMeasuredLatestWhateverTheOrderOfArrival(t *testing.T) {
	first := group("1", "2026-07-14 08:00", is("weight_grams", "80000"), is("fat_ratio", "0.25"))
	for _, c := range []struct {
		name    string
		records []Record
		want    map[string]string
	}{
		{"three weights", []Record{
			group("1", "2026-07-12 08:00", is("weight_grams", "81000")),
			group("2", "2026-07-14 08:00", is("weight_grams", "80000")),
			group("3", "2026-07-13 08:00", is("weight_grams", "82000")),
		}, map[string]string{"weight_grams": "80000"}},
		{"a device that synchronises weeks late", []Record{
			group("1", "2026-07-14 08:00", is("weight_grams", "80000")),
			changed(group("9", "2026-06-20 08:00"), "2026-07-15 09:00", is("weight_grams", "83000")),
		}, map[string]string{"weight_grams": "80000"}},
		{"a manual entry dated in the past", []Record{
			group("1", "2026-07-14 08:00", is("weight_grams", "80000")),
			changed(group("2", "2026-06-15 08:00"), "2026-07-15 10:00", is("weight_grams", "79100"), is("height_meters", "1.8")),
		}, map[string]string{"weight_grams": "80000", "height_meters": "1.8"}},
		{"several groups of one second are one weigh-in", []Record{
			group("1", "2026-07-14 08:00", is("weight_grams", "80000"), is("fat_ratio", "0.25")),
			group("2", "2026-07-14 08:00", is("heart_pulse_beats_per_minute", "58")),
			group("3", "2026-07-14 08:00", is("pulse_wave_velocity_meters_per_second", "6.874")),
		}, map[string]string{"weight_grams": "80000", "fat_ratio": "0.25",
			"heart_pulse_beats_per_minute": "58", "pulse_wave_velocity_meters_per_second": "6.874"}},
		{"a weigh-in without body composition keeps the older composition", []Record{
			first, group("2", "2026-07-15 08:00", is("weight_grams", "80500")),
		}, map[string]string{"weight_grams": "80500", "fat_ratio": "0.25"}},
		{"the same moment, changed later wins", []Record{
			changed(group("9", "2026-07-14 08:00"), "2026-07-14 08:01", is("weight_grams", "80000")),
			changed(group("8", "2026-07-14 08:00"), "2026-07-14 09:00", is("weight_grams", "81000")),
		}, map[string]string{"weight_grams": "81000"}},
		{"the same moment and change, the higher id wins", []Record{
			group("999", "2026-07-14 08:00", is("weight_grams", "80000")),
			group("1000", "2026-07-14 08:00", is("weight_grams", "81000")),
			group("998", "2026-07-14 08:00", is("weight_grams", "82000")),
		}, map[string]string{"weight_grams": "81000"}},
		{"the same moment and change, ids of one length", []Record{
			group("100", "2026-07-14 08:00", is("weight_grams", "80000")),
			group("101", "2026-07-14 08:00", is("weight_grams", "81000")),
		}, map[string]string{"weight_grams": "81000"}},
		{"one type twice in a group, the last counts", []Record{
			group("1", "2026-07-14 08:00", is("unknown_measure", "1", "238"), is("unknown_measure", "2", "238")),
		}, map[string]string{"unknown_measure{238}": "2"}},
		{"positions are series of their own", []Record{
			group("1", "2026-07-14 08:00", is("segment_fat_mass_grams", "9000", "torso"), is("segment_fat_mass_grams", "1000", "left_arm")),
			group("2", "2026-07-15 08:00", is("segment_fat_mass_grams", "9100", "torso")),
		}, map[string]string{"segment_fat_mass_grams{torso}": "9100", "segment_fat_mass_grams{left_arm}": "1000", "segment_fat_mass_grams": ""}},
		{"two versions of one group, the one changed later counts", []Record{
			first, changed(first, "2026-07-14 10:00", is("weight_grams", "79000"), is("fat_ratio", "0.24")),
		}, map[string]string{"weight_grams": "79000", "fat_ratio": "0.24"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for order := range permutations(c.records) {
				expect(t, shown(newState(order...), noon), c.want)
				s := newState()
				s.Apply(Batch{Service: Measure, Records: order})
				expect(t, shown(s, noon), c.want)
			}
		})
	}
}

// TestChangedRecords tells what remains of two weigh-ins, the later of which is
// then told of again; and whether the past is read once more for what the later
// one had covered.
func TestChangedRecords(t *testing.T) {
	early := group("1", "2026-07-13 08:00", is("weight_grams", "81000"), is("fat_ratio", "0.25"))
	late := group("2", "2026-07-14 08:00", is("weight_grams", "80000"), is("hydration_grams", "40000"))
	whole := func(records ...Record) Batch {
		return Batch{Service: Measure, Records: records, Whole: &Span{at("2026-07-01 00:00"), at("2026-07-15 00:00")}}
	}
	only := func(r Record) Batch { return Batch{Service: Measure, Records: []Record{r}} }
	for _, c := range []struct {
		name  string
		batch Batch
		want  map[string]string
		again bool
	}{
		{"the same once more", only(late), map[string]string{"weight_grams": "80000"}, false},
		{"another value at the same moment", only(changed(late, "2026-07-15 09:00", is("weight_grams", "79000"), is("hydration_grams", "40000"))),
			map[string]string{"weight_grams": "79000", "hydration_grams": "40000", "fat_ratio": "0.25"}, false},
		{"an older version that comes late", only(changed(late, "2026-07-14 07:00", is("weight_grams", "70000"))),
			map[string]string{"weight_grams": "80000", "hydration_grams": "40000"}, false},
		{"moved to a later moment", only(moved(changed(late, "2026-07-15 09:00", late.Readings...), "2026-07-15 07:00")),
			map[string]string{"weight_grams": "80000"}, false},
		{"moved back uncovers the one before", only(moved(changed(late, "2026-07-15 09:00", late.Readings...), "2026-07-10 08:00")),
			map[string]string{"weight_grams": "81000", "hydration_grams": "40000"}, true},
		{"a value taken out", only(changed(late, "2026-07-15 09:00", is("hydration_grams", "41000"))),
			map[string]string{"weight_grams": "81000", "hydration_grams": "41000"}, true},
		{"taken back by a version without readings", only(changed(late, "2026-07-15 09:00")),
			map[string]string{"weight_grams": "81000", "hydration_grams": ""}, true},
		{"deleted, as the whole window tells", whole(early), map[string]string{"weight_grams": "81000", "hydration_grams": ""}, true},
		{"still there in the whole window", whole(early, late), map[string]string{"weight_grams": "80000"}, false},
		{"everything deleted", whole(), map[string]string{"weight_grams": "", "fat_ratio": ""}, true},
		{"outside the window nothing is deleted",
			Batch{Service: Measure, Whole: &Span{at("2026-07-14 08:01"), at("2026-07-16 00:00")}}, map[string]string{"weight_grams": "80000"}, false},
		{"the end of a window is not in it",
			Batch{Service: Measure, Whole: &Span{at("2026-07-13 08:01"), at("2026-07-14 08:00")}}, map[string]string{"weight_grams": "80000"}, false},
		{"a record without readings that was never there", only(group("3", "2026-07-15 08:00")), map[string]string{"weight_grams": "80000"}, false},
		{"moved back and deleted ones are replaced by what the same answer brings",
			whole(early, group("4", "2026-07-13 20:00", is("weight_grams", "80500"))), map[string]string{"weight_grams": "80500"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newState(early, late)
			s.Advance(Measure, func(p *Progress) { p.Back, p.Done = at("2025-07-14 00:00"), true })
			s.Apply(c.batch)
			expect(t, shown(s, noon), c.want)
			if p := s.Progress(Measure); p.Done == c.again || p.Back.IsZero() != c.again {
				t.Errorf("past is to be read again: %v, want %v", !p.Done, c.again)
			}
		})
	}
}

func TestVersionChangesOnlyWithWhatIsHeld(t *testing.T) {
	late := group("2", "2026-07-14 08:00", is("weight_grams", "80000"))
	s := newState(late)
	for _, c := range []struct {
		name   string
		change func()
		want   bool
	}{
		{"the same record", func() { apply(s, late) }, false},
		{"an older record, which is kept beside it", func() { apply(s, group("1", "2026-07-13 08:00", is("weight_grams", "1"))) }, true},
		{"the older record once more", func() { apply(s, group("1", "2026-07-13 08:00", is("weight_grams", "1"))) }, false},
		{"progress", func() { s.Advance(Measure, func(p *Progress) { p.Success = noon }) }, false},
		{"a newer record", func() { apply(s, group("3", "2026-07-15 08:00", is("weight_grams", "1"))) }, true},
		{"a time zone", func() { s.Apply(Batch{Service: Measure, Timezone: "Europe/Vienna"}) }, true},
		{"the same time zone", func() { s.Apply(Batch{Service: Measure, Timezone: "Europe/Vienna"}) }, false},
		{"a device that is gone", func() {
			apply(s, Record{Service: Device, ID: "d", Readings: []Reading{is("device_info", "1", "d", "", "", "0", "")}})
			before := s.Version()
			s.Apply(Batch{Service: Device, Whole: Always()})
			if s.Version() == before {
				t.Error("the device went without a new version")
			}
		}, true},
	} {
		before := s.Version()
		c.change()
		if got := s.Version() != before; got != c.want {
			t.Errorf("%s: version changed: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestGoalsKeepWhenTheyWereFirstSeen(t *testing.T) {
	goals := func(seen, steps string) Batch {
		return Batch{Service: Goal, Whole: Always(), Records: []Record{{Service: Goal, ID: "goals", Start: at(seen), End: at(seen),
			Readings: []Reading{is("goal_steps", steps)}}}}
	}
	s := newState()
	s.Apply(goals("2026-07-10 08:00", "9000"))
	s.Apply(goals("2026-07-12 08:00", "9000"))
	expect(t, measuredAt(s, noon), map[string]string{"goal_steps": "2026-07-10 08:00"})
	s.Apply(goals("2026-07-14 08:00", "10000"))
	expect(t, shown(s, noon), map[string]string{"goal_steps": "10000"})
	expect(t, measuredAt(s, noon), map[string]string{"goal_steps": "2026-07-14 08:00"})
	s.Apply(Batch{Service: Goal, Whole: Always()})
	expect(t, shown(s, noon), map[string]string{"goal_steps": ""})
}

func TestDevicesThatAreGoneAreGone(t *testing.T) {
	device := func(id string, last time.Time) Record {
		return Record{Service: Device, ID: id, Start: last, End: last, Readings: []Reading{is("device_info", "1", id, "Scale", "Body", "7", "")}}
	}
	s := newState()
	all := func(records ...Record) { s.Apply(Batch{Service: Device, Whole: Always(), Records: records}) }
	all(device("a", at("2026-07-14 08:00")), device("never-synchronised", time.Time{}))
	expect(t, shown(s, noon), map[string]string{"device_info{a,Scale,Body,7,}": "1", "device_info{never-synchronised,Scale,Body,7,}": "1"})
	all(device("a", at("2026-07-14 08:00")))
	expect(t, shown(s, noon), map[string]string{"device_info{a,Scale,Body,7,}": "1", "device_info{never-synchronised,Scale,Body,7,}": ""})
	all()
	expect(t, shown(s, noon), map[string]string{"device_info{a,Scale,Body,7,}": ""})
}

func TestLatestWorkoutIsTheOneThatEndedLast(t *testing.T) {
	workout := func(id, start, end, modified, calories string) Record {
		return Record{Service: Workout, ID: id, Start: at(start), End: at(end), Modified: at(modified),
			Readings: []Reading{is("workout_energy_joules", calories), is("workout_info", "1", "ride "+id)}}
	}
	for order := range permutations([]Record{
		workout("1", "2026-07-14 08:00", "2026-07-14 12:00", "2026-07-14 12:00", "4"),
		workout("2", "2026-07-14 09:00", "2026-07-14 10:00", "2026-07-15 10:00", "1"),
		workout("3", "2026-07-13 09:00", "2026-07-13 10:00", "2026-07-13 10:00", "2"),
	}) {
		s := newState(order...)
		expect(t, shown(s, noon), map[string]string{"workout_energy_joules": "4", "workout_info{ride 1}": "1", "workout_info{ride 2}": ""})
		apply(s, workout("1", "2026-07-14 08:00", "2026-07-14 09:30", "2026-07-15 11:00", "5"))
		expect(t, shown(s, noon), map[string]string{"workout_energy_joules": "1", "workout_info{ride 1}": ""})
	}
}

func TestObjectivesAreGaugesOfTheirOwn(t *testing.T) {
	s := newState(
		group("1", "2026-07-14 08:00", is("weight_grams", "80000")),
		Record{Service: Objective, ID: "2", Start: at("2026-07-15 08:00"), End: at("2026-07-15 08:00"),
			Readings: []Reading{is("objective_weight_grams", "76500")}})
	expect(t, shown(s, noon), map[string]string{"weight_grams": "80000", "objective_weight_grams": "76500"})
}

func TestOnlyWhatAGaugeCanNeedIsKept(t *testing.T) {
	for service, c := range map[Service]struct {
		metric string
		most   int
	}{
		Measure: {"weight_grams", 33}, Objective: {"objective_weight_grams", 9},
		Activity: {"activity_steps", 36}, Sleep: {"sleep_score", 36}, Workout: {"workout_steps", 8},
	} {
		b := Batch{Service: service}
		for i := range 4000 {
			when := at("2016-01-01 08:00").AddDate(0, 0, (i*1999)%4000)
			b.Records = append(b.Records, Record{Service: service, ID: fmt.Sprint(i), Date: when.Format(time.DateOnly),
				Start: when, End: when.Add(time.Hour), Readings: []Reading{is(c.metric, "1")}})
		}
		s := newState()
		s.Apply(b)
		if held := s.count(service); held > c.most {
			t.Errorf("%s: %d records, want at most %d", service, held, c.most)
		}
		if got, want := s.Newest(service), at("2016-01-01 09:00").AddDate(0, 0, 3999); !got.Equal(want) {
			t.Errorf("%s: the newest record kept is of %s, want %s", service, got, want)
		}
	}
}

// TestSeriesOfUnknownTypesAreBounded has a state take in what several clients let
// through, each up to its own limit.
func TestSeriesOfUnknownTypesAreBounded(t *testing.T) {
	s := newState()
	for i := range 5 * MostUnknown {
		taken := at("2026-07-01 08:00").Add(time.Duration(i) * time.Minute)
		apply(s, Record{Service: Measure, ID: fmt.Sprint(i), Start: taken, End: taken,
			Readings: []Reading{is("unknown_measure", "1", fmt.Sprint(10_000+i)), is("weight_grams", fmt.Sprint(70_000+i))}})
	}
	got := shown(s, noon)
	if len(got) != MostUnknown+1 || got["unknown_measure{10000}"] != "" {
		t.Errorf("%d series are shown, want %d and the weight, those measured latest", len(got), MostUnknown)
	}
	expect(t, got, map[string]string{"weight_grams": "70499", "unknown_measure{10499}": "1", "unknown_measure{10400}": "1", "unknown_measure{10399}": ""})
	if held := s.count(Measure); held > MostUnknown+keptBeside+keptDaily {
		t.Errorf("%d records are held", held)
	}
}

func TestNewestIsTheEndOfTheLatestRecord(t *testing.T) {
	s := newState(group("1", "2026-07-14 08:00", is("weight_grams", "1")), group("2", "2026-07-13 08:00", is("fat_ratio", "1")))
	if got := s.Newest(Measure); !got.Equal(at("2026-07-14 08:00")) || !s.Newest(Sleep).IsZero() {
		t.Errorf("newest measure %s, newest sleep %s", got, s.Newest(Sleep))
	}
	if !s.Holds(Measure) || s.Holds(Sleep) {
		t.Error("a measure is held, and no sleep")
	}
}

func TestAnotherPersonBeginsWithAnEmptyState(t *testing.T) {
	s := newState(group("1", "2026-07-14 08:00", is("weight_grams", "80000")))
	first := s.Bind("41")
	if again := s.Bind("41"); first || again || s.Bind("") || !s.IsOf("41") || s.IsOf("42") {
		t.Error("a state of nobody yet becomes the first person's, and stays so")
	}
	expect(t, shown(s, noon), map[string]string{"weight_grams": "80000"})
	if !s.Bind("42") || !s.IsOf("42") {
		t.Error("another person is not noticed")
	}
	expect(t, shown(s, noon), map[string]string{"weight_grams": ""})
}

func TestStateIsSafeForConcurrentUse(t *testing.T) {
	s := newState()
	var running sync.WaitGroup
	for i := range 4 {
		running.Go(func() {
			for j := range 50 {
				apply(s, group(fmt.Sprint(i, j), "2026-07-14 08:00", is("weight_grams", "80000")))
				s.Advance(Measure, func(p *Progress) { p.Success = noon })
				s.Snapshot(noon)
				s.Version()
				s.Newest(Measure)
				if _, err := s.MarshalJSON(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
	expect(t, shown(s, noon), map[string]string{"weight_grams": "80000"})
}

func TestLabelValuesComeBackAsTheyWereGiven(t *testing.T) {
	for _, values := range [][]string{{"torso"}, {"a", "", "c"}, {"", ""}, {"Anna, Müller", "x=\"y\""}} {
		if got := LabelValues(values...).Values(); fmt.Sprint(got) != fmt.Sprint(values) {
			t.Errorf("%q became %q", values, got)
		}
	}
	given := []string{"a\x1fb", "\xff"}
	if got := LabelValues(given...).Values(); fmt.Sprint(got) != "[a b �]" {
		t.Errorf("a separator or broken text within a value became %q", got)
	}
	if given[0] != "a\x1fb" {
		t.Error("the caller's values were written to")
	}
}

// TestACursorThatWasSetBackStaysSetBack has somebody ask for a second look while
// the first is under way.
func TestACursorThatWasSetBackStaysSetBack(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 1, 2, hour, 0, 0, 0, time.UTC) }
	was := Progress{Updated: at(8), Reread: at(8), Success: at(8)}
	fetched := Fetched{Updated: at(10), Whole: at(0)}
	for name, c := range map[string]struct{ is, want Progress }{
		"by nobody":                   {was, Progress{Updated: at(10), Reread: at(10), Success: at(10), Back: at(0)}},
		"for what changed":            {Progress{Updated: at(3), Reread: at(8)}, Progress{Updated: at(3), Reread: at(10), Success: at(10), Back: at(0)}},
		"for the window":              {Progress{Updated: at(8)}, Progress{Updated: at(10), Success: at(10), Back: at(0)}},
		"for both":                    {Progress{Updated: at(3)}, Progress{Updated: at(3), Success: at(10), Back: at(0)}},
		"not: another has been later": {Progress{Updated: at(9), Reread: at(9)}, Progress{Updated: at(10), Reread: at(10), Success: at(10), Back: at(0)}},
	} {
		got := c.is
		if got.Renew(fetched, was, at(10)); !got.Equal(c.want) {
			t.Errorf("set back %s it is %+v, want %+v", name, got, c.want)
		}
	}
}
