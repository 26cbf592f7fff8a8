package proof

import (
	"maps"
	"slices"
	"strings"

	"withings-exporter/exporter"
)

// everythingAbout begins the titles of the panels with the newest value of everything.
const everythingAbout = "Everything about "

// everything is the newest value of each row of a group. A line is known by the
// letters of its name, which are those of the row's, without group and unit.
func (a asked) everything(about string, group exporter.Group) []entry {
	var all []entry
	for _, m := range exporter.Catalog() {
		if m.Group != group || m.Unit == exporter.Info {
			continue
		}
		name := m.Field()
		if m.Unit.Ending != "" {
			name = strings.TrimSuffix(name, "_"+m.Unit.Ending)
		}
		if m.Name == "sleep_naps_seconds" { // their number is called the same
			name = "naps_min"
		}
		own := a.labelled(m)
		for _, label := range slices.Sorted(maps.Keys(own)) {
			all = append(all, entry{everythingAbout + about, letters(name + label), inUnit(m, one(own[label], true))})
		}
	}
	return all
}

// labelled are the newest values of a row, by its own label if it has one.
func (a asked) labelled(m *exporter.Metric) map[string]float64 {
	all := map[string]float64{}
	if strings.HasPrefix(m.Name, "sleep_naps") {
		if date := a.newestNight(a.to); date != "" {
			_, naps := a.nightOf(date, a.now)
			for _, v := range napValues(naps) {
				if v.row == m.Name {
					all[""] = v.number
				}
			}
		}
		return all
	}
	if m.Service.Row().Minutes && !m.GaugeOnly {
		for key := range a.traces() {
			if n, has := a.seenMinute(key.row, key.model); has && key.row == m.Name {
				all[key.model] = n.number
			}
		}
		return all
	}
	var newest *record
	for i := range a.records {
		r := &a.records[i]
		if r.end.Before(a.from) || r.service == exporter.Sleep && !a.isNight(r) {
			continue
		}
		for _, v := range r.values {
			if v.row != m.Name {
				continue
			}
			if newest != r && r.service != exporter.Measure {
				clear(all)
			}
			newest = r
			label := ""
			for _, name := range m.Labels {
				label += v.labels[name]
			}
			all[label] = v.number
		}
	}
	return all
}

// letters are those of a name.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '₂':
			return '2'
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		}
		return -1
	}, strings.ToLower(name))
}

// inUnit is a value as people read it: times as dates, nights in hours, other times
// in minutes, but those of heartbeats in seconds, and energy in kilocalories.
func inUnit(m *exporter.Metric, r right) right {
	switch m.Unit {
	case exporter.Timestamp:
		return r.scaled(func(n float64) float64 { return n * 1000 })
	case exporter.Joules, exporter.JoulesPerDay:
		return kcal(r)
	case exporter.Seconds:
		switch {
		case m.Group == exporter.GroupHeart || m.Service.Row().Minutes || strings.Contains(m.Name, "rmssd") || strings.Contains(m.Name, "sdnn"):
			return r
		case slices.Contains([]string{"sleep_total_seconds", "sleep_asleep_seconds", "sleep_time_in_bed_seconds", "goal_sleep_seconds",
			"sleep_deep_seconds", "sleep_light_seconds", "sleep_rem_seconds", "sleep_wakeup_seconds"}, m.Name):
			return hours(r)
		}
		return minutes(r)
	}
	return r
}
