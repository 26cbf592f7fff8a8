package withings

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"withings-exporter/exporter"
)

// rows counts what answers consist of, and so whether a service was read at all:
// that nothing failed is no sign of that.
type rows struct {
	all      int            // rows that came
	bad      int            // of them cannot be read
	why      map[string]int // and what is wrong with them, words that follow "rows"
	absent   string         // what an answer has in place of rows, words that follow "it"; "" when it has a list
	listless bool           // an answer has no list at all, which an account without any data may have
	promised bool           // more rows were announced
}

// add counts a row that cannot be read.
func (r *rows) add(why string) {
	if r.why == nil {
		r.why = map[string]int{}
	}
	r.bad++
	r.why[why]++
}

func (r *rows) none(what string) { r.absent = what }

// join adds the rows of another answer.
func (r *rows) join(more rows) {
	r.all += more.all
	r.bad += more.bad
	for why, n := range more.why {
		if r.why == nil {
			r.why = map[string]int{}
		}
		r.why[why] += n
	}
	if more.absent != "" {
		r.absent = more.absent
	}
	r.listless = r.listless || more.listless
	r.promised = r.promised || more.promised
}

// readable is nil when the rows were read: at most half of them are malformed,
// and there were some when some were announced.
func (r *rows) readable(service exporter.Service) error {
	switch {
	case r.absent != "":
		return &unreadable{service, "it " + r.absent}
	case r.mostlyBad():
		return &unreadable{service, r.reasons()}
	case r.promised && r.all == 0:
		return &unreadable{service, "it announces more rows, and none come"}
	}
	return nil
}

// whole is nil unless something is missing that the trailing window cannot stand
// in for.
func (r *rows) whole(service exporter.Service) error {
	but := *r
	but.bad = 0
	return but.readable(service)
}

// onPage are the rows of one page out of several: that one is empty is no fault
// of the others, that it has no list is.
func (r rows) onPage() rows {
	if r.listless {
		r.absent = "has no list"
	}
	r.promised = false
	return r
}

// mostlyBad reports whether more than half of the rows cannot be read.
func (r *rows) mostlyBad() bool { return 2*r.bad > r.all }

// reasons lists what is wrong, the most frequent first.
func (r *rows) reasons() string {
	kinds := slices.SortedFunc(maps.Keys(r.why), func(a, b string) int {
		if r.why[a] != r.why[b] {
			return r.why[b] - r.why[a]
		}
		return strings.Compare(a, b)
	})
	for i, why := range kinds {
		kinds[i] = fmt.Sprintf("%d of %d rows %s", r.why[why], r.all, why)
	}
	return strings.Join(kinds, ", ")
}

// unreadable is an answer that says it is one and cannot be read.
type unreadable struct {
	service exporter.Service
	what    string
}

func (e *unreadable) Error() string {
	return fmt.Sprintf("%s: cannot read the answer: %s; known values stay, and it is tried again with the next poll; if this lasts, please report it",
		endpoints[e.service].action, e.what)
}
