package exporter

import (
	"testing"
	"time"
)

// minute is a minute of a night by one device, with a state and a pulse.
func minute(taken, model, state, pulse string) Record {
	r := Record{Service: Night, ID: taken + model, Start: at(taken), End: at(taken)}
	if state != "" {
		r.Readings = append(r.Readings, is("sleep_minute_state", state, model))
	}
	if pulse != "" {
		r.Readings = append(r.Readings, is("sleep_minute_heart_rate_beats_per_minute", pulse, model))
	}
	return r
}

func TestTheSleepStateIsThatOfTheNewestMinuteOfAnyDevice(t *testing.T) {
	const mat, watch = "Aura Sensor V2", "ScanWatch 2"
	for _, c := range []struct {
		name    string
		minutes []Record
		want    string // the state that is 1; "" for no set
	}{
		{"one minute", []Record{minute("2026-07-15 05:00", mat, "3", "60")}, "rem"},
		{"the newest", []Record{minute("2026-07-15 05:01", mat, "2", ""), minute("2026-07-15 05:00", mat, "3", "")}, "deep"},
		{"of another device", []Record{minute("2026-07-15 05:00", mat, "1", "60"), minute("2026-07-15 05:30", watch, "0", "61")}, "awake"},
		{"out of bed", []Record{minute("2026-07-15 05:00", mat, "15", "")}, "out_of_bed"},
		{"manual", []Record{minute("2026-07-15 05:00", mat, "4", "")}, "manual"},
		{"unspecified", []Record{minute("2026-07-15 05:00", mat, "5", "")}, "unspecified"},
		{"a newer pulse without a state", []Record{minute("2026-07-15 05:00", mat, "1", "60"), minute("2026-07-15 05:20", mat, "", "62")}, "light"},
		{"a state that is not known", []Record{minute("2026-07-15 05:00", mat, "1", ""), minute("2026-07-15 05:20", mat, "7", "")}, ""},
		{"no state at all", []Record{minute("2026-07-15 05:20", mat, "", "62")}, ""},
		{"twelve hours ago", []Record{minute("2026-07-15 00:00", mat, "1", "")}, ""},
		{"a minute less", []Record{minute("2026-07-15 00:01", mat, "1", "")}, "light"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for order := range permutations(c.minutes) {
				got := shown(newState(order...), at("2026-07-15 12:00"))
				for _, state := range minuteStates() {
					want := "0"
					switch c.want {
					case "":
						want = ""
					case state:
						want = "1"
					}
					if is := got["sleep_state{"+state+"}"]; is != want {
						t.Errorf("%s is %q, want %q", state, is, want)
					}
				}
			}
		})
	}
}

func TestTheSleepStateGoesAfterTwelveHoursAndTheLatestValuesStay(t *testing.T) {
	s := newState(minute("2026-07-15 06:30", "Aura Sensor V2", "0", "64"), minute("2026-07-15 06:31", "Aura Sensor V2", "0", ""))
	shot := s.Snapshot(at("2026-07-15 08:00"))
	if want := at("2026-07-15 18:31"); !shot.Until.Equal(want) {
		t.Errorf("it counts until %s, want %s", shot.Until, want)
	}
	expect(t, shown(s, shot.Until.Add(-time.Second)), map[string]string{"sleep_state{awake}": "1", "sleep_state{rem}": "0"})
	later := shown(s, shot.Until)
	expect(t, later, map[string]string{"sleep_state{awake}": "", "sleep_state{rem}": "",
		"sleep_minute_state{Aura Sensor V2}": "0", "sleep_minute_heart_rate_beats_per_minute{Aura Sensor V2}": "64"})
	if until := s.Snapshot(shot.Until).Until; !until.Equal(at("2026-07-16 00:00")) {
		t.Errorf("without it, it counts until %s, want midnight", until)
	}
}

func TestOfMinutesTheStateKeepsWhatIsShown(t *testing.T) {
	s := newState()
	b := Batch{Service: Night}
	for from, i := at("2026-07-14 22:00"), 0; i < 1440; i++ {
		b.Records = append(b.Records, minute(from.Add(time.Duration(i)*time.Minute).Format("2006-01-02 15:04"), "Aura Sensor V2", "1", "60"))
	}
	s.Apply(b)
	if n := s.count(Night); n > 2*keptBeside {
		t.Errorf("of 1440 minutes %d are kept", n)
	}
	if got := s.Newest(Night); !got.Equal(at("2026-07-15 21:59")) {
		t.Errorf("the newest is of %s", got)
	}
}
