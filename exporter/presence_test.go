package exporter

import (
	"encoding/json"
	"fmt"
	"strconv"
	"testing"
	"time"
)

// bedtime is a bed event of a mat at a minute after ten in the evening.
func bedtime(t *testing.T, mat string, in bool, minute int) Record {
	t.Helper()
	when := at("2026-07-14 22:00").Add(time.Duration(minute) * time.Minute)
	b, leftOut := BedEvent{In: in, At: when, Device: mat}.Batch(when)
	if leftOut != "" {
		t.Fatal(leftOut)
	}
	return b.Records[0]
}

// TestPresenceIsTheSameInAnyOrder has bed events come in every order, and each of
// them twice.
func TestPresenceIsTheSameInAnyOrder(t *testing.T) {
	const in, out = true, false
	type event struct {
		mat    string
		in     bool
		minute int
	}
	for _, c := range []struct {
		name                string
		events              []event
		inBed               string
		cameMinute, wentMin int // -1: unknown
	}{
		{"in", []event{{"a", in, 0}}, "1", 0, -1},
		{"out is all that is known", []event{{"a", out, 5}}, "0", -1, 5},
		{"in and out", []event{{"a", in, 0}, {"a", out, 480}}, "0", 0, 480},
		{"up at night", []event{{"a", in, 0}, {"a", out, 200}, {"a", in, 210}}, "1", 210, 200},
		{"a repeated event changes nothing", []event{{"a", in, 0}, {"a", in, 30}, {"a", out, 400}, {"a", out, 410}}, "0", 0, 400},
		{"repeated while in bed", []event{{"a", in, 0}, {"a", in, 30}, {"a", in, 60}}, "1", 0, -1},
		{"in and out in the same second", []event{{"a", in, 0}, {"a", out, 0}}, "0", 0, 0},
		{"the other bed notices late that it is empty", []event{{"a", in, 0}, {"b", in, 60}, {"a", out, 62}}, "1", 60, -1},
		{"the other bed never notices", []event{{"a", in, 0}, {"b", in, 60}, {"b", out, 400}}, "0", 60, 400},
		{"a mat without a name", []event{{"", in, 0}, {"a", out, 400}}, "0", 0, 400},
		{"out without a name", []event{{"a", in, 0}, {"", out, 400}}, "0", 0, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			var records []Record
			for _, e := range c.events {
				records = append(records, bedtime(t, e.mat, e.in, e.minute))
			}
			moment := func(minute int) string {
				if minute < 0 {
					return ""
				}
				return strconv.FormatInt(at("2026-07-14 22:00").Add(time.Duration(minute)*time.Minute).Unix(), 10)
			}
			for order := range permutations(records) {
				s := newState()
				for i, r := range append(order, order...) {
					r.Modified = r.Modified.Add(time.Duration(i) * time.Hour) // the order of arrival
					apply(s, r)
				}
				expect(t, shown(s, at("2026-07-15 07:00")), map[string]string{
					"in_bed": c.inBed, "got_in_bed_timestamp_seconds": moment(c.cameMinute), "got_out_of_bed_timestamp_seconds": moment(c.wentMin),
				})
				if n := s.count(Presence); n != len(records) {
					t.Errorf("%d events are known, want %d", n, len(records))
				}
			}
		})
	}
}

func TestPresenceVanishesADayAndAHalfAfterTheLastEvent(t *testing.T) {
	s := newState(bedtime(t, "a", true, 0), bedtime(t, "a", false, 480))
	last := bedtime(t, "a", false, 480).End
	gone := last.Add(36 * time.Hour)
	shot := s.Snapshot(gone.Add(-time.Second))
	if len(shot.Samples) != 3 || !shot.Until.Equal(gone) {
		t.Errorf("before: %d samples until %s, want 3 until %s", len(shot.Samples), shot.Until, gone)
	}
	if shot = s.Snapshot(gone); len(shot.Samples) != 0 || !shot.Until.After(gone) {
		t.Errorf("36 hours later: %d samples until %s", len(shot.Samples), shot.Until)
	}
	apply(s, bedtime(t, "a", true, 480+36*60+1))
	expect(t, shown(s, gone.Add(2*time.Minute)), map[string]string{"in_bed": "1"})
}

func TestPresenceSurvivesARestart(t *testing.T) {
	s := newState(bedtime(t, "", true, 0), bedtime(t, "m\xffat \x1f-7", false, 480))
	again := NewState(s.Profile(), nil)
	if err := again.Restore(saved(t, s)); err != nil {
		t.Fatal(err)
	}
	apply(again, bedtime(t, "m\xffat \x1f-7", false, 480)) // a late duplicate
	if got, want := string(saved(t, again)), string(saved(t, s)); got != want {
		t.Errorf("after a restart and a duplicate it is\n%s\nwant\n%s", got, want)
	}
	if got, want := again.Progress(Presence).Success, at("2026-07-15 06:00"); !got.Equal(want) {
		t.Errorf("the last event came at %s, want %s", got, want)
	}
}

// TestARepeatedBedEventStaysAsItCameFirst: a sink that has it need not write it again.
func TestARepeatedBedEventStaysAsItCameFirst(t *testing.T) {
	first := bedtime(t, "a", true, 0)
	s := newState(first)
	version := s.Version()
	again := first
	again.Modified = first.Modified.Add(time.Hour)
	apply(s, again)
	if got := s.toldSince(Presence, time.Time{}).Records; len(got) != 1 || !got[0].Modified.Equal(first.Modified) || s.Version() != version {
		t.Errorf("known are %v", got)
	}
	if got := s.Progress(Presence).Success; !got.Equal(again.Modified) {
		t.Errorf("the last event is said to have come at %s, want %s", got, again.Modified)
	}
}

func TestOfManyBedEventsTheNewestStay(t *testing.T) {
	s := newState()
	for i := range keptEvents + 50 {
		apply(s, bedtime(t, "a", i%2 == 0, i))
	}
	if n := s.count(Presence); n != keptEvents {
		t.Errorf("%d events are kept, want %d", n, keptEvents)
	}
	apply(s, bedtime(t, "a", true, 3)) // a replay of one that was dropped
	last := bedtime(t, "a", false, keptEvents+49)
	expect(t, shown(s, last.End), map[string]string{"in_bed": "0", "got_out_of_bed_timestamp_seconds": strconv.FormatInt(last.End.Unix(), 10)})
}

func TestBedEventsOfTheFutureOrOfLongAgoAreLeftOut(t *testing.T) {
	for _, c := range []struct {
		name string
		off  time.Duration
		want string
	}{
		{"now", 0, ""},
		{"by a clock that is ahead", 5 * time.Minute, ""},
		{"of the future", 5*time.Minute + time.Second, Future},
		{"of the far future", 1e6 * time.Hour, Future},
		{"a week old", -7 * 24 * time.Hour, ""},
		{"older than a week", -7*24*time.Hour - time.Second, TooOld},
		{"of the epoch", -noon.Sub(time.Unix(0, 0)), TooOld},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, got := BedEvent{In: true, At: noon.Add(c.off)}.Batch(noon)
			if got != c.want || (len(b.Records) == 1) != (c.want == "") {
				t.Errorf("got %q and %d records, want %q", got, len(b.Records), c.want)
			}
		})
	}
}

// FuzzBedEvent wants of any sequence of events that it can be saved, and shows either
// nothing or whether the person is in bed.
func FuzzBedEvent(f *testing.F) {
	f.Add(int64(0), true, "mat", int64(60), false, "mat")
	f.Add(int64(-90_000), false, "\xff-\x00", int64(1e12), true, "")
	f.Fuzz(func(t *testing.T, first int64, firstIn bool, mat string, second int64, secondIn bool, other string) {
		s := newState()
		for _, e := range []BedEvent{
			{firstIn, noon.Add(time.Duration(first) * time.Second), mat},
			{secondIn, noon.Add(time.Duration(second) * time.Second), other},
		} {
			if b, leftOut := e.Batch(noon); leftOut == "" {
				s.Apply(b)
			}
		}
		all := shown(s, noon)
		if is := all["in_bed"]; is == "" && len(all) > 0 || is != "" && is != "0" && is != "1" {
			t.Errorf("shown is %v", all)
		}
		again := NewState(s.Profile(), nil)
		if err := again.Restore(saved(t, s)); err != nil {
			t.Fatal(err)
		}
		if got, want := fmt.Sprint(shown(again, noon)), fmt.Sprint(all); got != want {
			t.Errorf("after a restart it shows %s, want %s", got, want)
		}
	})
}

// TestAnEventWithoutItsReadingsIsDropped: a state file may have been edited.
func TestAnEventWithoutItsReadingsIsDropped(t *testing.T) {
	s := newState(bedtime(t, "a", true, 0))
	var file map[string]any
	if err := json.Unmarshal(saved(t, s), &file); err != nil {
		t.Fatal(err)
	}
	event := file["services"].(map[string]any)["presence"].(map[string]any)["records"].([]any)[0].(map[string]any)
	event["readings"] = event["readings"].([]any)[:1]
	data, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	again := NewState(s.Profile(), nil)
	if err := again.Restore(data); err != nil || again.Holds(Presence) || len(shown(again, noon)) > 0 {
		t.Errorf("it is kept, or the file is refused: %v", err)
	}
}

func TestWithoutABedNothingIsShownOfPresence(t *testing.T) {
	if got := shown(newState(), noon); len(got) > 0 {
		t.Errorf("shown is %v", got)
	}
}
