package rules

import (
	"fmt"
	"strings"

	"withings-exporter/exporter"
)

// What the questions below mean is what they mean on the dashboards (see promql.go in
// package boards), but for two things: everybody is asked about, and days are those of UTC,
// since rules have no browser.

// row is one of the catalogue, asked about the whole body.
type row struct{ *exporter.Metric }

func rowOf(name string) row {
	m := exporter.ByName(name)
	if m == nil {
		panic("the catalogue has no " + name)
	}
	return row{m}
}

// matchers are what the row's own labels must be.
func (r row) matchers(more ...string) []string {
	for _, label := range r.Labels {
		switch label {
		case "position":
			more = append([]string{`position=""`}, more...)
		case "day":
			more = append([]string{`day="yesterday"`}, more...)
		}
	}
	return more
}

func (r row) selector(more ...string) string {
	all := strings.Join(r.matchers(more...), ",")
	if all == "" {
		return r.FullName()
	}
	return r.FullName() + "{" + all + "}"
}

// imported are the series of the row that no exporter shows.
func (r row) imported() string { return r.selector(`instance=""`) }

// measured are the gauges of when the row was measured.
func (r row) measured() string {
	return "withings_measured_timestamp_seconds{" + strings.Join(append([]string{fmt.Sprintf("metric=%q", r.Name)}, r.matchers()...), ",") + "}"
}

const (
	readers = "profile, job, instance"
	glance  = "15m" // how often is looked for imported samples
	blur    = 900   // so that a live value comes before an imported one of the same reading
)

// newest is the value measured last in a window, if that was after a moment, whatever
// series it is in.
func (r row) newest(length, offset, since string) string {
	window := "[" + length + "]" + offset
	live := "last_over_time(" + r.measured() + window + ") > " + since
	imported := fmt.Sprintf("(max_over_time((last_over_time(%s[%s]) * 0 + time())[%s:%s]%s) > %s) - %d", r.imported(), glance, length, glance, offset, since, blur)
	return fmt.Sprintf("max by (profile) (last_over_time(%s%s) and on (%s) topk by (profile) (1, %s or on (%s) %s))",
		r.selector(), window, readers, live, readers, imported)
}

// day is the value of the day that begins at the moment of asking, absent if nothing was
// measured on it. A total is that of "yesterday" around the midnight after, when the day
// is over.
func (r row) day() string {
	if r.Service == exporter.Activity {
		return r.newest("1d", " offset -36h", "(time() + 43200)")
	}
	return r.newest("1d", " offset -1d", "time()")
}

// over is a function over the last days. A second is missing so that seven days are
// seven in Prometheus 2, which counts both ends, and in 3.
func (r row) over(function string, days, ago int) string {
	if r.Service == exporter.Activity {
		ago++ // the running day does not count
	}
	offset := ""
	if ago > 0 {
		offset = fmt.Sprintf(" offset %dd", ago)
	}
	return fmt.Sprintf("%s((%s)[%dd23h59m59s:1d]%s)", function, r.day(), days-1, offset)
}

// recent is the value measured last in so many days.
func (r row) recent(days int) string {
	return r.newest(fmt.Sprintf("%dd", days), "", fmt.Sprintf("(time() - %d)", days*86400))
}

// recorded is the label of when a reading was measured. Prometheus 2 wants it to come
// after the other labels, by the alphabet.
const recorded = "recorded"

// each has a line for each reading of the last days: each is counted once, however often
// it was scraped, and whether it was imported, too. When it was measured is its label.
// Readings that follow each other within five minutes are the last of them.
func (r row) each(days int) string {
	moments := fmt.Sprintf("(%s or on (%s) timestamp(%s))", r.measured(), readers, r.imported())
	labelled := func(what string) string {
		return fmt.Sprintf(`last_over_time((%s * on (%s) group_left (%s) count_values by (%s) (%q, %s))[%dd:5m])`, what, readers, recorded, readers, recorded, moments, days)
	}
	return fmt.Sprintf("max by (profile, %s) (%s and on (%s, %s) (%s > time() - %d))",
		recorded, labelled(r.selector()), readers, recorded, labelled(moments), days*86400)
}
