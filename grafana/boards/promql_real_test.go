package boards

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/testserver"
	grafana "withings-exporter/grafana/queries"
)

// point is a value of a row.
type point struct {
	row   *exporter.Metric
	at    time.Time
	value float64
}

// points are the values in the lines.
func (p *past) points(t *testing.T) []point {
	t.Helper()
	var all []point
	for line := range strings.SplitSeq(strings.TrimSpace(p.lines.String()), "\n") {
		var group, rest string
		var at int64
		if _, err := fmt.Sscan(line, &group, &rest, &at); err != nil {
			t.Fatal(err)
		}
		group, _, _ = strings.Cut(strings.TrimPrefix(group, "withings_"), ",")
		name, number, _ := strings.Cut(rest, "=")
		value, err := strconv.ParseFloat(number, 64)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range exporter.Catalog() {
			if string(m.Group) == group && m.Field() == name {
				all = append(all, point{m, time.Unix(at, 0), value})
			}
		}
	}
	return all
}

// shown is what is imported: each value when an exporter first shows it. Of the
// sessions of a night the one with stages counts.
func (p *past) shown(t *testing.T) []point {
	t.Helper()
	sessions, all := map[time.Time][]point{}, []point(nil)
	for _, one := range p.points(t) {
		switch {
		case ofNaps(one.row):
		case one.row.Service == exporter.Sleep:
			sessions[one.at] = append(sessions[one.at], one)
		case byDay(one.row):
			one.at = p.at(p.dayOf(one.at)+1, 0, 0)
			all = append(all, one)
		default:
			all = append(all, one)
		}
	}
	nights, naps := map[int][]point{}, map[int]float64{}
	for start, session := range sessions {
		end := start
		for _, one := range session {
			if one.row.Name == nightEnd {
				end = time.Unix(int64(one.value), 0)
			}
		}
		day := p.dayOf(end)
		if end.Sub(start) < 3*time.Hour {
			naps[day] = end.Sub(start).Seconds()
			continue
		}
		if len(session) > len(nights[day]) {
			for i := range session {
				session[i].at = end
			}
			nights[day] = session
		}
	}
	for day, night := range nights {
		all = append(all, night...)
		all = append(all, point{mustRow("sleep_naps_seconds"), night[0].at, naps[day]})
	}
	slices.SortStableFunc(all, func(a, b point) int { return a.at.Compare(b.at) })
	return all
}

// dayOf is the day of a moment.
func (p *past) dayOf(at time.Time) int {
	date := func(at time.Time) time.Time {
		year, month, day := at.In(p.now.Location()).Date()
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	return int(date(at).Sub(date(p.now)) / (24 * time.Hour))
}

// write adds the samples of a person to those of others: what was imported until this
// midnight, and the gauges of an exporter since.
func (p *past) write(t *testing.T, samples map[string]map[int64]float64) {
	t.Helper()
	put := func(name, labels string, at time.Time, value float64) {
		key := fmt.Sprintf("%s{profile=%q%s}", name, p.person, labels)
		if samples[key] == nil {
			samples[key] = map[int64]float64{}
		}
		samples[key][at.Unix()] = value
	}
	const live = `,job="withings",instance="here"`
	shown := p.shown(t)
	for _, one := range shown {
		labels := ""
		if byDay(one.row) {
			labels = `,day="yesterday"`
		}
		if !one.at.After(p.at(0, 0, 0)) && !one.row.Service.Row().Current {
			put(one.row.FullName(), labels, one.at, one.value)
		}
	}
	for now := p.at(0, 0, 0); !now.After(p.now); now = now.Add(5 * time.Minute) {
		newest := map[*exporter.Metric]point{}
		for _, one := range shown {
			if !one.at.After(now) {
				newest[one.row] = one
			}
		}
		gauge := func(one point, labels string) {
			put(one.row.FullName(), live+labels, now, one.value)
			put("withings_measured_timestamp_seconds", fmt.Sprintf("%s%s,metric=%q", live, labels, one.row.Name), now, float64(one.at.Unix()))
		}
		for _, one := range newest {
			if byDay(one.row) {
				today, _ := steps(0)
				gauge(one, `,day="yesterday"`)
				gauge(point{one.row, now, today}, `,day="today"`)
				continue
			}
			gauge(one, "")
		}
	}
}

// server answers queries.
type server interface {
	Query(expression string, at time.Time) []testserver.Result
	QueryRange(expression string, from, to time.Time, step time.Duration) []testserver.Result
}

// exposed has everybody's samples, in OpenMetrics; a second is so many of its units.
func exposed(t *testing.T, all []*past, units int64) string {
	t.Helper()
	samples := map[string]map[int64]float64{}
	for _, p := range all {
		p.write(t, samples)
	}
	var text strings.Builder
	family := ""
	for _, key := range slices.SortedFunc(maps.Keys(samples), func(a, b string) int {
		one, _, _ := strings.Cut(a, "{")
		other, _, _ := strings.Cut(b, "{")
		return cmp.Or(strings.Compare(one, other), strings.Compare(a, b))
	}) {
		if name, _, _ := strings.Cut(key, "{"); name != family {
			family = name
			fmt.Fprintf(&text, "# TYPE %s gauge\n", name)
		}
		for _, at := range slices.Sorted(maps.Keys(samples[key])) {
			fmt.Fprintf(&text, "%s %v %d\n", key, samples[key][at], at*units)
		}
	}
	text.WriteString("# EOF\n")
	return text.String()
}

// serving is a Prometheus with everybody's samples.
func serving(t *testing.T, all []*past) server {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "past.om")
	if err := os.WriteFile(file, []byte(exposed(t, all, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	blocks := filepath.Join(dir, "blocks")
	create := exec.Command(testrun.Promtool.Path(t), "tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=9000h", file, blocks)
	if out, err := create.CombinedOutput(); err != nil {
		t.Fatalf("promtool: %v\n%s", err, out)
	}
	return testserver.Prometheus(t, blocks)
}

// victoria is a VictoriaMetrics, whose windows are open to the left as those of
// Prometheus 3 are.
type victoria struct {
	t       *testing.T
	address string
}

func (v victoria) Query(expression string, at time.Time) []testserver.Result {
	return v.ask("query", url.Values{"query": {expression}, "time": {fmt.Sprint(at.Unix())}})
}

func (v victoria) QueryRange(expression string, from, to time.Time, step time.Duration) []testserver.Result {
	return v.ask("query_range", url.Values{"query": {expression}, "start": {fmt.Sprint(from.Unix())}, "end": {fmt.Sprint(to.Unix())},
		"step": {fmt.Sprint(step.Seconds())}, "nocache": {"1"}}) // or steps are moved to midnight UTC
}

func (v victoria) ask(path string, form url.Values) []testserver.Result {
	v.t.Helper()
	answer, err := http.PostForm(v.address+"/api/v1/"+path, form)
	if err != nil {
		v.t.Fatal(err)
	}
	defer answer.Body.Close()
	var said struct {
		Data struct{ Result []testserver.Result }
	}
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil || answer.StatusCode != http.StatusOK {
		v.t.Fatalf("%s, %v", answer.Status, err)
	}
	return said.Data.Result
}

// browsed is a query as Grafana sends it, from the zone of the person.
func (p *past) browsed(t *testing.T, query string, instant bool) grafana.Query {
	t.Helper()
	_, offset := p.now.Zone()
	panels, err := grafana.Panels("test", map[string]any{
		"time": map[string]any{"from": "now-" + strconv.Itoa(shownDays) + "d"},
		"panels": []any{map[string]any{"title": "test", "interval": "1d", "maxDataPoints": float64(manyDays),
			"targets": []any{map[string]any{"refId": "A", "expr": query, "instant": instant}}}},
	}, grafana.View{Person: p.person, Now: p.now, Variables: map[string]string{"instance": ".*", "midnight": fmt.Sprint((3*86400-offset-1)%86400 + 1)}})
	if err != nil {
		t.Fatal(err)
	}
	return panels[0].Queries[0]
}

// TestPrometheusKnowsWhatInfluxDBKnows puts the questions to a server that InfluxDB is
// asked, for somebody in each zone.
func TestPrometheusKnowsWhatInfluxDBKnows(t *testing.T) {
	t.Parallel()
	all := everywhere(t)
	known(t, serving(t, all), all)
}

func TestVictoriaMetricsKnowsWhatPrometheusKnows(t *testing.T) {
	t.Parallel()
	all, s := everywhere(t), testserver.Victoria(t)
	answer, err := http.Post(s.URL+"/api/v1/import/prometheus", "text/plain", strings.NewReader(exposed(t, all, millisInSecond)))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer, err = http.Get(s.URL + "/internal/force_flush"); err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	known(t, victoria{t, s.URL}, all)
}

// everywhere is somebody in each zone.
func everywhere(t *testing.T) []*past {
	t.Helper()
	var all []*past
	for i, zone := range zones {
		all = append(all, newPast(t, string(rune('A'+i)), zone, "2026-08-20"))
	}
	return all
}

// known compares the answers of a server for everybody.
func known(t *testing.T, s server, all []*past) {
	t.Helper()
	for i, zone := range zones {
		p := all[i]
		t.Run(zone, func(t *testing.T) {
			for name, c := range dailyCases(promQL{}) {
				t.Run(name, func(t *testing.T) { p.compare(t, s, c) })
			}
			t.Run("records", func(t *testing.T) { p.records(t, s) })
			for name, c := range p.singleCases(promQL{}) {
				t.Run(name, func(t *testing.T) {
					got := math.NaN()
					q := p.browsed(t, c.query, true)
					for _, line := range s.Query(q.Text, q.To) {
						if !math.IsNaN(got) {
							t.Errorf("two answers")
						}
						_, got = numbers(t, line.Value)
					}
					if math.IsNaN(got) != math.IsNaN(c.want) || math.Abs(got-c.want) > 1e-6*max(1, math.Abs(c.want)) {
						t.Errorf("%v, want %v", got, c.want)
					}
				})
			}
		})
	}
}

// TestPrometheusKeepsTotalsAndNightsOnTheirDays looks from other zones, and over a
// change of clocks.
func TestPrometheusKeepsTotalsAndNightsOnTheirDays(t *testing.T) {
	t.Parallel()
	var all []*past
	for i, c := range looks {
		all = append(all, newPast(t, string(rune('A'+i)), c.person, c.date))
	}
	s := serving(t, all)
	for i, c := range looks {
		p := all[i]
		p.movesTo(t, c.browser)
		for name, one := range datedCases(promQL{}) {
			t.Run(c.person+" from "+c.browser+" on "+c.date+", "+name, func(t *testing.T) { p.compare(t, s, one) })
		}
	}
}

// compare asks for the values of days. In the other half of a year with clock changes,
// steps are an hour from midnight.
func (p *past) compare(t *testing.T, s server, c dailyCase) {
	t.Helper()
	q := p.browsed(t, c.query, false)
	first, last := q.Aligned()
	got := map[int]float64{}
	for _, line := range s.QueryRange(q.Text, first, last, q.Step) {
		for _, pair := range line.Values {
			at, value := numbers(t, pair)
			got[int(math.Round(time.Unix(int64(at), 0).Sub(p.at(0, 0, 0)).Hours()/hoursOfDay))] = value
		}
	}
	for day := -shownDays; day <= 0; day++ {
		want, there := c.want(day)
		value, found := got[day]
		if there != found || there && math.Abs(value-want) > 1e-6*max(1, math.Abs(want)) {
			t.Errorf("day %d: %v (%v), want %v (%v)", day, value, found, want, there)
		}
	}
}

// records compares the lines of a table: both pressures are there of each reading, and
// the pulse of those in the morning alone.
func (p *past) records(t *testing.T, s server) {
	t.Helper()
	rows := []string{systolic, diastolic, pulse}
	want, asked := map[string]map[string]float64{}, []series(nil)
	for _, row := range rows {
		asked = append(asked, series{row: mustRow(row)})
		want[row] = map[string]float64{}
	}
	for _, one := range p.shown(t) {
		if lines, is := want[one.row.Name]; is && one.at.After(p.now.AddDate(0, 0, -shownDays)) && !one.at.After(p.now) {
			lines[fmt.Sprint(one.at.UnixMilli())] = one.value
		}
	}
	for i, query := range (promQL{}).records(asked) {
		q, got := p.browsed(t, query, true), map[string]float64{}
		for _, line := range s.Query(q.Text, q.To) {
			_, got[line.Metric[recordTime]] = numbers(t, line.Value)
		}
		if !maps.Equal(got, want[rows[i]]) {
			t.Errorf("%s: %d lines, want %d:\n%v\n%v", rows[i], len(got), len(want[rows[i]]), got, want[rows[i]])
		}
	}
}

// numbers are the time and the value of a sample.
func numbers(t *testing.T, pair [2]any) (at, value float64) {
	t.Helper()
	for i, number := range []*float64{&at, &value} {
		n, err := strconv.ParseFloat(fmt.Sprint(pair[i]), 64)
		if err != nil {
			t.Fatal(err)
		}
		*number = n
	}
	return at, value
}
