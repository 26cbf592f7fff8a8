package simulator

import (
	"strconv"
	"strings"
	"time"
)

// window is the part of a list that a call asks for: a range over the rows' own time (epoch seconds, or day
// numbers on the ymd calls), and the rows modified since an instant.
type window struct {
	ranged    bool
	from, to  int64 // inclusive
	updated   bool
	since     int64
	inclusive bool
}

// admits reports whether a row is in the window.
func (w window) admits(at, modified int64) bool {
	if w.ranged && (at < w.from || at > w.to) {
		return false
	}
	if !w.updated {
		return true
	}
	return modified > w.since || w.inclusive && modified == w.since
}

// bound is one end of a range: the parameter and where its value goes.
type bound struct {
	name  string
	value *int64
}

// endless is later than every row; its negative is earlier. Moments beyond are moved to these two, so that
// sums with them cannot overflow.
const endless = int64(1) << 40

// epochWindow reads startdate, enddate and, where the call knows it, lastupdate.
func (c *Cloud) epochWindow(q *call, knowsUpdates bool) (window, *refusal) {
	w := window{to: endless}
	for _, end := range []bound{{"startdate", &w.from}, {"enddate", &w.to}} {
		value, given, refused := q.moment(end.name)
		if refused != nil {
			return w, refused
		}
		if given {
			w.ranged, *end.value = true, value
		}
	}
	if !knowsUpdates {
		return w, nil
	}
	return c.settle(q, w)
}

// ymdWindow reads startdateymd, enddateymd and lastupdate. Epoch ranges are ignored without notice, as the
// real server does on these calls.
func (c *Cloud) ymdWindow(q *call) (window, *refusal) {
	w := window{to: endless}
	for _, end := range []bound{{"startdateymd", &w.from}, {"enddateymd", &w.to}} {
		text := q.form.Get(end.name)
		if text == "" {
			continue
		}
		t, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return w, invalidParam("invalid " + end.name)
		}
		w.ranged, *end.value = true, t.Unix()/secondsPerDay
	}
	return c.settle(q, w)
}

// settle adds lastupdate and applies the switches about dates.
func (c *Cloud) settle(q *call, w window) (window, *refusal) {
	since, given, refused := q.moment("lastupdate")
	if refused != nil {
		return w, refused
	}
	if given {
		w.updated, w.since, w.inclusive = true, since, c.switches.LastUpdateInclusive
	}
	switch {
	case w.updated && w.since > q.unix:
		return w, errFutureUpdate
	case !w.updated && !w.ranged && c.switches.RefuseNoDates:
		return w, invalidParam("startdate or lastupdate is missing")
	case w.updated && w.ranged && c.switches.Combined == RefuseCombine:
		return w, invalidParam("lastupdate and dates exclude each other")
	case w.updated && w.ranged && c.switches.Combined == IgnoreRange:
		w.ranged = false
	}
	return w, nil
}

// moment reads an optional time in UNIX seconds.
func (q *call) moment(name string) (unix int64, given bool, refused *refusal) {
	unix, given, refused = q.integer(name)
	return max(-endless, min(endless, unix)), given, refused
}

// integer reads an optional integer parameter.
func (q *call) integer(name string) (value int64, given bool, refused *refusal) {
	text := q.form.Get(name)
	if text == "" {
		return 0, false, nil
	}
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, false, invalidParam("invalid " + name)
	}
	return value, true, nil
}

// dataFields returns the requested fields, or the default set when the parameter is absent.
func (q *call) dataFields(standard []string) map[string]bool {
	names := standard
	if list := q.form.Get("data_fields"); list != "" {
		names = strings.Split(list, ",")
	}
	wanted := make(map[string]bool, len(names))
	for _, name := range names {
		wanted[strings.TrimSpace(name)] = true
	}
	return wanted
}
