// Package truth is what a database must hold of a simulated person, for tests.
// It is derived from the records of the simulator and the API reference alone:
// what decodes, keeps and writes readings is under test and has no part in it.
// Of the catalogue it takes only what a row states, such as its name, its power
// of ten and its labels.
package truth

import (
	"cmp"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/simulator"
)

// Option widens what counts as the person's.
type Option int

// The options. Without any, the truth is that of an exporter with default flags
// and a simulator with default switches.
const (
	Ambiguous    Option = iota // what may be another person's counts too, as with --include-ambiguous
	Undocumented               // fields that the reference does not have are served, as with simulator.ServeExtras
)

// Points returns every point that a database must hold of a person, of records
// that start at from or later and before to, sorted by time. A zero from is the
// beginning, a zero to the end of everything. Tag profile is person.Name, which
// the caller may change to what the profile is called.
//
// They are the measures and the objectives, days, sleep sessions and workouts as
// the simulator's server has them now. Goals and devices are not among them:
// they have no history, only a condition at the moment of asking.
//
// Where two records say the same thing about the same moment, a database has
// room for one. It is that of the record which ended later, else was changed
// later, else has the higher id.
func Points(sim *simulator.Cloud, person simulator.Person, from, to time.Time, options ...Option) []tally.Point {
	b := &book{
		profile: person.Name, span: span{from, to},
		pages: map[place]page{},
	}
	for _, o := range options {
		b.ambiguous = b.ambiguous || o == Ambiguous
		b.undocumented = b.undocumented || o == Undocumented
	}
	// Lists of the simulator are by local dates; two days more than cover every zone.
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
	return b.points()
}

// Covers reports whether a series is of a kind that Points tells of, under its
// name in InfluxDB. Of others, which are those of goals and devices, the truth
// says nothing.
func Covers(k tally.Key) bool {
	m := rows[name{k.Measurement, k.Field}]
	return m != nil && !m.Service.Row().Current
}

// Series is a point as Prometheus and OpenMetrics know it: no measurement, and
// the field is the full name of the metric. A point of no metric stays as it is.
func Series(p tally.Point) tally.Point {
	if m := rows[name{p.Measurement, p.Field}]; m != nil {
		p.Measurement, p.Field = "", m.FullName()
	}
	return p
}

// name is what a metric is called in InfluxDB.
type name struct{ measurement, field string }

func nameOf(m *exporter.Metric) name {
	return name{exporter.Prefix + string(m.Group), m.Field()}
}

// rows finds the row of the catalogue by its name in InfluxDB.
var rows = func() map[name]*exporter.Metric {
	all := map[name]*exporter.Metric{}
	for _, m := range exporter.Catalog() {
		all[nameOf(m)] = m
	}
	return all
}()

// span is from, included, to to, excluded; a zero to has no end.
type span struct{ from, to time.Time }

func (s span) has(t time.Time) bool {
	return !t.Before(s.from) && (s.to.IsZero() || t.Before(s.to))
}

// record is what decides which of two values for one place holds; moments are
// UNIX seconds.
type record struct {
	start, end, modified, id int64
}

// outranks reports whether r shows a later condition than other.
func (r record) outranks(other record) bool {
	return cmp.Or(cmp.Compare(r.end, other.end), cmp.Compare(r.modified, other.modified), cmp.Compare(r.id, other.id)) > 0
}
