package soak

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/truth"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/simulator"
)

// series is a series that a scrape shows, without the profile and the day.
type series struct{ name, labels string }

// seriesOf is that of a point.
func seriesOf(p tally.Point) series {
	p = truth.Series(p)
	var labels []string
	for name, value := range p.Tags {
		if name != "profile" && value != "" {
			labels = append(labels, name+"="+value)
		}
	}
	slices.Sort(labels)
	return series{p.Field, strings.Join(labels, ",")}
}

// shownBy are the samples of a state, by series.
func shownBy(state *exporter.State, now time.Time) map[series][]exporter.Sample {
	all := map[series][]exporter.Sample{}
	for _, sample := range state.Snapshot(now).Samples {
		var labels []string
		for i, value := range sample.Labels.Values() {
			if name := sample.Metric.Labels[i]; name != "day" && value != "" {
				labels = append(labels, name+"="+value)
			}
		}
		slices.Sort(labels)
		s := series{sample.Metric.FullName(), strings.Join(labels, ",")}
		all[s] = append(all[s], sample)
	}
	return all
}

// lately is how far back latest looks.
const lately = 10 * 24 * time.Hour

// latest are the newest points of each series of a person that are not too old, by the simulator's own records.
func latest(sim *simulator.Cloud, person simulator.Person) map[series]tally.Point {
	all := map[series]tally.Point{}
	for _, p := range truth.Points(sim, person, sim.Now().Add(-lately), time.Time{}) { // sorted by time
		all[seriesOf(p)] = p
	}
	return all
}

// wrong lists what a state does not show of what Withings had an hour before, measures and the days of activity, or shows with another value than
// Withings had then or has now.
func wrong(state *exporter.State, now time.Time, before, after map[series]tally.Point) (all []string) {
	shown := shownBy(state, now)
	for s, want := range before {
		metric := exporter.ByName(strings.TrimPrefix(s.name, exporter.Prefix))
		if metric == nil {
			continue
		}
		switch metric.Service {
		case exporter.Measure, exporter.Objective:
		case exporter.Activity:
			if want.Time.Before(now.Add(-24 * time.Hour)) { // neither today nor, for certain, yesterday
				continue
			}
		default:
			continue
		}
		i := slices.IndexFunc(shown[s], func(is exporter.Sample) bool { return !is.Measured.Before(want.Time) })
		if i < 0 {
			all = append(all, fmt.Sprintf("%s{%s} of %s is not shown", s.name, s.labels, want.Time.Format(time.DateTime)))
			continue
		}
		is := shown[s][i]
		if metric.Service != exporter.Activity && is.Measured.Equal(want.Time) && !same(is.Value, want.Value) && !same(is.Value, after[s].Value) {
			all = append(all, fmt.Sprintf("%s{%s} of %s is %v, want %v", s.name, s.labels, want.Time.Format(time.DateTime), is.Value, want.Value.RatString()))
		}
	}
	slices.Sort(all)
	return all
}

// same reports whether a value is that of a point.
func same(is exporter.Decimal, want *big.Rat) bool {
	got, err := tally.Parse(is.String())
	return err == nil && want != nil && got.Cmp(want) == 0
}
