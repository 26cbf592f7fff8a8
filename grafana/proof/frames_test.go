package proof

import (
	"cmp"
	"strings"

	"withings-exporter/grafana/queries"
)

// frame is an answer as Grafana has it: columns of one length.
type frame struct {
	refID  string
	fields []field
}

// field is a column. A value is nil where there is none, else a number, words, or,
// in a column of times, milliseconds.
type field struct {
	name   string
	shown  string // what the panel calls it, when that is not the name
	time   bool
	labels map[string]string
	values []any
}

// title is what a person reads.
func (f field) title() string { return cmp.Or(f.shown, f.name) }

// named is the legend of a query for a series.
func named(q queries.Query, labels map[string]string) string {
	name := q.Legend
	for label, value := range labels {
		name = strings.ReplaceAll(name, "{"+label+"}", value)
	}
	return name
}

// length is how many rows a frame has.
func (f frame) length() int {
	if len(f.fields) == 0 {
		return 0
	}
	return len(f.fields[0].values)
}

// column finds a column by what it is called.
func (f frame) column(title string) *field {
	for i := range f.fields {
		if f.fields[i].title() == title {
			return &f.fields[i]
		}
	}
	return nil
}
