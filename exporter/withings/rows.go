package withings

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"withings-exporter/exporter"
)

// rows counts the rows of answers, good and bad: a service can fail to be read even
// though every request succeeded.
type rows struct {
	all      int
	bad      int            // how many cannot be read
	why      map[string]int // what is wrong with them, in words that follow "rows"
	absent   string         // what an answer has instead of rows, in words that follow "it"; "" if it has a list
	listless bool           // an answer has no list at all, as for an account without data
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

// readable is nil if at most half of the rows are malformed, and there are any if
// more were announced.
func (r *rows) readable(service exporter.Service) error {
	switch {
	case r.absent != "":
		return &unreadable{service, "it " + r.absent}
	case r.mostlyBad():
		return &unreadable{service, r.reasons()}
	case r.promised && r.all == 0:
		return &unreadable{service, "it announces more rows, but there are none"}
	}
	return nil
}

// whole is readable without regard to malformed rows, which the trailing window
// judges.
func (r *rows) whole(service exporter.Service) error {
	but := *r
	but.bad = 0
	return but.readable(service)
}

// onPage are the rows of one page of several, which may be empty but must have a
// list.
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

// unreadable is the error of an answer with status 0 that cannot be read.
type unreadable struct {
	service exporter.Service
	what    string
}

func (e *unreadable) Error() string {
	return fmt.Sprintf("%s: cannot read the answer: %s; %s", endpoints[e.service].action, e.what, e.Hint())
}

// Hint is what to do about it.
func (e *unreadable) Hint() string {
	return "known values stay, and the next poll tries again; if this lasts, please report it"
}
