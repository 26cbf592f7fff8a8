package withings

import (
	"maps"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
	"withings-exporter/exporter/envelope"
)

// request is one request to the API.
type request struct {
	service exporter.Service
	path    string
	action  string
	form    url.Values
	secret  string // another secret than the token, which must not show
	most    int    // rows on all pages together; 0 is any number
	bytes   int64  // the largest answer; 0 is maxAnswer

	split *envelope.Split // gets the rows of a long answer; nil if they are needed together

	each func(*fastjson.Value, *exporter.Record) // called for every row that could be read; may be nil
}

// ask begins a request for a service.
func ask(service exporter.Service, minimal bool) request {
	at := endpoints[service]
	form := url.Values{"action": {at.action}}
	maps.Copy(form, at.params)
	if at.fields {
		form.Set("data_fields", dataFields(service, minimal))
	}
	q := request{service: service, path: at.path, action: at.action, form: form}
	if at.row != nil {
		q.split = &envelope.Split{List: at.list}
	}
	return q
}

func dataFields(service exporter.Service, minimal bool) string {
	return strings.Join(exporter.Fields(service, !minimal), ",")
}

// changed asks for everything that changed after a moment. Where that cannot be asked,
// it asks for everything dated after it, and for the latest days.
func (q request) changed(since, now time.Time) request {
	if endpoints[q.service].ranged {
		return q.between(exporter.Span{From: exporter.Earlier(since, now.Add(-latestDays)), To: now.Add(ahead)})
	}
	q.form.Set("lastupdate", strconv.FormatInt(max(since.Unix(), 1), 10))
	return q
}

// together limits the rows, which are kept until all of them have come.
func (q request) together() request {
	q.most = mostTogether
	return q
}

// days reports whether ranges are dates instead of moments.
func (q request) days() bool { return endpoints[q.service].days }

// between asks for everything dated in a span. Where the API counts in days, they are
// the person's, so a span must be a day longer at both ends.
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
