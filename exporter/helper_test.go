package exporter

import (
	"iter"
	"slices"
	"strings"
	"testing"
	"time"
)

// at reads "2026-07-14 08:00" as UTC.
func at(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

// is makes a reading; value is in the metric's unit.
func is(metric, value string, labels ...string) Reading {
	d, err := ParseDecimal(value)
	if err != nil || ByName(metric) == nil {
		panic(metric + " " + value)
	}
	return Reading{ByName(metric), LabelValues(labels...), d}
}

// group is a measure group taken at a moment.
func group(id, taken string, readings ...Reading) Record {
	return Record{Service: Measure, ID: id, Start: at(taken), End: at(taken), Modified: at(taken), Readings: readings}
}

// changed is r as Withings tells it after a change at a moment.
func changed(r Record, modified string, readings ...Reading) Record {
	r.Modified, r.Readings = at(modified), readings
	return r
}

// moved is r with another moment of measuring.
func moved(r Record, taken string) Record {
	r.Start, r.End = at(taken), at(taken)
	return r
}

// day is a row of activity.
func day(date string, readings ...Reading) Record {
	start := at(date + " 00:00")
	return Record{Service: Activity, ID: date, Date: date, Start: start, End: start.Add(24 * time.Hour), Readings: readings}
}

// session is a sleep session; its score tells which one is shown.
func session(id, date, start, end, score string) Record {
	return Record{Service: Sleep, ID: id, Date: date, Start: at(start), End: at(end),
		Readings: []Reading{is("sleep_score", score), is("sleep_deep_seconds", score+"00")}}
}

func apply(s *State, records ...Record) {
	for _, r := range records {
		s.Apply(Batch{Service: r.Service, Records: []Record{r}})
	}
}

func newState(records ...Record) *State {
	s := NewState("Anna Müller", nil)
	apply(s, records...)
	return s
}

// shown is a snapshot as text: name, or name{labels}, to value.
func shown(s *State, now time.Time) map[string]string {
	all := map[string]string{}
	for _, sample := range s.Snapshot(now).Samples {
		all[seriesText(sample)] = sample.Value.String()
	}
	return all
}

// measuredAt is when each series of a snapshot was measured.
func measuredAt(s *State, now time.Time) map[string]string {
	all := map[string]string{}
	for _, sample := range s.Snapshot(now).Samples {
		all[seriesText(sample)] = sample.Measured.UTC().Format("2006-01-02 15:04")
	}
	return all
}

func seriesText(sample Sample) string {
	if sample.Labels == "" {
		return sample.Metric.Name
	}
	return sample.Metric.Name + "{" + strings.Join(sample.Labels.Values(), ",") + "}"
}

// expect compares some series with what is shown; "" means absent.
func expect(t *testing.T, got map[string]string, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %q, want %q", name, got[name], value)
		}
	}
}

// permutations yields every order of a few records.
func permutations(records []Record) iter.Seq[[]Record] {
	return func(yield func([]Record) bool) { permute(nil, records, yield) }
}

func permute(head, tail []Record, yield func([]Record) bool) bool {
	if len(tail) == 0 {
		return yield(append([]Record(nil), head...))
	}
	for i := range tail {
		rest := append(append([]Record(nil), tail[:i]...), tail[i+1:]...)
		if !permute(append(slices.Clip(head), tail[i]), rest, yield) {
			return false
		}
	}
	return true
}
