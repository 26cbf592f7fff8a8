package influx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"withings-exporter/exporter"
	"withings-exporter/exporter/reach"
	"withings-exporter/exporter/redact"
)

// Error says why a server did not take what was written, and what to do.
type Error struct {
	Final  bool // the same request fails again until somebody changes something
	Status int  // HTTP status, 0 when there was no answer
	text   string
}

func (e *Error) Error() string { return e.text }

// Is makes a final error one that a person has to deal with.
func (e *Error) Is(target error) bool { return target == exporter.ErrNeedsPerson && e.Final }

// unreachable is the error of a server that did not answer.
func (w *Writer) unreachable(err error) error {
	if errors.Is(err, context.Canceled) {
		return reach.Bare(err)
	}
	what, hint := reach.Explain(err, w.secrets...)
	if hint == "" {
		hint = "check the address, and whether the server runs"
	}
	return &Error{text: fmt.Sprintf("InfluxDB at %s cannot be reached: %s; %s",
		w.where, what, strings.ReplaceAll(hint, "the address", "--influx.url"))}
}

// A diagnosis is one way in which a server, or what stands before it, says that
// a write did not happen.
type diagnosis struct {
	status int    // 0: any
	has    string // in the body, in lower case
	final  bool
	advice string // what it means and what to do; {bucket}, {org} and {to} are filled in
}

// diagnoses lists what servers and proxies answer to a write, the specific before
// the general. None of it gives up a point: what was written is sent again.
//
// Sources: InfluxDB 1.8.10 and 2.7.12, VictoriaMetrics 1.150 and nginx as they
// answer; the source of InfluxDB 3 Core; public reports of others.
var diagnoses = []diagnosis{
	{400, "http request to an https server", true, "speaks TLS; --influx.url must begin with https://"},
	{400, "plain http request was sent to https port", true, "speaks TLS; --influx.url must begin with https://"},
	{400, "either orgid or org", true, "needs the organisation; give --influx.org"},
	{400, "unsupported path", true, "does not know this path; --influx.url is the address alone, such as http://localhost:8428"},
	{400, "authorization header", true, "cannot use the token; check --influx.token-file"},
	{400, "error from wal", false, "cannot store anything now; check its disk"},
	{400, "invalid character in database", true, "knows no such bucket as {bucket}; check --influx.bucket"},
	{0, "no space left", false, "has a full disk; free some space there"},
	{401, "", true, "refuses the token; check --influx.token-file, which is user:password for InfluxDB 1.8"},
	{403, "token is inactive", true, "has the token, but it is inactive; activate it"},
	{403, "", true, "does not let the token write; give it write access to bucket {bucket}"},
	{404, `bucket \"`, true, "has no bucket {bucket}; create it, or check --influx.bucket"}, // whatever its name
	{404, "organization name", true, "has no organisation {org}; check --influx.org"},
	{404, "organization", true, "does not know organisation {org}; check --influx.org"},
	{404, "bucket", true, "has no bucket {bucket}; create it, or check --influx.bucket"},
	{404, "database not found", true, "has no database for bucket {bucket}; create it, or check --influx.bucket (database/retention policy)"},
	{404, "path not found", true, "has no write interface at this address; --influx.url is the address alone, such as http://localhost:8086"},
	{404, "", true, "has no version 2 write interface at this address; check --influx.url, any proxy in between, " +
		"and that the server is InfluxDB 1.8 or later"},
	{405, "", true, "has no version 2 write interface at this address; check --influx.url"},
	{413, "", true, "or a proxy in front of it takes no request as large as a single point; raise its limit (client_max_body_size in nginx)"},
	{500, "retention policy not found", true, "has no retention policy as in bucket {bucket}; check --influx.bucket (database/retention policy)"},
	{408, "", false, busy},
	{429, "", false, "asks for fewer requests; if that lasts, raise its limit"},
}

// busy is the advice for a failure of the server's own, which may pass.
const busy = "cannot take readings now; if that lasts, look into its log and that of any proxy in between"

// judge is the error of an answer that does not acknowledge a write.
func (w *Writer) judge(r reply) error {
	final, advice := w.diagnose(r)
	text := fmt.Sprintf("InfluxDB at %s %s", w.where, advice)
	if told := w.told(r); told != "" {
		text += " (" + told + ")"
	}
	return &Error{Final: final, Status: r.status, text: text}
}

func (w *Writer) diagnose(r reply) (final bool, advice string) {
	if r.status == http.StatusUnauthorized && w.token == "" {
		return true, "wants a token, and none is given; give --influx.token-file (user:password for InfluxDB 1.8)"
	}
	body := strings.ToLower(string(r.body))
	for _, d := range diagnoses {
		if (d.status == 0 || d.status == r.status) && strings.Contains(body, d.has) && !(r.status == http.StatusNotFound && d.has != "" && r.page()) {
			return d.final, strings.NewReplacer("{bucket}", quoted(w.bucket), "{org}", quoted(w.org)).Replace(d.advice)
		}
	}
	switch {
	case r.status/100 == 3:
		return true, "redirects to " + w.destination(r) + "; if that is the database, give it as --influx.url"
	case r.status/100 == 2 && r.page():
		return true, "answers a write with a web page instead of status 204, so nothing was stored; " +
			"--influx.url is the address of the server alone, such as http://localhost:8086"
	case r.status/100 == 2:
		return true, "answers a write with another status than 204, so nothing counts as stored; check --influx.url"
	case r.status >= 500:
		return false, busy
	}
	return true, "does not take the write; check --influx.url, any proxy in between and the log of the server"
}

// destination is where a redirect leads, without what may be secret in it.
func (w *Writer) destination(r reply) string {
	to, err := w.base.Parse(r.header.Get("Location"))
	if err != nil || r.header.Get("Location") == "" {
		return "nowhere"
	}
	to.User, to.RawQuery, to.Fragment = nil, "", ""
	to.Path = strings.TrimSuffix(to.Path, "/api/v2/write")
	return redact.Text(to.String(), w.secrets...)
}

func quoted(name string) string { return fmt.Sprintf("%q", name) }

// told is what an answer says, fit for a log: without secrets, without the lines
// it quotes, since those are readings, and without the source of a web page.
func (w *Writer) told(r reply) string {
	status := strings.TrimSpace(fmt.Sprintf("%d %s", r.status, http.StatusText(r.status)))
	text := r.message()
	if !json.Valid(r.body) { // VictoriaMetrics repeats what it was sent from the bad line on
		text, _, _ = strings.Cut(text, exporter.Prefix)
	}
	switch {
	case r.page() && r.status/100 != 2:
		return status + ", a web page"
	case text == "", r.page(), r.status/100 == 2: // what answers is no database, and says whatever it likes
		return status
	default:
		return fmt.Sprintf("%d: %s", r.status, redact.Text(unquote(text), w.secrets...))
	}
}
