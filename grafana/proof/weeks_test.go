package proof

import (
	"slices"
	"testing"
	"time"

	"withings-exporter/grafana/boards"
	"withings-exporter/grafana/queries"
)

// weeks are the means of weeks: at the Mondays with which they begin in InfluxDB, on
// all their days in Prometheus.
func (a asked) weeks(row string) right {
	all := a.over(row)
	r := a.shown(row, func(day string) (float64, bool) {
		at, _ := time.Parse(time.DateOnly, day)
		begin := after(day, -(int(at.Weekday())+6)%7)
		sum, found := total(all, after(begin, 6), 7)
		return sum / float64(found), found > 0 && (a.source == "prometheus" || day == begin)
	})
	r.night = false
	return r
}

// these keeps the days whose values reach a goal, or all others.
func (r right) these(goal float64, reached bool) right {
	kept := right{days: map[string]float64{}}
	for day, n := range r.days {
		if reached == (n >= goal) {
			kept.days[day] = n
		}
	}
	return kept
}

// eastAndWest are somebody east and somebody west of Greenwich.
var eastAndWest = []string{"Auckland", "New_York"}

// proveTwoYears looks at the bars of two years, each of which is the mean of a week.
func proveTwoYears(t *testing.T, s source, kind boards.Source, all []*history) {
	pages, err := boards.Pages(kind, boards.Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		if page.Slug != "sleep" && page.Slug != "activity" {
			continue
		}
		page.JSON["time"] = map[string]any{"from": "now-2y", "to": "now"}
		for _, h := range all {
			if slices.Contains(eastAndWest, h.person) {
				mine := *h // others ask it meanwhile, and it keeps what it has worked out
				mine.nights, mine.traced = nil, nil
				proveWeeks(t, s, page, asked{history: &mine, source: string(kind), from: h.now.AddDate(-2, 0, 0), to: h.now})
			}
		}
	}
}

func proveWeeks(t *testing.T, s source, page boards.Page, a asked) {
	t.Helper()
	const steps, rest = "activity_steps", "activity_total_energy_joules"
	goal := *a.goal("goal_steps").number
	all := []entry{
		{"Steps", "Goal met", a.weeks(steps).these(goal, true)},
		{"Steps", "Steps", a.weeks(steps).these(goal, false)},
		{"Steps", "7-day mean", right{days: map[string]float64{}}},
		{"Intensity", "Moderate", minutes(a.weeks("activity_moderate_seconds"))},
		{"Energy", "Active", kcal(a.weeks("activity_energy_joules"))},
		{"Energy", "At rest", kcal(minus(a.weeks(rest), a.weeks("activity_energy_joules")))},
		{"Nights", "Deep", hours(a.weeks("sleep_deep_seconds"))},
		{"Nights", "Light", hours(a.weeks("sleep_light_seconds"))},
	}
	panels, err := queries.Panels(page.Slug, page.JSON, chosen(t, s, page, a))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range panels {
		if !slices.ContainsFunc(all, func(e entry) bool { return e.panel == p.Title }) {
			continue
		}
		shown, err := show(s, a.to, p)
		if err != nil {
			t.Errorf("%s: %v", p.Title, err)
		}
		for _, e := range all {
			if e.panel != p.Title {
				continue
			}
			if wrong := shown.differs(a, e); wrong != "" {
				t.Errorf("%s: %s, %s: %s", a.person, e.panel, e.line, wrong)
			}
		}
	}
}

// minus takes one line from another, day by day.
func minus(one, other right) right {
	return plus(one, other.scaled(func(n float64) float64 { return -n }))
}
