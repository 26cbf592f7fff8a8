package boards

import (
	"io"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/testserver"
)

// influx is a server with InfluxQL.
type influx struct {
	address, token, org, bucket string
	ask                         func(string) []testserver.Row
}

// servers calls for each kind of InfluxDB.
func servers(t *testing.T, call func(*testing.T, influx)) {
	t.Helper()
	t.Run("1.8", func(t *testing.T) {
		t.Parallel()
		s := testserver.Influx(t)
		call(t, influx{address: s.URL, token: s.Token, org: s.Org, bucket: s.Bucket, ask: s.Query})
	})
	t.Run("2.7", func(t *testing.T) {
		t.Parallel()
		s := testserver.Influx2(t)
		call(t, influx{address: s.URL, token: s.Token, org: s.Org, bucket: s.Bucket, ask: s.Query})
	})
}

// write gives somebody's readings to the server.
func (s influx) write(t *testing.T, p *past) {
	t.Helper()
	address := s.address + "/api/v2/write?" + url.Values{"org": {s.org}, "bucket": {s.bucket}, "precision": {"s"}}.Encode()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(p.lines.String()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Token "+s.token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusNoContent {
		said, _ := io.ReadAll(answer.Body)
		t.Fatalf("%s: %s", answer.Status, said)
	}
}

var zones = []string{"UTC", "Europe/Vienna", "Europe/London", "America/New_York", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland"}

// TestInfluxDBKnowsTheDaysOfTheBrowser puts each question about days to servers, for
// somebody in each zone, and compares with what was worked out from the readings.
func TestInfluxDBKnowsTheDaysOfTheBrowser(t *testing.T) {
	servers(t, func(t *testing.T, s influx) {
		for i, zone := range zones {
			p := newPast(t, string(rune('A'+i)), zone, "2026-08-20")
			s.write(t, p)
			t.Run(zone, func(t *testing.T) {
				for name, c := range influxCases() {
					t.Run(name, func(t *testing.T) { s.compare(t, p, c) })
				}
			})
		}
	})
}

// compare asks for the values of days.
func (s influx) compare(t *testing.T, p *past, c dailyCase) {
	t.Helper()
	got := p.byDays(t, s.ask(p.filled(t, c.query)))
	for _, day := range slices.Sorted(maps.Keys(got)) {
		if day < -shownDays-c.before || day > 0 {
			t.Errorf("day %d is not shown", day)
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

// TestInfluxDBKeepsTotalsAndNightsOnTheirDays looks from other zones, and over a
// change of clocks: what has a date of its own stays on it.
func TestInfluxDBKeepsTotalsAndNightsOnTheirDays(t *testing.T) {
	servers(t, func(t *testing.T, s influx) {
		for i, c := range looks {
			p := newPast(t, string(rune('A'+i)), c.person, c.date)
			s.write(t, p)
			p.movesTo(t, c.browser)
			for name, one := range datedCases(influxQL{}) {
				t.Run(c.person+" from "+c.browser+" on "+c.date+", "+name, func(t *testing.T) { s.compare(t, p, one) })
			}
		}
	})
}

// looks are where somebody lives, from where and when the dashboards are looked at.
var looks = []struct{ person, browser, date string }{
	{person: "Europe/Vienna", browser: "Europe/Vienna", date: "2026-11-12"},
	{person: "Europe/Vienna", browser: "Europe/Vienna", date: "2026-04-14"},
	{person: "America/New_York", browser: "America/New_York", date: "2026-11-20"},
	{person: "Europe/Vienna", browser: "UTC", date: "2026-08-20"},
	{person: "Europe/Vienna", browser: "Asia/Kolkata", date: "2026-08-20"},
	{person: "Europe/Vienna", browser: "America/New_York", date: "2026-08-20"},
}

// movesTo looks from another zone.
func (p *past) movesTo(t *testing.T, zone string) {
	t.Helper()
	browser, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	p.now = p.now.In(browser)
}

// datedCases are questions about what has a date.
func datedCases(q language) map[string]dailyCase {
	row := func(name string) series { return series{row: mustRow(name)} }
	return map[string]dailyCase{
		"steps":                {query: q.daily(row("activity_steps")), want: steps},
		"mean steps of a week": {query: q.mean(row("activity_steps"), 7), want: untilYesterday(over(steps, 7, true))},
		"nights":               {query: q.daily(row("sleep_total_seconds")), want: slept},
		"mean of nights":       {query: q.mean(row("sleep_total_seconds"), 7), want: over(slept, 7, true)},
		"naps":                 {query: q.daily(row("sleep_naps_seconds")), want: func(day int) (float64, bool) { return 2400, every(4, day) == 1 && day < 0 }},
	}
}

type dailyCase struct {
	query string
	want  func(day int) (float64, bool)

	before int // days before the first one that may be there
}

// over is a statistic over the days that end with one, of those with a value.
func over(value func(int) (float64, bool), days int, mean bool) func(int) (float64, bool) {
	return func(day int) (float64, bool) {
		sum, n := 0.0, 0
		for d := day - days + 1; d <= day; d++ {
			if v, there := value(d); there {
				sum, n = sum+v, n+1
			}
		}
		if mean {
			sum /= float64(max(n, 1))
		}
		return sum, n > 0
	}
}

// untilYesterday leaves the running day out.
func untilYesterday(value func(int) (float64, bool)) func(int) (float64, bool) {
	return func(day int) (float64, bool) {
		v, there := value(day)
		return v, there && day < 0
	}
}

// influxCases are those of both languages, and what only InfluxDB is asked.
func influxCases() map[string]dailyCase {
	row := func(name string) series { return series{row: mustRow(name)} }
	all := dailyCases(influxQL{})
	all["weigh-ins"] = dailyCase{query: row(weight).points(), want: weighIns}
	all["days of activity"] = dailyCase{query: row("activity_steps").points(), want: func(day int) (float64, bool) { _, there := steps(day); return 1, there }}
	return all
}

func dailyCases(q language) map[string]dailyCase {
	row := func(name string) series { return series{row: mustRow(name)} }
	last := func(of func(int) []float64) func(int) (float64, bool) {
		return func(day int) (float64, bool) {
			if all := of(day); len(all) > 0 {
				return all[len(all)-1], true
			}
			return 0, false
		}
	}
	mornings := func(day int) []float64 { m, _ := pressuresOf(day); return m }
	evenings := func(day int) []float64 { _, e := pressuresOf(day); return e }
	score := func(day int) (float64, bool) {
		_, there := asleep(day)
		return 70 + float64(every(20, day)), there
	}
	held := func(day int) (float64, bool) {
		for d := day; ; d-- {
			if v, there := grams(d); there {
				return v, true
			}
		}
	}
	week := func(first time.Weekday) func(int) (float64, bool) {
		return func(day int) (float64, bool) {
			today := time.Thursday // 20 August 2026
			if every(7, int(today)+day-int(first)) != 0 {
				return 0, false
			}
			now, _ := over(untilToday(grams), 7, true)(day + 6)
			before, _ := over(grams, 7, true)(day - 1)
			return now - before, true
		}
	}
	return map[string]dailyCase{
		"weights":                 {query: q.daily(row(weight)), want: grams},
		"weights that hold":       {query: q.course(row(weight)), want: held},
		"mean weight of a week":   {query: q.mean(row(weight), 7), want: over(grams, 7, true)},
		"mean weight of a month":  {query: q.mean(row(weight), 30), want: over(grams, 30, true)},
		"mean weight of a day":    {query: q.mean(row(weight), 1), want: grams},
		"weeks from Monday":       {query: q.weekly(row(weight), monday), want: week(time.Monday), before: 6},
		"weeks from Sunday":       {query: q.weekly(row(weight), sunday), want: week(time.Sunday), before: 6},
		"steps":                   {query: q.daily(row("activity_steps")), want: steps},
		"steps of days over":      {query: q.complete(row("activity_steps")), want: untilYesterday(steps)},
		"mean steps of a week":    {query: q.mean(row("activity_steps"), 7), want: untilYesterday(over(steps, 7, true))},
		"steps of a week":         {query: q.sum(row("activity_steps"), 7), want: untilYesterday(over(steps, 7, false))},
		"nights":                  {query: q.daily(row("sleep_total_seconds")), want: slept},
		"scores of the same":      {query: q.daily(row("sleep_score")), want: score},
		"mean of nights":          {query: q.mean(row("sleep_total_seconds"), 7), want: over(slept, 7, true)},
		"shifts":                  {query: q.shift(minutes), want: shifted},
		"naps":                    {query: q.daily(row("sleep_naps_seconds")), want: func(day int) (float64, bool) { return 2400, every(4, day) == 1 && day < 0 }},
		"mornings":                {query: q.half(row(systolic), morning), want: last(mornings)},
		"evenings":                {query: q.half(row(systolic), evening), want: last(evenings)},
		"results":                 {query: q.result(row("ecg_atrial_fibrillation_class")), want: rhythm},
		"results that nobody had": {query: q.result(row("ppg_atrial_fibrillation_class")), want: func(int) (float64, bool) { return notRecorded, true }},
	}
}

// weighIns is how many there were on a day.
func weighIns(day int) (float64, bool) {
	_, there := grams(day)
	if every(5, day) == 0 {
		return 2, there
	}
	return 1, there
}

// shifted is how far the middle of a night has moved, in minutes; of nights that only
// the watch has seen, its own.
func shifted(day int) (float64, bool) {
	middle := func(day int) (float64, bool) {
		switch {
		case every(10, day) == 6:
			return 0, false
		case every(10, day) == 2:
			return 3 * 60, true // of 22:30 and 7:30
		case every(3, day) == 0:
			return 3*60 + 50, true
		}
		return 3*60 + 5, true
	}
	now, there := middle(day)
	before, too := middle(day - 1)
	return math.Abs(now - before), there && too
}

// slept is the night of a day, where there is none with stages that of the watch.
func slept(day int) (float64, bool) {
	if every(10, day) == 2 {
		return 31000, true
	}
	return asleep(day)
}

// untilToday knows nothing of the days to come.
func untilToday(value func(int) (float64, bool)) func(int) (float64, bool) {
	return func(day int) (float64, bool) {
		v, there := value(day)
		return v, there && day <= 0
	}
}

// rhythm is the result that held on a day: sixty days and no longer.
func rhythm(day int) (float64, bool) {
	switch {
	case day >= -10:
		return 1, true
	case day >= -25:
		return 0, true
	}
	return 1, true
}
