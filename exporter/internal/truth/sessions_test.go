package truth

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/simulator"
)

func newBook() *book { return &book{profile: "Anna", pages: map[place]page{}} }

func TestANightIsWhatItsRowSays(t *testing.T) {
	b := newBook()
	b.night(&simulator.Night{ID: 1, Start: 1784065560, End: 1784093100, Data: simulator.Fields{
		{Name: "deepsleepduration", Value: 6120}, {Name: "sleep_efficiency", Value: 0.92}, {Name: "rr_average", Value: 0},
		{Name: "waso", Value: -25920}, {Name: "apnea_hypopnea_index", Value: -1.0}, {Name: "rmssd_start_avg", Value: 41},
		{Name: "night_events", Value: `{"1":[0,15120],"4":[27540],"9":[]}`}, {Name: "rmssd", Value: 33},
		{Name: "core_body_temperature_status", Value: "elevated"}, {Name: "future_field", Value: 1}, {Name: "hr_min", Value: nil},
	}})
	points := b.points()
	want := []string{
		"core_body_temperature_state{state=elevated} 1", "core_body_temperature_state{state=usual} 0", "deep_seconds 6120",
		"efficiency_ratio 0.92", "end_timestamp_seconds 1784093100",
		"night_events{event=event_9} 0", "night_events{event=got_in_bed} 2", "night_events{event=got_out_of_bed} 1",
		"rmssd_start_average_seconds 0.041", "start_timestamp_seconds 1784065560",
	}
	if got := told(points); !slices.Equal(got, want) {
		t.Errorf("points are %q,\nwant %q", got, want)
	}
	for _, p := range points {
		if p.Measurement != "withings_sleep" || p.Time.Unix() != 1784065560 {
			t.Errorf("%s is at %s, want withings_sleep at the start of the night", p.Key(), p.Time)
		}
	}
}

func TestOfTwoNightsWithOneStartTheOneThatEndedLater(t *testing.T) {
	long := &simulator.Night{ID: 1, Start: 1000, End: 3000, Modified: 1}
	short := &simulator.Night{ID: 2, Start: 1000, End: 2000, Modified: 2}
	for _, order := range [][]*simulator.Night{{long, short}, {short, long}} {
		b := newBook()
		for _, n := range order {
			b.night(n)
		}
		if got := told(b.points()); !slices.Contains(got, "end_timestamp_seconds 3000") {
			t.Errorf("points are %q, want the end of the longer night", got)
		}
	}
}

func TestUndocumentedFieldsCountWhenTheyAreServed(t *testing.T) {
	b := newBook()
	b.undocumented = true
	b.night(&simulator.Night{Start: 1, End: 2, Data: simulator.Fields{{Name: "rmssd", Value: 33}}})
	if got := told(b.points()); !slices.Contains(got, "rmssd_seconds 0.033") {
		t.Errorf("points are %q, want an RMSSD too", got)
	}
}

func TestAWorkoutIsWhatItsRowSays(t *testing.T) {
	row := &simulator.Workout{ID: 1, Category: 6, Start: 1784044800, End: 1784048340, Data: simulator.Fields{
		{Name: "calories", Value: 412}, {Name: "manual_distance", Value: 0}, {Name: "spo2_average", Value: nil},
		{Name: "core_body_temperature_status", Value: "unknown"},
	}}
	b := newBook()
	b.workout(row)
	want := []string{
		"category 6", "duration_seconds 3540", "end_timestamp_seconds 1784048340", "energy_joules 1723808",
		"info{category=bicycling} 1", "manual_distance_meters 0", "start_timestamp_seconds 1784044800",
	}
	if got := told(b.points()); !slices.Equal(got, want) {
		t.Errorf("points are %q,\nwant %q", got, want)
	}
	row.Attrib = attribAmbiguous
	b = newBook()
	if b.workout(row); len(b.points()) > 0 {
		t.Errorf("an ambiguous workout has points: %q", told(b.points()))
	}
}

func TestADayIsAtTheMidnightItBeganWith(t *testing.T) {
	for _, c := range []struct{ date, timezone, want string }{
		{"2026-07-15", "Europe/Vienna", "2026-07-14T22:00:00Z"},
		{"2026-01-15", "America/New_York", "2026-01-15T05:00:00Z"},
		{"2026-03-29", "Europe/Vienna", "2026-03-28T23:00:00Z"}, // 23 hours long
		{"2026-10-25", "Europe/Vienna", "2026-10-24T22:00:00Z"}, // 25 hours long
		{"2026-10-04", "Australia/Lord_Howe", "2026-10-03T13:30:00Z"},
		{"2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00Z"}, // began at one o'clock
		{"2026-11-01", "America/Havana", "2026-11-01T04:00:00Z"},    // had two midnights
		{"2021-10-29", "Asia/Amman", "2021-10-28T21:00:00Z"},        // two as well, east of Greenwich
	} {
		t.Run(c.date+" "+c.timezone, func(t *testing.T) {
			b := newBook()
			b.day(&simulator.Day{Date: c.date, Timezone: c.timezone, Data: simulator.Fields{{Name: "steps", Value: 0}, {Name: "calories", Value: 402.118}, {Name: "hr_min", Value: 0}}})
			points := b.points()
			if got, want := told(points), []string{"energy_joules 1682461.712", "steps 0"}; !slices.Equal(got, want) {
				t.Fatalf("points are %q, want %q", got, want)
			}
			if got := points[0].Time.Format(time.RFC3339); got != c.want {
				t.Errorf("the day is at %s, want %s", got, c.want)
			}
		})
	}
}

func TestARevisedNightIsAtItsNewStartAlone(t *testing.T) {
	sim := newCloud()
	anna := sim.People()[0]
	yesterday := now.AddDate(0, 0, -1)
	night := sim.Nights(anna.ID, yesterday, yesterday)[0]
	if err := sim.ReviseNight(anna.ID, night.ID, 20*time.Minute); err != nil {
		t.Fatal(err)
	}
	from := time.Unix(night.Start, 0)
	var starts []string
	for _, p := range Points(sim, anna, from.Add(-time.Hour), from.Add(time.Hour)) {
		if p.Field == "start_timestamp_seconds" {
			starts = append(starts, fmt.Sprint(p.Time.Unix()-night.Start, " ", tally.Text(p.Value)))
		}
	}
	if want := []string{fmt.Sprint(1200, " ", night.Start+1200)}; !slices.Contains(starts, want[0]) || slices.Contains(starts, fmt.Sprint(0, " ", night.Start)) {
		t.Errorf("nights begin at %q, want one at %q and none where it was", starts, want)
	}
}

func TestSeriesIsThePointAsInPrometheus(t *testing.T) {
	b := newBook()
	b.day(&simulator.Day{Date: "2026-07-15", Timezone: "Europe/Vienna", Data: simulator.Fields{{Name: "steps", Value: 8312}}})
	if got, want := Series(b.points()[0]).Key().String(), `withings_activity_steps{profile="Anna"}`; got != want {
		t.Errorf("the series is %s, want %s", got, want)
	}
	unknown := tally.Point{Measurement: "withings_body", Field: "bmi"}
	if got := Series(unknown).Key(); got != unknown.Key() {
		t.Errorf("a point of no metric becomes %s", got)
	}
}

func TestARecordingIsWhatItsRowsSay(t *testing.T) {
	for _, c := range []struct {
		name  string
		heart simulator.Heart
		want  []string
	}{
		{"an ECG", simulator.Heart{SignalID: 90417723, AFib: 1, Rate: 104}, []string{
			"ecg_heart_rate_beats_per_minute 104", "ecg_recording_timestamp_seconds 1784011200", "ecg_result 1", "ecg_signal_id 90417723"}},
		{"one that failed", simulator.Heart{}, []string{"ecg_recording_timestamp_seconds 1784011200"}},
		{"one with a cuff and a stethoscope", simulator.Heart{SignalID: 5, StethoID: 6, Rate: 70, Systole: 126, Diastole: 79}, []string{
			"ecg_diastolic_blood_pressure_mmhg 79", "ecg_heart_rate_beats_per_minute 70", "ecg_recording_timestamp_seconds 1784011200",
			"ecg_result 0", "ecg_signal_id 5", "ecg_stethoscope_result 0", "ecg_stethoscope_signal_id 6", "ecg_systolic_blood_pressure_mmhg 126",
			"stethoscope_recording_timestamp_seconds 1784011200", "stethoscope_result 0", "stethoscope_signal_id 6"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBook()
			c.heart.Timestamp = 1784011200
			b.heart(&c.heart)
			points := b.points()
			if got := told(points); !slices.Equal(got, c.want) {
				t.Errorf("points are %q, want %q", got, c.want)
			}
			for _, p := range points {
				if p.Measurement != "withings_heart" || p.Time.Unix() != 1784011200 {
					t.Errorf("%s is at %s, want withings_heart at the moment of the recording", p.Key(), p.Time)
				}
			}
		})
	}
}
