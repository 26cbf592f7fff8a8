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

// Error says why a write failed, and what to do.
type Error struct {
	Final  bool // the same request fails again until a person changes something
	Status int  // HTTP status, 0 when there was no answer
	text   string
	hint   string
}

// Error is what went wrong and what to do about it, in one line.
func (e *Error) Error() string { return e.text + "; " + e.hint }

// Hint is what to do about it.
func (e *Error) Hint() string { return e.hint }

// Is makes a final error an exporter.ErrNeedsPerson, and each one of the server of all profiles.
func (e *Error) Is(target error) bool {
	return target == exporter.ErrNeedsPerson && e.Final || target == exporter.ErrOfAll
}

// unreachable is the error of a server that did not answer.
func (w *Writer) unreachable(err error) error {
	if errors.Is(err, context.Canceled) {
		return reach.Bare(err)
	}
	what, hint := reach.Explain(err, w.secrets...)
	if hint == "" {
		hint = "check the address, and whether the server runs"
	}
	return &Error{text: fmt.Sprintf("cannot reach InfluxDB at %s: %s", w.where, what),
		hint: strings.ReplaceAll(hint, "the address", "--influx.url")}
}

// A diagnosis is one way in which a server, or a proxy in front of it, says that a
// write failed.
type diagnosis struct {
	status int    // 0: any
	has    string // in the body, in lower case
	final  bool
	says   string // what it means; {bucket} and {org} are filled in
	hint   string // what to do; {token} is filled in, too
}

// diagnoses lists what servers and proxies answer to a failed write, the specific
// before the general. After any of them the points are sent again.
//
// Sources: InfluxDB 1.8.10 and 2.7.12, VictoriaMetrics 1.150 and nginx as they
// answer; the source of InfluxDB 3 Core; public reports of others.
var diagnoses = []diagnosis{
	{status: 400, has: "http request to an https server", final: true, says: "expects TLS", hint: "use https:// in --influx.url"},
	{status: 400, has: "plain http request was sent to https port", final: true, says: "expects TLS", hint: "use https:// in --influx.url"},
	{status: 400, has: "either orgid or org", final: true, says: "requires an organisation", hint: "give --influx.org"},
	{status: 400, has: "unsupported path", final: true, says: "does not know this path", hint: addressAlone + "8428"},
	{status: 400, has: "authorization header", final: true, says: "cannot use the token", hint: "{token}"},
	{status: 400, has: "error from wal", says: "cannot store anything at the moment", hint: "check its disk"},
	{status: 400, has: "invalid character in database", final: true, says: "does not know bucket {bucket}", hint: "check --influx.bucket"},
	{has: "no space left", says: "has a full disk", hint: "free some space there"},
	{status: 401, final: true, says: "rejects the token", hint: "{token} (user:password for InfluxDB 1.8)"},
	{status: 403, has: "token is inactive", final: true, says: "knows the token, but it is inactive", hint: "activate it in InfluxDB"},
	{status: 403, has: "not authorized to write to database", final: true, says: "does not let the user write", hint: "to let it, run: {grant}"},
	{status: 403, final: true, says: "does not let the token write", hint: "{another token}"},
	{status: 404, has: `bucket \"`, final: true, says: "has no bucket {bucket}", hint: createBucket}, // whatever its name
	{status: 404, has: "organization name", final: true, says: "has no organisation {org}", hint: "check --influx.org"},
	{status: 404, has: "organization", final: true, says: "does not know organisation {org}", hint: "check --influx.org"},
	{status: 404, has: "bucket", final: true, says: "has no bucket {bucket}", hint: createBucket},
	{status: 404, has: "database not found", final: true, says: "has no database for bucket {bucket}", hint: createDatabase},
	{status: 404, has: "path not found", final: true, says: "has no write interface at this address", hint: addressAlone + "8086"},
	{status: 404, final: true, says: "has no version 2 write interface at this address", hint: "check --influx.url, any proxy in between, and that the server is InfluxDB 1.8 or later"},
	{status: 405, final: true, says: "has no version 2 write interface at this address", hint: "check --influx.url"},
	{status: 413, final: true, says: "or a proxy in front of it rejects even a request with a single point as too large", hint: "raise the limit (client_max_body_size in nginx)"},
	{status: 500, has: "retention policy not found", final: true, says: "does not have the retention policy in bucket {bucket}", hint: "check --influx.bucket (database/retention policy)"},
	{status: 408, says: busy, hint: busyHint},
	{status: 429, says: "is limiting requests", hint: "if that lasts, raise its limit"},
}

// busy words a failure inside the server, which may pass.
const (
	busy     = "cannot accept readings at the moment"
	busyHint = "if that lasts, check its log and that of any proxy in between"
)

// Hints for a place that is not there.
const (
	createBucket   = "create it: {new bucket}; or check --influx.bucket"
	createDatabase = "create it: {new database}; or check --influx.bucket (database/retention policy)"
	ofOldForm      = "give {database} alone as --influx.bucket, if that is its name: what follows the / is for InfluxDB 1.8"
)

// addressAlone is a hint for an --influx.url with a path or parameters; the port
// follows.
const addressAlone = "give the address of the server alone, such as http://localhost:"

// judge is the error of an answer that does not acknowledge a write.
func (w *Writer) judge(ctx context.Context, r reply) error {
	d, told := w.diagnose(r), w.told(r)
	if other := w.other(ctx, r); other != "" { // whose text may have advice for its own users
		told = r.answer()
		d = diagnosis{final: true, says: "is " + other + ", not InfluxDB", hint: "give the address of InfluxDB, usually http://localhost:8086"}
	}
	if d.hint == createBucket && strings.Contains(w.bucket, "/") {
		d.hint = ofOldForm
	}
	filled := strings.NewReplacer("{bucket}", quoted(w.bucket), "{database}", quoted(w.database()), "{org}", quoted(w.org), "{token}", w.amend(),
		"{another token}", w.replace(), "{grant}", w.grant(), "{new bucket}", w.makeBucket(), "{new database}", w.makeDatabase())
	text := fmt.Sprintf("InfluxDB at %s %s", w.where, filled.Replace(d.says))
	if told != "" {
		text += " (" + told + ")"
	}
	return &Error{Final: d.final, Status: r.status, text: text, hint: filled.Replace(d.hint)}
}

// others are servers whose address is given for that of InfluxDB, by what they answer to a question that InfluxDB does not know.
var others = []struct{ name, path, has string }{
	{"Prometheus", "-/healthy", "Prometheus"},
	{"a withings-exporter", "-/healthy", "withings-exporter is healthy"},
	{"Grafana", "api/health", `"database"`},
}

// other is the name of the server if it is another one than InfluxDB, which answers a write as if there were no such page, or no such
// user. It is "" if that is not known.
func (w *Writer) other(ctx context.Context, r reply) string {
	if r.status != http.StatusNotFound && r.status != http.StatusUnauthorized {
		return ""
	}
	for _, o := range others {
		got, err := w.ask(ctx, o.path, nil, nil)
		if err != nil {
			return ""
		}
		if got.status == http.StatusOK && !got.page() && strings.Contains(string(got.body), o.has) {
			return o.name
		}
	}
	return ""
}

func (w *Writer) diagnose(r reply) diagnosis {
	if r.status == http.StatusUnauthorized && w.token == "" {
		return diagnosis{final: true, says: "requires a token", hint: "give --influx.token-file (user:password for InfluxDB 1.8)"}
	}
	body := strings.ToLower(string(r.body))
	for _, d := range diagnoses {
		if (d.status == 0 || d.status == r.status) && strings.Contains(body, d.has) && !(r.status == http.StatusNotFound && d.has != "" && r.page()) {
			return d
		}
	}
	switch {
	case r.status/100 == 3:
		return diagnosis{final: true, says: "redirects to " + w.destination(r), hint: "if that is the database, give it as --influx.url"}
	case r.status/100 == 2 && r.page():
		return diagnosis{final: true, says: "answers a write with a web page instead of status 204, so nothing was stored", hint: addressAlone + "8086"}
	case r.status/100 == 2:
		return diagnosis{final: true, says: "answers a write with another status than 204, so nothing counts as stored", hint: "check --influx.url"}
	case r.status >= 500:
		return diagnosis{says: busy, hint: busyHint}
	}
	return diagnosis{final: true, says: "does not accept the write", hint: "check --influx.url, any proxy in between and the log of the server"}
}

// amend is how a person has the program use another token.
func (w *Writer) amend() string {
	amend := w.change("correct", "")
	// Copied from the header of a request.
	for _, word := range []string{"Token", "Bearer", "Authorization:"} {
		if len(w.token) > len(word) && strings.EqualFold(w.token[:len(word)], word) && w.token[len(word)] == ' ' {
			return fmt.Sprintf("it begins with the word %q, which is not part of it: %s", w.token[:len(word)], amend)
		}
	}
	return amend
}

// replace is how a person has the program use a token that may read and write the bucket.
func (w *Writer) replace() string {
	return w.change("replace", fmt.Sprintf(" by one that may read and write bucket %q,", w.bucket))
}

// change is what to do with the token, such as to replace it, which by goes on about, up to a comma; and how it comes into use.
func (w *Writer) change(do, by string) string {
	switch {
	case w.tokenFile == "" && w.tokenFrom == "":
		return do + " --influx.token" + by + " and restart, or give --influx.token-file"
	case w.tokenFile == "" && w.reread:
		return do + " the token, which is from " + w.tokenFrom + "," + by + " and reload serve"
	case w.tokenFile == "":
		return do + " the token, which is from " + w.tokenFrom + "," + by + " and restart, or give --influx.token-file"
	}
	return do + fmt.Sprintf(" the token in %q, which serve reads again within seconds", w.tokenFile) + strings.TrimSuffix(","+by, ",")
}

// destination is where a redirect leads, without secrets.
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

// told is what an answer says, safe to log: without secrets, readings that it quotes,
// or the source of a web page.
func (w *Writer) told(r reply) string {
	text := r.message()
	if !json.Valid(r.body) { // VictoriaMetrics repeats what it was sent from the bad line on
		text, _, _ = strings.Cut(text, exporter.Prefix)
	}
	switch {
	case r.page() && r.status/100 != 2:
		return r.answer() + ", a web page"
	case text == "", r.page(), r.status/100 == 2: // not a database: its text means nothing
		return r.answer()
	default:
		return fmt.Sprintf("%d: %s", r.status, redact.Text(unquote(text), w.secrets...))
	}
}
