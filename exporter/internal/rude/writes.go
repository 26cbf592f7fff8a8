package rude

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

const (
	run    = "run"
	source = "source"
	doc    = "doc"
	thread = "thread"
)

// bound is the start of the retention period in answers of InfluxDB 2.7.
const bound = "2026-11-19T07:43:32.174018159Z"

// Writes lists known answers to POST /api/v2/write, of all servers and proxies.
func Writes() []Answer {
	return []Answer{
		{Name: "any: written", Status: 204, From: run, Means: Accepted, Stored: All},

		{Name: "1.8: older than the retention policy", Status: 400, Type: "application/json", From: run, Means: Lines, Stored: Others,
			Header: errorHeader("partial write: points beyond retention policy dropped=1"),
			Body:   `{"error":"partial write: points beyond retention policy dropped=1"}` + "\n",
			body:   counted(`{"error":"partial write: points beyond retention policy dropped=%d"}` + "\n")},
		{Name: "1.8: field type conflict", Status: 400, Type: "application/json", From: run, Means: Lines, Stored: Others,
			Header: errorHeader(conflict("partial write: ", 1)),
			Body:   object("error", conflict("partial write: ", 1)),
			body:   func(r []Refused) string { return object("error", conflictOf("partial write: ", r)) }},
		{Name: "1.8: a line that cannot be parsed", Status: 400, Type: "application/json", From: run, Means: Unreadable, Stored: None,
			Header: errorHeader("unable to parse 'm v=abc 1': invalid boolean"),
			Body:   `{"error":"unable to parse 'm v=abc 1': invalid boolean"}` + "\n",
			body:   func(r []Refused) string { return object("error", unparsed(r)) }},
		{Name: "1.8: unknown database", Status: 404, Type: "application/json", From: run, Means: Bucket, Stored: None,
			Header: errorHeader(`database not found: "x"`),
			Body:   `{"error":"database not found: \"x\""}` + "\n"},
		{Name: "1.8: unknown retention policy", Status: 500, Type: "application/json", From: run, Means: Bucket, Stored: None,
			Header: errorHeader("retention policy not found: x"),
			Body:   `{"error":"retention policy not found: x"}` + "\n"},
		{Name: "1.8: wrong token", Status: 401, Type: "application/json", From: run, Means: Token, Stored: None,
			Header: map[string]string{"WWW-Authenticate": `Basic realm="InfluxDB"`},
			Body:   `{"error":"authorization failed"}` + "\n"},
		{Name: "1.8: a user who may not write", Status: 403, Type: "application/json", From: run, Means: Token, Stored: None,
			Header: errorHeader(`"reader" user is not authorized to write to database "withings"`),
			Body:   `{"error":"\"reader\" user is not authorized to write to database \"withings\""}` + "\n"},
		{Name: "1.8: wrong path", Status: 404, Type: plain, From: run, Means: Address, Stored: None, Body: "404 page not found\n"},

		{Name: "2.7: older than the retention period", Status: 422, Type: jsonText, From: run, Means: Lines, Stored: Others,
			Header: code2("unprocessable entity"),
			Body:   json2("unprocessable entity", expired([]Refused{{1, Line{Measurement: "m", Time: time.Unix(100, 0).UTC()}}, {2, Line{Measurement: "m", Time: time.Unix(200, 0).UTC()}}})),
			body:   func(r []Refused) string { return json2("unprocessable entity", expired(r)) }},
		{Name: "2.0: older than the retention period", Status: 500, Type: jsonText, From: thread, Means: Lines, Stored: Others,
			Header: code2("internal error"),
			Body:   json2("internal error", "unexpected error writing points to database: partial write: points beyond retention policy dropped=1"),
			body: func(r []Refused) string {
				return json2("internal error", fmt.Sprintf("unexpected error writing points to database: partial write: points beyond retention policy dropped=%d", len(r)))
			}},
		{Name: "2.7: field type conflict", Status: 422, Type: jsonText, From: run, Means: Lines, Stored: Others,
			Header: code2("unprocessable entity"),
			Body:   json2("unprocessable entity", conflict("failure writing points to database: partial write: ", 1)),
			body: func(r []Refused) string {
				return json2("unprocessable entity", conflictOf("failure writing points to database: partial write: ", r))
			}},
		{Name: "2.7: a line that cannot be parsed", Status: 400, Type: jsonText, From: run, Means: Unreadable, Stored: None,
			Header: code2("invalid"),
			Body:   `{"code":"invalid","message":"unable to parse 'm v=abc 1': invalid boolean"}`,
			body:   func(r []Refused) string { return json2("invalid", unparsed(r)) }},
		{Name: "2.7: no organisation", Status: 400, Type: jsonText, From: run, Means: Organisation, Stored: None,
			Header: code2("invalid"),
			Body:   `{"code":"invalid","message":"Please provide either orgID or org"}`},
		{Name: "2.7: wrong organisation", Status: 404, Type: jsonText, From: run, Means: Organisation, Stored: None,
			Header: code2("not found"),
			Body:   `{"code":"not found","message":"organization name \"nope\" not found"}`},
		{Name: "2.7: wrong bucket", Status: 404, Type: jsonText, From: run, Means: Bucket, Stored: None,
			Header: code2("not found"),
			Body:   `{"code":"not found","message":"bucket \"nope\" not found"}`},
		{Name: "2.7: wrong token", Status: 401, Type: jsonText, From: run, Means: Token, Stored: None,
			Header: code2("unauthorized"),
			Body:   `{"code":"unauthorized","message":"unauthorized access"}`},
		{Name: "2.7: a token that may not write", Status: 403, Type: jsonText, From: run, Means: Token, Stored: None,
			Header: code2("forbidden"),
			Body:   `{"code":"forbidden","message":"insufficient permissions for write"}`},
		{Name: "2.7: an inactive token", Status: 403, Type: jsonText, From: run, Means: Token, Stored: None,
			Header: code2("forbidden"),
			Body:   `{"code":"forbidden","message":"insufficient permissions for write: token is inactive"}`},
		{Name: "2.7: the address has /api/v2", Status: 404, Type: jsonText, From: run, Means: Address, Stored: None,
			Header: code2("not found"),
			Body:   "{\n\t\"code\": \"not found\",\n\t\"message\": \"path not found\"\n}"},
		{Name: "2.7: the address of its web page", Status: 200, Type: htmlText, From: run, Means: Address, Stored: None, Body: webPage},
		{Name: "2.7: years into a new bucket", Status: 500, Type: jsonText, From: run, Means: Temporary, Stored: None,
			Header: code2("internal error"),
			Body:   json2("internal error", "unexpected error writing points to database: timeout")},

		{Name: "VictoriaMetrics: older than its retention", Status: 204, From: run, Means: Accepted, Stored: Others}, // only its counter vm_rows_ignored_total shows it
		{Name: "VictoriaMetrics: a line that cannot be parsed", Status: 400, Type: plain, From: run, Means: Unreadable, Stored: None,
			Body: victorias("m v\n", `missing field value for "v"`),
			body: func(r []Refused) string { return victorias(r[0].Line.Text+"\n", `missing field value for "v"`) }},
		{Name: "VictoriaMetrics: wrong path", Status: 400, Type: plain, From: run, Means: Address, Stored: None,
			Body: `unsupported path requested: "/foo/api/v2/write"` + "\n"},

		{Name: "3 Core: a line that cannot be parsed", Status: 400, Type: "application/json", From: source, Means: Unreadable, Stored: None,
			Body: `{"code":"invalid","message":"write buffer error: line protocol parse failed: invalid field value in line protocol for field 'v' on line 1"}`,
			body: func(r []Refused) string {
				return json2("invalid", fmt.Sprintf("write buffer error: line protocol parse failed: invalid field value in line protocol for field 'v' on line %d", r[0].Number-1))
			}},
		{Name: "3 Core: a line that cannot be parsed, without a number", Status: 400, Type: "application/json", From: thread, Means: Unreadable, Stored: None,
			Body: `{"code":"invalid","message":"write buffer error: parsing for line protocol failed"}`},
		{Name: "3 Core: the disk is full", Status: 400, Type: "application/json", From: source, Means: Disk, Stored: None,
			Body: `{"code":"invalid","message":"write buffer error: error from wal: object store error: Generic LocalFileSystem error: Unable to copy data to file: No space left on device (os error 28)"}`},
		{Name: "3 Core: an empty body", Status: 400, Type: "application/json", From: source, Means: Unreadable, Stored: None,
			Body: `{"code":"invalid","message":"write buffer error: incoming write was empty"}`},
		{Name: "3 Core: a name that no database can have", Status: 400, Type: "application/json", From: source, Means: Bucket, Stored: None,
			Body: `{"code":"invalid","message":"invalid character in database or rp name: must be ASCII, containing only letters, numbers, underscores, or hyphens"}`},
		{Name: "3 Core: an empty token", Status: 400, Type: "application/json", From: source, Means: Token, Stored: None,
			Body: `{"error": "Authorization header was malformed and could not be parsed"}`},
		{Name: "3 Cloud: lines rejected", Status: 400, Type: jsonText, From: doc, Means: Lines, Stored: Others,
			Body: rejected([]Refused{{Number: 2}, {Number: 4}}), body: rejected},
		{Name: "2 Cloud: points rejected", Status: 400, Type: jsonText, From: doc, Means: Lines, Stored: Others,
			Body: json2("invalid", "partial write error (1 accepted): 2/3 points rejected; first error: at line 3:13: expected tag key after comma; got white space instead (check rejected_points in your _monitoring bucket for further information)"),
			body: func(r []Refused) string {
				return json2("invalid", fmt.Sprintf("partial write error (%d accepted): %d/%d points rejected; first error: at line %d:13: expected tag key after comma; got white space instead (check rejected_points in your _monitoring bucket for further information)",
					max(r[len(r)-1].Number-len(r), 0), len(r), max(r[len(r)-1].Number, len(r)), r[0].Number))
			}},

		{Name: "Go server: http to a TLS port", Status: 400, From: run, Means: Address, Stored: None, Body: plainToGo},
		{Name: "nginx: http to a TLS port", Status: 400, Type: "text/html", From: run, Means: Address, Stored: None,
			Body: nginx("400 The plain HTTP request was sent to HTTPS port", "400 Bad Request", "The plain HTTP request was sent to HTTPS port")},
		{Name: "proxy: the body is too large", Status: 413, Type: "text/html", From: run, Means: TooLarge, Stored: None,
			Body: nginx("413 Request Entity Too Large", "413 Request Entity Too Large", "")},
		{Name: "proxy: bad gateway", Status: 502, Type: "text/html", From: run, Means: Temporary, Stored: None,
			Body: nginx("502 Bad Gateway", "502 Bad Gateway", "")},
		{Name: "proxy: service unavailable", Status: 503, Type: "text/html", From: run, Means: Temporary, Stored: None,
			Body: nginx("503 Service Temporarily Unavailable", "503 Service Temporarily Unavailable", "")},
		{Name: "proxy: gateway timeout", Status: 504, Type: "text/html", From: run, Means: Temporary, Stored: None,
			Body: nginx("504 Gateway Time-out", "504 Gateway Time-out", "")},
		{Name: "proxy: no back end has this name", Status: 404, Type: plain, From: thread, Means: Address, Stored: None, Body: "404 page not found\n"},
		{Name: "proxy: HTML 404", Status: 404, Type: "text/html", From: run, Means: Address, Stored: None,
			Body: nginx("404 Not Found", "404 Not Found", "")},
		{Name: "proxy: HTML 400", Status: 400, Type: "text/html", From: run, Means: Address, Stored: None,
			Body: nginx("400 Bad Request", "400 Bad Request", "")},
		{Name: "proxy: a login page", Status: 200, Type: htmlText, From: thread, Means: Address, Stored: None, Body: loginPage},
		{Name: "proxy: sent to a login page", Status: 302, Type: htmlText, From: thread, Means: Address, Stored: None,
			Header: map[string]string{"Location": "https://login.example/?rd=%2Fapi%2Fv2%2Fwrite"},
			Body:   `<a href="https://login.example/?rd=%2Fapi%2Fv2%2Fwrite">Found</a>.` + "\n\n"},
	}
}

// Deletes lists known answers to POST /api/v2/delete.
func Deletes() []Answer {
	return []Answer{
		{Name: "2.7: deleted", Status: 204, From: run, Means: Accepted, Stored: None},
		{Name: "2.7: a read-only token", Status: 403, Type: jsonText, From: run, Means: Token, Stored: None,
			Header: code2("forbidden"),
			Body:   `{"code":"forbidden","message":"insufficient permissions to delete"}`},
		{Name: "1.8: no such path", Status: 404, Type: plain, From: run, Means: Unsupported, Stored: None, Body: "404 page not found\n"},
		{Name: "3 Core: no such route", Status: 404, From: source, Means: Unsupported, Stored: None, Body: "not found"},
		{Name: "2.0: not implemented", Status: 501, Type: jsonText, From: thread, Means: Unsupported, Stored: None,
			Body: `{"code":"not implemented","message":"Not implemented"}`},
		{Name: "VictoriaMetrics: no such path", Status: 400, Type: plain, From: run, Means: Unsupported, Stored: None,
			Body: `unsupported path requested: "/api/v2/delete"` + "\n"},
		{Name: "Cloud Serverless: nothing is deleted", Status: 204, From: thread, Means: Accepted, Stored: None},
	}
}

const (
	plainToGo = "Client sent an HTTP request to an HTTPS server.\n"
	loginPage = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form method=\"post\"><input name=\"user\"><input name=\"password\" type=\"password\"></form></body></html>\n"
)

func nginx(title, heading, more string) string {
	if more != "" {
		more = "<center>" + more + "</center>\r\n"
	}
	return "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + heading + "</h1></center>\r\n" +
		more + "<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"
}

func errorHeader(text string) map[string]string { return map[string]string{"X-Influxdb-Error": text} }

func code2(code string) map[string]string { return map[string]string{"X-Platform-Error-Code": code} }

func object(name, text string) string { return `{"` + name + `":` + quoted(text) + "}\n" }

func json2(code, message string) string {
	return `{"code":` + quoted(code) + `,"message":` + quoted(message) + `}`
}

func quoted(text string) string {
	said, _ := json.Marshal(text)
	return string(said)
}

func conflict(before string, n int) string {
	return fmt.Sprintf(`%sfield type conflict: input field "x" on measurement "m" is type float, already exists as type integer dropped=%d`, before, n)
}

func conflictOf(before string, r []Refused) string {
	field := "x"
	if fields := r[0].Line.Fields; len(fields) > 0 {
		field = fields[0].Name
	}
	return fmt.Sprintf("%sfield type conflict: input field %q on measurement %q is type float, already exists as type string dropped=%d",
		before, field, r[0].Line.Measurement, len(r))
}

func unparsed(r []Refused) string {
	return fmt.Sprintf("unable to parse '%s': invalid boolean", r[0].Line.Text)
}

// victorias quotes everything from the bad line on, which are readings.
func victorias(lines, why string) string {
	return fmt.Sprintf("cannot process influx line protocol data: incorrect influx line %q: %s; see https://docs.victoriametrics.com/victoriametrics/integrations/influxdb/\n",
		lines, why)
}

// expired returns the long message of InfluxDB 2.7.
func expired(r []Refused) string {
	oldest, newest := r[0].Line, r[0].Line
	for _, one := range r {
		if one.Line.Time.Before(oldest.Time) {
			oldest = one.Line
		}
		if one.Line.Time.After(newest.Time) {
			newest = one.Line
		}
	}
	place := func(l Line) string {
		name := l.Measurement
		if tags, _, found := strings.Cut(l.Text, " "); found {
			name = tags
		}
		return name + " at " + l.Time.UTC().Format(time.RFC3339Nano) + " dropped because it violates a Retention Policy Lower Bound at " + bound
	}
	return fmt.Sprintf("failure writing points to database: partial write: dropped %d points outside retention policy of duration 168h0m0s"+
		" - oldest point %s, newest point %s dropped=%d for database: a51bdc5dba590adc for retention policy: autogen",
		len(r), place(oldest), place(newest), len(r))
}

// rejected returns the message of InfluxDB Cloud, which names at most 100 lines.
func rejected(r []Refused) string {
	const most = 100
	var message strings.Builder
	message.WriteString("failed to parse line protocol: errors encountered on line(s):")
	for _, one := range r[:min(len(r), most)] {
		message.WriteString(fmt.Sprintf("\nerror parsing line %d (1-based): Invalid measurement was provided", one.Number))
	}
	return fmt.Sprintf(`{"code":"invalid","line":%d,"message":%s}`, r[0].Number, quoted(message.String()))
}
