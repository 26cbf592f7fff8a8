package boards

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"withings-exporter/exporter"
)

// exporterBoard is about the exporter itself. Its own metrics are on /metrics
// alone, so the twin for InfluxDB shows what the points tell.
func (b build) exporterBoard() board {
	page := board{slug: "exporter", title: "Exporter", from: "now-24h", refresh: "1m",
		about: "Health of the exporter: authorisation, polls, errors, the age of the data, devices."}
	if b.source == InfluxDB {
		page.from, page.rows = "now-30d", b.pointsRows()
		return page
	}
	page.rows = []row{
		{title: "Profiles", panels: []panel{
			b.profiles(),
			lettered(14, 32, tile(panel{title: "Rate limited", w: 6, h: 7, needs: needsExporter, about: "How often Withings answered \"too many requests\" in the time shown.",
				thresholds: bands(good, from(1, warning), from(10, bad)),
				asks:       []ask{own("sum(increase(withings_rate_limited_total{instance=~\"$instance\"}[$__range]))", "Answers", "none").now()}, decimals: new(0.0)})),
			b.lastSuccess(),
			b.dataAge(),
		}},
		{title: "Requests", panels: []panel{
			growth("Requests by service", "Requests to Withings.", `withings_api_requests_total{instance=~"$instance"}`, "service"),
			growth("Errors by status", "Requests that did not succeed, by the status that Withings answered, or by what went wrong before there was an answer.",
				`withings_api_requests_total{instance=~"$instance",status!="0"}`, "service", "status"),
			growth("Readings left out", "Readings of which no metric is made, by reason. not_available: Withings itself has no value there, which is usual, and nothing is lost. ambiguous: perhaps somebody else's. A reading counts each time it is read; METRICS.md explains all reasons.",
				`withings_skipped_readings_total{instance=~"$instance"}`, "reason"),
		}},
		{title: "InfluxDB", panels: []panel{
			lines(panel{title: "Lag", w: 16, h: 8, needs: "No InfluxDB is configured", min: new(0.0), about: "How long InfluxDB has lacked something that the gauges show; 0 when it has everything.",
				asks: []ask{own("max by (profile) (withings_influx_lag_seconds{"+selectPeople+"})", "{{profile}}", "s")}}),
			growth("Points by result", "Points written to InfluxDB.", `withings_influx_points_total{instance=~"$instance"}`, "result"),
		}},
		{title: "Process", panels: []panel{
			lines(panel{title: "Memory", w: 8, h: 7, needs: needsExporter, min: new(0.0), about: "Resident memory of the exporter.",
				asks: []ask{own(`process_resident_memory_bytes{instance=~"$instance"} and on (instance) withings_exporter_build_info`, "{{instance}}", "bytes")}}),
			columns("", panel{title: "Version", w: 16, h: 7, needs: needsExporter, unit: "none", about: "What runs.",
				asks: []ask{own(`max by (version, revision, instance) (withings_exporter_build_info{instance=~"$instance"})`, "", "none").now().columns()},
				transforms: []dashboard.DataTransformerConfig{organized(map[string]any{"Time": true, "Value": true},
					map[string]any{"version": 0, "revision": 1, "instance": 2}, map[string]any{"version": "Version", "revision": "Revision", "instance": "Exporter"})}}),
		}},
		{title: "Devices · $profile", each: true, panels: []panel{b.devices()}},
	}
	return page
}

const needsExporter = "No running exporter was scraped in this time"

// own asks about the exporter itself.
func own(query, name, unit string) ask {
	return ask{series: series{scale: scale{unit: unit}}, text: query, name: name}
}

// profiles is a line for each person: polled, authorised, and until when.
func (b build) profiles() panel {
	p := columns("", panel{title: "Profiles", w: 18, h: 7, needs: needsExporter, unit: "none",
		about: "Whether the last poll read every service; whether Withings still accepts the token (if not, run the command auth for the person); and when the access token expires. It is renewed before that, so a time in the past means that renewing fails."})
	hidden, order := map[string]any{}, map[string]any{"profile": 0}
	names := map[string]any{"profile": "Person"}
	column := func(name, query string, properties map[string]any) {
		value := "Value #" + refID(len(p.asks))
		p.asks = append(p.asks, own(query, "", "none").columns().now())
		hidden[fmt.Sprintf("Time %d", len(p.asks))] = true
		order[value], names[value], properties["custom.minWidth"] = len(p.asks), name, 80
		p.overrides = append(p.overrides, override{name: name, properties: properties})
	}
	column("Last poll", "min by (profile) (withings_up{"+selectPeople+"})", oneOrZero("complete", "incomplete"))
	column("Authorisation", "min by (profile) (withings_authorized{"+selectPeople+"})", oneOrZero("valid", "run auth"))
	column("Token expires", "max by (profile) (withings_token_expiry_timestamp_seconds{"+selectPeople+"}) * 1000",
		map[string]any{"unit": "dateTimeFromNow", "custom.align": "left"})
	p = narrow(p)
	p.transforms = []dashboard.DataTransformerConfig{
		joinedBy("profile"),
		organized(hidden, order, names),
	}
	return p
}

// oneOrZero is how a cell says 1, which is good, and 0, which is not.
func oneOrZero(one, zero string) map[string]any {
	said := map[string]dashboard.ValueMappingResult{"1": {Text: new(one), Color: new(good)}, "0": {Text: new(zero), Color: new(bad)}}
	return map[string]any{"custom.cellOptions": map[string]any{"type": "color-text"}, "custom.align": "left",
		"mappings": []dashboard.ValueMapping{{ValueMap: &dashboard.ValueMap{Type: "value", Options: said}}}}
}

// lastSuccess is a table of services and people.
func (b build) lastSuccess() panel {
	a := own("max by (profile, service) (time() - withings_last_success_timestamp_seconds{"+selectPeople+",service!=\"presence\"})", "", "s").columns().now()
	p := coloured(columns("", panel{title: "Since the last success", w: 12, h: 13, needs: needsExporter, thresholds: bands(good, from(26*3600, warning), from(3*86400, bad)),
		about: "How long ago Withings last answered in full, for each person and service. With notifications, services are asked every one to three hours; those of which no device has anything, once a day.", asks: []ask{a}}))
	return byPerson(p, "service", "Service")
}

// byPerson has a column for each person and a line for each value of a label.
func byPerson(p panel, label, heading string) panel {
	p.transforms = []dashboard.DataTransformerConfig{
		{Id: "groupingToMatrix", Options: map[string]any{"columnField": "profile", "rowField": label, "valueField": "Value", "emptyValue": "null"}},
		organized(nil, nil, map[string]any{label + `\profile`: heading}),
	}
	p.overrides = []override{{name: heading, properties: map[string]any{
		"custom.cellOptions": map[string]any{"type": "auto"}, "custom.align": "left", "unit": "string",
		"color": dashboard.FieldColor{Mode: dashboard.FieldColorModeIdFixed, FixedColor: new("text")}}}}
	return p
}

// dataAge is how old the newest readings are.
func (b build) dataAge() panel {
	names := map[string]dashboard.ValueMappingResult{
		weight: {Text: new("weight")}, systolic: {Text: new("blood pressure")}, "sleep_total_seconds": {Text: new("night")}, "activity_steps": {Text: new("day")},
	}
	a := own(fmt.Sprintf(`min by (profile, metric) (time() - withings_measured_timestamp_seconds{%s,metric=~"%s"})`, selectPeople,
		strings.Join(slices.Sorted(maps.Keys(names)), "|")), "", "s").columns().now()
	p := coloured(columns("", panel{title: "Age of the data", w: 12, h: 13, needs: needsExporter, thresholds: bands(good, from(2*86400, warning), from(14*86400, bad)),
		about: "How long ago the newest reading was taken, for each person.", asks: []ask{a}}))
	p = byPerson(p, "metric", "Reading")
	p.mappings = []dashboard.ValueMapping{empty()} // not everybody has everything
	p.overrides[0].properties["mappings"] = []dashboard.ValueMapping{{ValueMap: &dashboard.ValueMap{Type: "value", Options: names}}}
	return p
}

// growth has a bar for how much a counter grew in each step, by labels. A step is shorter than what Prometheus
// needs to see growth in, so it is the growth in a second times the seconds. A series that was not there a
// step before grew from nothing, as that of a status does with the first answer of it: unless Prometheus was
// not there either, that is, did not scrape an exporter that runs for longer.
func growth(title, about, counter string, by ...string) panel {
	query := "sum by (" + strings.Join(by, ", ") + ") (" +
		"(" + counter + " unless " + counter + " offset $__interval) and on (job, instance) " +
		"(withings_exporter_build_info offset $__interval or on (job, instance) process_start_time_seconds > time() - $__interval_ms / 1000) " +
		"or rate(" + counter + "[$__rate_interval]) * $__interval_ms / 1000) > 0"
	p := lines(panel{title: title, about: about, w: 8, h: 8, needs: "None", min: new(0.0), every: "5m", decimals: new(0.0),
		asks: []ask{own(query, "{{"+strings.Join(by, "}} {{")+"}}", "short")}})
	return drawn(bars, p)
}

// pointsRows are what InfluxDB itself tells.
func (b build) pointsRows() []row {
	groups := []exporter.Group{exporter.GroupBody, exporter.GroupHeart, exporter.GroupSleep, exporter.GroupActivity, exporter.GroupWorkout}
	perDay := panel{title: "Readings per day", w: 18, h: 9, needs: "Nothing was written", min: new(0.0), unit: "none",
		about: "Number of weigh-ins, pulse readings, sleep sessions, days of activity and workouts for each day."}
	var ages []panel
	for _, g := range groups {
		perDay.asks = append(perDay.asks, ask{series: series{scale: scale{unit: "none"}}, name: string(g), color: groupColors[g], text: series{row: mustRow(newestOf[g])}.points()})
		ages = append(ages, lettered(12, 22, b.newestPoint(g)))
	}
	ages[len(ages)-1].h = perDay.h // beside it
	return []row{
		{panels: []panel{note(24, 3, "", "Where the rest is.",
			"InfluxDB only has the readings. Authorisation, errors and rate limits are on the exporter's status page and in its `/metrics`.")}},
		{title: "Points · $profile", each: true, panels: append(ages, stacked(bars, perDay))},
		{title: "Devices · $profile", each: true, panels: []panel{b.devices()}},
	}
}

// newestPoint is how long ago the newest reading of a group was taken: a night or a workout when it ended, which is a value of its point.
// Of a day it is the date, since its point has its midnight.
func (b build) newestPoint(g exporter.Group) panel {
	row := mustRow(newestOf[g])
	p := tile(panel{title: "Last: " + string(g), w: 6, h: 4, needs: "–", about: "When the newest reading of withings_" + string(g) + " was taken.",
		asks: []ask{{series: series{scale: scale{unit: "dateTimeFromNow"}}, name: "taken", once: true, table: true}}})
	switch newest := &p.asks[0]; {
	case row.Unit == exporter.Timestamp:
		p.about = "When the newest one in withings_" + string(g) + " ended."
		newest.text = fmt.Sprintf(`SELECT last(%s) * 1000 AS "Taken" FROM "withings_%s" WHERE %s`, field(row), g, onePerson)
		return p
	case totals(row):
		p.about = "The newest day in withings_" + string(g) + ". InfluxDB does not know when it was last added to."
		newest.unit = "time:ddd D MMM"
	}
	p.asks[0].text = fmt.Sprintf(`SELECT last(%s) FROM "withings_%s" WHERE %s`, field(row), g, onePerson)
	return byTime("Taken", p)
}

// groupColors are those of the groups of readings.
var groupColors = map[exporter.Group]string{
	exporter.GroupBody: violet, exporter.GroupHeart: rose, exporter.GroupSleep: purple, exporter.GroupActivity: brown, exporter.GroupWorkout: grey,
}

// newestOf is the row that tells whether a group is fed.
var newestOf = map[exporter.Group]string{
	exporter.GroupBody: weight, exporter.GroupHeart: pulse, exporter.GroupSleep: nightEnd,
	exporter.GroupActivity: "activity_steps", exporter.GroupWorkout: workoutEnd,
}
