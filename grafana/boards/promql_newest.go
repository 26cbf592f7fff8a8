package boards

import (
	"fmt"
	"strings"

	"withings-exporter/exporter"
)

// window is the time in which something is looked for.
type window struct {
	length string // a duration
	offset string // as it is written behind the brackets: " offset -1d"
	looks  string // the same for glances, where it is another
	since  string // what was measured before this moment does not count; "" for no bound
	now    bool   // the window ends now: what gauges show this very moment counts
	long   bool   // it is much longer than a day
}

// newest is the value measured last within a window, one for each line. Of two that
// were measured at the same time, give or take some minutes, the live one counts: it
// may have been corrected.
func (s series) newest(w window, more ...string) string {
	return s.joined("max", fmt.Sprintf("%s and on (%s) topk by (%s) (1, %s)", s.values(w, more...), s.keys(), s.lines(), s.counting(w, more...)))
}

// keys are the labels that tell series of a row apart.
func (s series) keys() string {
	return strings.Join(append([]string{exporterLabels}, s.row.Labels...), ", ")
}

// exporterLabels are those that tell exporters apart; imported history has no job and no
// instance.
const exporterLabels = "profile, job, instance"

// values is the last sample of each series within the window.
func (s series) values(w window, more ...string) string {
	return last(selector(s.row, append(s.matchers(), more...)...), w)
}

// last is the last sample of series within a window. A long one is looked at glance by
// glance: all of it at once would fill the memory with gauges that repeat themselves.
func last(selector string, w window) string {
	if !w.long {
		return "last_over_time(" + selector + "[" + w.length + "]" + w.offset + ")"
	}
	recent := "last_over_time(" + selector + "[" + glance + "])"
	past := "last_over_time(" + recent + "[" + w.length + ":" + glance + "]" + w.offset + ")"
	if !w.now {
		return past
	}
	return "(" + recent + " or " + past + ")"
}

// glance is how often is looked where every sample would be too much: five years are
// 88,000 glances, and VictoriaMetrics takes 100,000. Zones differ by halves of an hour, so
// that no glance is about two days; in the few that differ by a quarter, an imported
// reading from the last quarter of a day may be missed.
const (
	glance = "30m"
	blur   = 30 * secondsInMinute
)

// times is when the last sample of each series was measured. Prometheus has no
// function that tells when the last sample of a window was, and timestamp is slow over
// years: an imported sample is known by the last glance that found it. Its time is up to
// a glance too early, so that a live series of the same reading is taken.
func (s series) times(w window, more ...string) string {
	live := last(s.measured(more...), w) + w.bound(">=")
	if s.row.Service.Row().Current {
		return live // has no past
	}
	return fmt.Sprintf("%s or on (%s) %s", live, s.keys(), s.glimpsed(w, more...))
}

// glimpsed is when the last imported sample of each series was measured, to a glance.
func (s series) glimpsed(w window, more ...string) string {
	return fmt.Sprintf("(max_over_time((last_over_time(%s[%s]%s) * 0 + time())[%s:%s]%s)%s) - %d",
		s.imported(more...), glance, justBefore, w.length, glance, w.glances(), w.bound(">"), blur)
}

// measured are the gauges of when a row was measured.
func (s series) measured(more ...string) string {
	matchers := append([]string{selectPeople, fmt.Sprintf("metric=%q", s.row.Name)}, s.matchers()...)
	return "withings_measured_timestamp_seconds{" + strings.Join(append(matchers, more...), ",") + "}"
}

// imported are the series of a row that no exporter shows.
func (s series) imported(more ...string) string {
	return selector(s.row, append(append(s.matchers(), more...), `instance=""`)...)
}

// counting are the times that count. Values of a session (a night, a workout) are of
// the last one: those of an earlier one do not count, even where the last has none.
func (s series) counting(w window, more ...string) string {
	times := s.times(w, more...)
	end := exporter.ByOrigin(s.row.Service, "enddate")
	if end == nil {
		return times
	}
	return fmt.Sprintf("(%s) >= on (profile) group_left () (max by (profile) (%s) - %d)", times, last(selector(end), w), blur)
}

// bound compares times with the beginning of the window.
func (w window) bound(how string) string {
	if w.since == "" {
		return ""
	}
	return " " + how + " " + w.since
}

// glances is where a window is for glances: the one at its end, which sees what comes
// before it, belongs to it.
func (w window) glances() string {
	if w.looks != "" {
		return w.looks
	}
	return w.offset
}
