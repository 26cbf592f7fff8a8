// Package truth computes what a database must contain for a simulated person, for
// tests. It uses only the records of the simulator and the API reference. The code
// that decodes, keeps and writes readings is under test and is not used. From the
// catalogue it takes only the data of a row, such as its name, power of ten and
// labels.
package truth

import (
	"cmp"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/simulator"
)

// Option includes more readings.
type Option int

// The options. Without any, the result is for an exporter with default flags and a
// simulator with default switches.
const (
	Ambiguous    Option = iota // include measures that may be another person's, as with --include-ambiguous
	Undocumented               // include fields that are not in the reference, as with simulator.ServeExtras
)

// Points returns every point that a database must contain for a person, from records
// that start at from or later and before to, sorted by time. A zero from or to means
// no limit. The tag profile is person.Name; the caller may change it to the name of
// the profile.
//
// They are the measures, objectives, days, sleep sessions, workouts and recordings
// of heart and stethoscope that the simulator has now. Goals and devices are not included: they have no history, only
// a current state.
//
// If two records have a value for the same place, a database can store only one: that
// of the record that ended later, else was changed later, else has the higher id.
func Points(sim *simulator.Cloud, person simulator.Person, from, to time.Time, options ...Option) []tally.Point {
	b := &book{
		profile: person.Name, span: span{from, to},
		pages: map[place]page{},
	}
	for _, o := range options {
		b.ambiguous = b.ambiguous || o == Ambiguous
		b.undocumented = b.undocumented || o == Undocumented
	}
	// The simulator lists by local date; two days more cover every time zone.
	const margin = 48 * time.Hour
	first, last := person.Since.Add(-margin), sim.Now().Add(margin)
	if from.After(first) {
		first = from.Add(-margin)
	}
	if !to.IsZero() && to.Before(last) {
		last = to.Add(margin)
	}
	for _, g := range sim.Measures(person.ID, time.Unix(1, 0), last) {
		b.group(&g)
	}
	for _, d := range sim.Days(person.ID, first, last) {
		b.day(&d)
	}
	for _, n := range sim.Nights(person.ID, first, last) {
		b.night(&n)
	}
	for _, n := range Nights(sim, person, first, last) {
		b.naps(&n)
	}
	for _, w := range sim.Workouts(person.ID, first, last) {
		b.workout(&w)
	}
	for _, h := range sim.Hearts(person.ID, first, last) {
		b.heart(&h)
	}
	return b.points()
}

// Covers reports whether Points includes a kind of series, by its name in InfluxDB.
// It does not include goals and devices; minutes are those of Minutes.
func Covers(k tally.Key) bool {
	m := rows[name{k.Measurement, k.Field}]
	return m != nil && !m.Service.Row().Current && !m.Service.Row().Minutes
}

// Series returns a point as in Prometheus and OpenMetrics: without a measurement, and
// with the full name of the metric as field. A point of an unknown metric is returned
// unchanged.
func Series(p tally.Point) tally.Point {
	if m := rows[name{p.Measurement, p.Field}]; m != nil {
		p.Measurement, p.Field = "", m.FullName()
	}
	return p
}

// name is the name of a metric in InfluxDB.
type name struct{ measurement, field string }

func nameOf(m *exporter.Metric) name {
	return name{exporter.Prefix + string(m.Group), m.Field()}
}

// rows has the rows of the catalogue by their names in InfluxDB.
var rows = func() map[name]*exporter.Metric {
	all := map[name]*exporter.Metric{}
	for _, m := range exporter.Catalog() {
		all[nameOf(m)] = m
	}
	return all
}()

// span is the time from from to before to; a zero to means no end.
type span struct{ from, to time.Time }

func (s span) has(t time.Time) bool {
	return !t.Before(s.from) && (s.to.IsZero() || t.Before(s.to))
}

// record decides which of two values for one place counts; times are UNIX seconds.
type record struct {
	start, end, modified, id int64
}

// outranks reports whether r counts instead of other.
func (r record) outranks(other record) bool {
	return cmp.Or(cmp.Compare(r.end, other.end), cmp.Compare(r.modified, other.modified), cmp.Compare(r.id, other.id)) > 0
}
