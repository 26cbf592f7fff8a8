package prom

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"withings-exporter/exporter"
)

// moment is when all tests of this package take place.
var moment = time.Date(2026, 7, 15, 9, 0, 0, 0, time.UTC)

// person returns a profile with the given number of series of readings; half of them
// are the times of the other half. The values are made up.
func person(name string, series int) Profile {
	state := exporter.NewState(name, time.UTC)
	batches := map[exporter.Service]*exporter.Record{}
	add := func(m *exporter.Metric, labels exporter.Labels, n int) {
		r := batches[m.Service]
		if r == nil {
			r = &exporter.Record{Service: m.Service, ID: "1", Date: moment.Format(time.DateOnly),
				Start: moment.Add(-8 * time.Hour), End: moment}
			batches[m.Service] = r
		}
		value, _ := exporter.NewDecimal(int64(n*7919%99991+1), -2)
		r.Readings = append(r.Readings, exporter.Reading{Metric: m, Labels: labels, Value: value})
	}
	n := 0
	for round := 0; n < series/2; round++ {
		for _, m := range exporter.Catalog() {
			if m.Key == "naps" || m.Key == "naps_duration" || n >= series/2 || round > 0 && m.Service != exporter.Measure {
				continue
			}
			add(m, labelsOf(m, round), n)
			n++
		}
	}
	for service, r := range batches {
		state.Apply(exporter.Batch{Service: service, Records: []exporter.Record{*r}})
	}
	return Profile{State: state, Status: &exporter.Status{}, TokenExpiry: func() (time.Time, bool) { return moment.Add(time.Hour), true }}
}

// labelsOf returns values for a metric's own labels, different in each round.
func labelsOf(m *exporter.Metric, round int) exporter.Labels {
	if len(m.Labels) == 0 || m.Service == exporter.Activity || round == 0 && m.Service == exporter.Measure {
		return ""
	}
	values := make([]string, len(m.Labels))
	for i := range values {
		values[i] = "v" + strconv.Itoa(round)
	}
	return exporter.LabelValues(values...)
}

// crowd returns a number of people with about the given number of series in all.
func crowd(people, series int) []Profile {
	all := make([]Profile, people)
	for i := range all {
		all[i] = person(fmt.Sprintf("person-%03d", i), series/people)
	}
	return all
}

// weighIn changes one reading of a person.
func weighIn(p Profile, n int) {
	value, _ := exporter.NewDecimal(int64(70_000+n%9999), 0)
	at := moment.Add(time.Duration(n) * time.Second)
	p.State.Apply(exporter.Batch{Service: exporter.Measure, Records: []exporter.Record{{
		Service: exporter.Measure, ID: "weigh-in", Start: at, End: at, Modified: at,
		Readings: []exporter.Reading{{Metric: exporter.ByName("weight_grams"), Value: value}},
	}}})
}

// discard is an answer that nobody reads.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(int)             {}
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
