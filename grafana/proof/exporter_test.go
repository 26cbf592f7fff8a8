package proof

import (
	"slices"
	"strings"
	"time"

	"withings-exporter/exporter"
)

// exporterBoard is what the dashboard Exporter must show.
func exporterBoard(h asked) []entry {
	const info, first, last = "device_info", "device_first_session_timestamp_seconds", "device_last_session_timestamp_seconds"
	all := []entry{
		{"Devices", "Model", h.device(info, "model")},
		{"Devices", "Kind", h.device(info, "type")},
		{"Devices", "Battery", h.battery()},
		{"Devices", "First seen", h.device(first, "")},
		{"Devices", "Last seen", h.device(last, "")},
	}
	if h.source == "influxdb" {
		return append(all, h.points()...)
	}
	person := func(number func(scraped) float64) right { return h.perPerson(number) }
	all = append(all,
		entry{"Profiles", "Last poll", person(h.good)},
		entry{"Profiles", "Authorisation", person(h.good)},
		entry{"Profiles", "Token expires", person(func(e scraped) float64 { return -float64(e.knows(h.now).Add(2 * time.Hour).UnixMilli()) }).
			scaled(func(n float64) float64 { return -n })}, // of the exporter that knows most
		entry{"Rate limited", "Answers", h.limited()},
		entry{"Since the last success", h.person, h.sinceSuccess()},
		entry{"Age of the data", h.person, h.dataAge()},
		entry{"Requests by service", "measure", h.perStep("withings_api_requests_total", "measure", "0")},
		entry{"Requests by service", "sleep", h.perStep("withings_api_requests_total", "sleep", "")},
		entry{"Errors by status", "sleep 601", h.perStep("withings_api_requests_total", "sleep", "601")},
		entry{"Requests by service", "heart", h.perStep("withings_api_requests_total", "heart", "")},
		entry{"Errors by status", "heart timeout", h.perStep("withings_api_requests_total", "heart", "timeout")},
		entry{"Readings left out", "ambiguous", h.perStep("withings_skipped_readings_total", "", "")},
		entry{"Points by result", "written", h.perStep("withings_influx_points_total", "", "")},
		entry{"Lag", h.person, h.lag()})
	if len(h.exporters) == 0 {
		all = append(all, entry{"Memory", "nothing", right{}})
	}
	for _, e := range h.exporters {
		all = append(all, entry{"Memory", e.instance, right{every: func(at time.Time) (float64, bool) { return memory, e.scrapedAt(at) }}})
	}
	return append(all, entry{"Version", "Version", h.version("1.2.3")}, entry{"Version", "Revision", h.version("abc")})
}

// scrapedAt tells whether an exporter was scraped at a time.
func (e scraped) scrapedAt(at time.Time) bool { return !at.Before(e.from) && !at.After(e.to) }

// perPerson is the least number of the exporters that are scraped now.
func (a asked) perPerson(number func(scraped) float64) right {
	r := right{key: "Person", cells: map[string]any{}}
	for _, e := range a.exporters {
		if !e.scrapedAt(a.now) {
			continue
		}
		n := number(e)
		if before, has := r.cells[a.person].(float64); has {
			n = min(n, before)
		}
		r.cells[a.person] = n
	}
	return r
}

// good is 1 for an exporter whom Withings answers.
func (a asked) good(e scraped) float64 {
	if e.knows(a.now).Before(a.now) {
		return 0
	}
	return 1
}

// limited is how often Withings said "too many requests" in the time shown. Prometheus
// takes a counter that ended to have gone on for half a scrape.
func (a asked) limited() right {
	sum, has := 0.0, false
	for _, e := range a.exporters {
		end := a.to
		if e.to.Before(end) {
			end = e.to.Add(30 * time.Second)
		}
		if end.After(a.from) {
			sum, has = sum+0.0001*end.Sub(a.from).Seconds(), true
		}
	}
	return one(sum, has)
}

// sinceSuccess is how long ago Withings answered, by service; the exporter that knows
// least counts.
func (a asked) sinceSuccess() right {
	r := right{key: "Service", cells: map[string]any{}}
	for _, e := range a.exporters {
		if !e.scrapedAt(a.now) {
			continue
		}
		for _, service := range exporter.Asked() {
			ago := a.now.Sub(e.knows(a.now)).Seconds()
			if before, has := r.cells[string(service)].(float64); has {
				ago = max(ago, before)
			}
			r.cells[string(service)] = ago
		}
	}
	return r
}

// dataAge is how long ago the newest reading of a few rows was taken.
func (a asked) dataAge() right {
	r := right{key: "Reading", cells: map[string]any{}}
	if !slices.ContainsFunc(a.exporters, func(e scraped) bool { return e.scrapedAt(a.now) }) {
		return r
	}
	for _, row := range []string{"weight_grams", upper, "sleep_total_seconds", "activity_steps"} {
		if newest, _ := a.newest(row, time.Time{}); newest != nil {
			r.cells[row] = a.now.Sub(newest.end).Seconds()
		}
	}
	return r
}

// perStep is how much a counter grew in each step of five minutes, also from nothing.
func (a asked) perStep(name, service, status string) right {
	return right{every: func(at time.Time) (float64, bool) {
		sum := 0.0
		for _, e := range a.exporters {
			for _, c := range counters {
				if e.scrapedAt(at) && c.name == name && (service == "" || c.labels["service"] == service) && (status == "" || c.labels["status"] == status) {
					before, _ := c.at(e.from, a.now, at.Add(-5*time.Minute))
					count, _ := c.at(e.from, a.now, at)
					sum += count - before
				}
			}
		}
		return sum, sum > 0
	}}
}

// lag is how long InfluxDB has lacked something.
func (a asked) lag() right {
	return right{every: func(at time.Time) (lag float64, has bool) {
		for _, e := range a.exporters {
			if e.scrapedAt(at) {
				lag, has = max(lag, at.Sub(e.knows(at)).Seconds()), true
			}
		}
		return lag, has
	}}
}

// version is a column of what runs.
func (a asked) version(text string) right {
	r := right{key: "Exporter", cells: map[string]any{}}
	for _, e := range a.exporters {
		if e.scrapedAt(a.now) {
			r.cells[e.instance] = text
		}
	}
	return r
}

// device is a column of the devices: a label or a time.
func (a asked) device(row, label string) right {
	r := right{key: "Model", cells: map[string]any{}}
	for _, d := range a.records {
		for _, v := range d.values {
			switch {
			case d.service != exporter.Device || v.row != row:
			case label != "":
				r.cells[d.values[0].labels["model"]] = v.labels[label]
			default:
				r.cells[d.values[0].labels["model"]] = v.number * 1000
			}
		}
	}
	return r
}

// battery is the level of each device, with Prometheus that of now.
func (a asked) battery() right {
	r := right{key: "Model", cells: map[string]any{}}
	now := slices.ContainsFunc(a.exporters, func(e scraped) bool { return e.scrapedAt(a.now) })
	for _, d := range a.records {
		for _, v := range d.values {
			if v.row == "device_battery_state" && v.number == 1 && (now || a.source == "influxdb") {
				r.cells[d.values[0].labels["model"]] = v.labels["state"]
			}
		}
	}
	return r
}

// points are what InfluxDB tells of itself: the newest reading of each group, and how
// many there are for each day.
func (a asked) points() []entry {
	var all []entry
	for group, row := range map[string]string{"body": "weight_grams", "heart": pulse, "sleep": "sleep_end_timestamp_seconds",
		"activity": "activity_steps", "workout": "workout_end_timestamp_seconds"} {
		var newest, taken time.Time
		count := map[string]float64{}
		for i := range a.records {
			r := &a.records[i]
			if _, has := r.of(row); !has {
				continue
			}
			if r.start.After(newest) {
				newest, taken = r.start, r.start
				if group == "sleep" || group == "workout" {
					taken = r.end
				}
			}
			if day := a.dateOf(r.start); day >= a.dateOf(a.from) {
				count[day]++
			}
		}
		all = append(all, entry{"Last: " + group, "Taken", one(float64(taken.UnixMilli()), !newest.IsZero())},
			entry{"Readings per day", group, right{days: count}})
	}
	return all
}

// instances is a pattern for a person's exporters.
func (h *history) instances() string {
	names := []string{"none"}
	for _, e := range h.exporters {
		names = append(names, e.instance)
	}
	return strings.Join(names, "|")
}
