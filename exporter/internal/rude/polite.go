package rude

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
)

const (
	jsonText = "application/json; charset=utf-8"
	htmlText = "text/html; charset=utf-8"
	plain    = "text/plain; charset=utf-8"

	// webPage is how InfluxDB 2 answers every path outside its interface.
	webPage = "<!doctype html><title>InfluxDB</title>\n"
)

// Influx2 is an InfluxDB 2.7: it accepts writes, deletes by both APIs, answers
// InfluxQL, and serves its web page at every other path.
func Influx2(c *Call) {
	c.W.Header().Set("X-Influxdb-Version", "2.7.12")
	switch path := c.R.URL.Path; {
	case path == "/api/v2/write":
		if missing(c.R.URL.Query(), "org") && missing(c.R.URL.Query(), "orgID") {
			Write("2.7: no organisation").Give(c)
			return
		}
		take(c, func(said string) {
			row := Write("2.7: a line that cannot be parsed")
			row.say(c, json2("invalid", said))
		})
	case path == "/api/v2/delete":
		deleteV2(c)
	case path == "/query":
		query(c, "{}\n")
	case path == "/ping":
		c.W.WriteHeader(http.StatusNoContent)
	case path == "/health":
		c.Say(http.StatusOK, jsonText, `{"name":"influxdb", "message":"ready for queries and writes", "status":"pass", "checks":[], "version": "2.7.12", "commit": "none"}`)
	case strings.HasPrefix(path, "/api/v2"):
		Write("2.7: the address has /api/v2").Give(c)
	default:
		c.Say(http.StatusOK, htmlText, webPage)
	}
}

// Influx1 is an InfluxDB 1.8: it accepts writes by both APIs, and deletes by InfluxQL.
func Influx1(c *Call) {
	c.W.Header().Set("X-Influxdb-Version", "1.8.10")
	switch c.R.URL.Path {
	case "/api/v2/write", "/write":
		take(c, func(said string) {
			row := Write("1.8: a line that cannot be parsed")
			row.Header = errorHeader(said)
			row.say(c, object("error", said))
		})
	case "/query":
		query(c, `{"results":[{"statement_id":0}]}`+"\n")
	case "/ping":
		c.W.WriteHeader(http.StatusNoContent)
	case "/health":
		c.Say(http.StatusOK, "application/json", `{"checks":[],"message":"ready for queries and writes","name":"influxdb","status":"pass","version":"1.8.10"}`)
	default:
		c.Say(http.StatusNotFound, plain, "404 page not found\n")
	}
}

// Victoria is a VictoriaMetrics: it accepts writes, deletes nothing, and answers all
// InfluxQL with the name of one database.
func Victoria(c *Call) {
	path := strings.TrimPrefix(c.R.URL.Path, "/influx")
	switch path {
	case "/api/v2/write", "/write":
		take(c, func(string) { Write("VictoriaMetrics: a line that cannot be parsed").Give(c) })
	case "/query":
		c.Say(http.StatusOK, "application/json", `{"results":[{"statement_id":0,"series":[{"name":"databases","columns":["name"],"values":[["_internal"]]}]}]}`)
	case "/ping":
		c.W.WriteHeader(http.StatusNoContent)
	case "/health":
		c.Say(http.StatusOK, plain, "OK")
	default:
		c.Say(http.StatusBadRequest, plain, fmt.Sprintf("unsupported path requested: %q\n", c.R.URL.Path))
	}
}

// Core3 is an InfluxDB 3 Core: it accepts writes and deletes nothing.
func Core3(c *Call) {
	switch c.R.URL.Path {
	case "/api/v2/write":
		if text, err := c.Body(); err == nil && len(text) == 0 {
			Write("3 Core: an empty body").Give(c)
			return
		}
		take(c, func(string) { Write("3 Core: a line that cannot be parsed").Give(c) })
	case "/ping", "/health":
		c.Say(http.StatusOK, plain, "OK")
	default:
		Delete("3 Core: no such route").Give(c)
	}
}

// Serverless is InfluxDB Cloud Serverless: it acknowledges deletes without deleting.
func Serverless(c *Call) {
	switch c.R.URL.Path {
	case "/api/v2/delete":
		Delete("Cloud Serverless: nothing is deleted").Give(c)
	default:
		Influx2(c)
	}
}

// take stores a write that can be parsed, and answers with 204. Otherwise it answers
// with InfluxDB's message.
func take(c *Call, refuse func(said string)) {
	lines, err := c.Lines()
	if err != nil {
		refuse(err.Error())
		return
	}
	c.Store(lines)
	c.W.WriteHeader(http.StatusNoContent)
}

var equals = regexp.MustCompile(`^\s*("(?:[^"\\]|\\.)*"|[\w.]+)\s*=\s*("(?:[^"\\]|\\.)*"|[\w.]+)\s*$`)

// deleteV2 is the delete API of InfluxDB 2.
func deleteV2(c *Call) {
	var asked struct {
		Start, Stop time.Time
		Predicate   string
	}
	text, err := c.Body()
	if err == nil {
		err = json.Unmarshal(text, &asked)
	}
	want := map[string]string{}
	for _, part := range and.Split(asked.Predicate, -1) {
		if m := equals.FindStringSubmatch(part); m != nil {
			want[unquote(m[1])] = unquote(m[2])
		} else if strings.TrimSpace(part) != "" && err == nil {
			err = fmt.Errorf("bad predicate %q", part)
		}
	}
	if err != nil {
		said, _ := json.Marshal(map[string]string{"code": "invalid", "message": "invalid request; error parsing request json: " + err.Error()})
		c.Say(http.StatusBadRequest, jsonText, string(said))
		return
	}
	c.Peer.note(func() {
		c.Peer.db.remove(Deletion{Predicate: asked.Predicate, Start: asked.Start, Stop: asked.Stop}, func(s spot, v value) bool {
			if s.at < asked.Start.UnixNano() || s.at > asked.Stop.UnixNano() {
				return false
			}
			for name, text := range want {
				if is := v.tags[name]; name == "_measurement" && v.measurement != text || name != "_measurement" && is != text {
					return false
				}
			}
			return true
		})
	})
	c.W.WriteHeader(http.StatusNoContent)
}
