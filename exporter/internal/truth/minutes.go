package truth

import (
	"strconv"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/simulator"
)

// Minutes returns every point of samples within a day and of minutes of nights that a
// database must contain for a person, from one moment to before another, sorted by
// time, as Points does for the rest.
func Minutes(sim *simulator.Cloud, person simulator.Person, from, to time.Time) []tally.Point {
	b := &book{profile: person.Name, span: span{from, to}, pages: map[place]page{}}
	for _, s := range sim.Samples(person.ID, from, to) {
		for _, f := range s.Data {
			if value := number(f.Value); value != nil {
				b.minute(s.Time, exporter.ByOrigin(exporter.Intraday, f.Name), s.Model, f.Value)
			}
		}
	}
	for _, segment := range sim.Segments(person.ID, from, to) {
		b.segment(segment)
	}
	return b.points()
}

// segment writes the minutes of a segment (section 5.1): the state of each, and the
// values of every field by moment.
func (b *book) segment(segment simulator.Fields) {
	start, _ := segment.Get("startdate")
	end, _ := segment.Get("enddate")
	state, _ := segment.Get("state")
	name, _ := segment.Get("model")
	model, _ := name.(string)
	if model == "" || model == "Aura Sensor V2" { // two names of one
		number, _ := segment.Get("model_id")
		model = map[any]string{63: "Sleep Analyzer"}[number] // the table of section 6.4 has more
	}
	for at := start.(int64); at < end.(int64); at += 60 {
		b.minute(at, exporter.ByOrigin(exporter.Night, "state"), model, state)
	}
	for _, series := range segment {
		values, ok := series.Value.(simulator.Fields)
		if !ok {
			continue
		}
		for _, f := range values {
			at, err := strconv.ParseInt(f.Name, 10, 64)
			if err != nil {
				panic("truth: the simulator has a minute at " + f.Name)
			}
			b.minute(at, exporter.ByOrigin(exporter.Night, series.Name), model, f.Value)
		}
	}
}

// minute writes one value of a device.
func (b *book) minute(at int64, m *exporter.Metric, model string, value any) {
	if r := (record{start: at, end: at}); b.has(r) {
		b.put(r, m, model, number(value))
	}
}
