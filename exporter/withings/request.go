package withings

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"withings-exporter/exporter"
)

// request is one question to the API.
type request struct {
	service exporter.Service
	path    string
	action  string
	form    url.Values
	most    int // rows of all pages that are taken in; 0 is any number
}

// endpoint is where a service is found.
type endpoint struct {
	path, action string
	list         string // name of the array in the body
	scope        string // what a person must have allowed
	days         bool   // ranges are dates instead of moments
}

var endpoints = map[exporter.Service]endpoint{
	exporter.Measure:   {path: "/measure", action: "getmeas", list: "measuregrps", scope: "user.metrics"},
	exporter.Objective: {path: "/measure", action: "getmeas", list: "measuregrps", scope: "user.metrics"},
	exporter.Activity:  {path: "/v2/measure", action: "getactivity", list: "activities", scope: "user.activity", days: true},
	exporter.Workout:   {path: "/v2/measure", action: "getworkouts", list: "series", scope: "user.activity", days: true},
	exporter.Sleep:     {path: "/v2/sleep", action: "getsummary", list: "series", scope: "user.activity", days: true},
	exporter.Device:    {path: "/v2/user", action: "getdevice", list: "devices", scope: "user.info"},
	exporter.Goal:      {path: "/v2/user", action: "getgoals", list: "goals", scope: "user.info"},
}

// Scope is what a person must have allowed for a service to be given, in
// Withings' words, from the table of scopes of its developer guide.
func Scope(service exporter.Service) string { return endpoints[service].scope }

// ask begins a request for a service.
func ask(service exporter.Service, minimal bool) request {
	at := endpoints[service]
	form := url.Values{"action": {at.action}}
	switch service {
	case exporter.Measure:
		form.Set("category", "1")
	case exporter.Objective:
		form.Set("category", "2")
	case exporter.Activity, exporter.Sleep, exporter.Workout:
		form.Set("data_fields", dataFields(service, minimal))
	}
	return request{service: service, path: at.path, action: at.action, form: form}
}

func dataFields(service exporter.Service, minimal bool) string {
	return strings.Join(exporter.Fields(service, !minimal), ",")
}

// since asks for everything changed after a moment.
func (q request) since(moment time.Time) request {
	q.form.Set("lastupdate", strconv.FormatInt(max(moment.Unix(), 1), 10))
	return q
}

// together is a request whose rows are kept until all have come.
func (q request) together() request {
	q.most = mostTogether
	return q
}

// days reports whether ranges are dates instead of moments.
func (q request) days() bool { return endpoints[q.service].days }

// between asks for everything dated in a span. Where the API counts in days,
// they are those of the person; a span has room for that at both ends.
func (q request) between(span exporter.Span) request {
	if q.days() {
		q.form.Set("startdateymd", span.From.UTC().Format(time.DateOnly))
		q.form.Set("enddateymd", span.To.UTC().Format(time.DateOnly))
		return q
	}
	q.form.Set("startdate", strconv.FormatInt(max(span.From.Unix(), 1), 10))
	q.form.Set("enddate", strconv.FormatInt(span.To.Unix(), 10))
	return q
}
