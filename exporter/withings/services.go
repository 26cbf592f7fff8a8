package withings

import (
	"net/url"
	"strings"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
)

// endpoint is what only this package knows of a service: where to ask for it, and how
// to read an answer. Each is in the file of its service.
type endpoint struct {
	path   string
	action string
	params url.Values // more parameters of every request
	fields bool       // a request names the fields it wants
	days   bool       // ranges are dates instead of moments
	ranged bool       // there is no lastupdate: changes are found by asking for ranges
	list   string     // name of the array in the body

	// row reads an element of the array; false if it is of no use.
	row func(d *decoder, v *fastjson.Value) (exporter.Record, bool)
	// object reads a list that is an object instead of an array.
	object func(d *decoder, v *fastjson.Value) []exporter.Record
	// all reads the elements of the array together.
	all func(d *decoder, elements []*fastjson.Value) []exporter.Record
	// odd are the fields, by key, that are neither numbers nor states.
	odd map[string]reader
}

// reader adds what a field has for a metric to a record.
type reader func(d *decoder, r *exporter.Record, m *exporter.Metric, v *fastjson.Value)

// endpoints has one for each row of the exporter's table of services.
var endpoints = map[exporter.Service]*endpoint{
	exporter.Measure:   &measures,
	exporter.Activity:  &days,
	exporter.Sleep:     &sessions,
	exporter.Device:    &devices,
	exporter.Goal:      &goals,
	exporter.Objective: &objectives,
	exporter.Workout:   &workouts,
	exporter.Heart:     &hearts,
	exporter.Stetho:    &sounds,
	exporter.Intraday:  &intraday,
	exporter.Night:     &minutes,
}

// dataRow is a row of the catalogue that is a field of a data object.
type dataRow struct {
	*exporter.Metric
	path []string // where the field is: a dot in the key leads into an object
	read reader
}

// dataRows are those of each service.
var dataRows = map[exporter.Service][]dataRow{}

func init() {
	for _, m := range exporter.Catalog() {
		at := endpoints[m.Service]
		if at == nil || m.Frame {
			continue
		}
		read := at.odd[m.Key]
		switch {
		case read != nil:
		case m.States != nil:
			read = func(d *decoder, r *exporter.Record, m *exporter.Metric, v *fastjson.Value) { d.states(r, m, text(v)) }
		default:
			read = func(d *decoder, r *exporter.Record, m *exporter.Metric, v *fastjson.Value) { d.add(r, m, v, "") }
		}
		dataRows[m.Service] = append(dataRows[m.Service], dataRow{m, strings.Split(m.Key, "."), read})
	}
}
