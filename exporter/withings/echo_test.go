package withings

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// echoing is a server on loopback that answers the bytes it is given, whatever
// it is asked.
func echoing(t *testing.T, answer string) *Account {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.Copy(io.Discard, r.Body)
				_, _ = io.WriteString(conn, answer)
			}
			_ = conn.Close()
		}
	}()
	client := &Client{
		URL: "http://" + l.Addr().String(), HTTP: Transport(), Budget: NewBudget(1000, time.Now, nil),
		Observe: &tally{requests: map[string]int{}, skipped: map[string]int{}}, Log: slog.New(slog.DiscardHandler), Now: time.Now,
	}
	t.Cleanup(client.HTTP.CloseIdleConnections)
	return client.Account("Anna", &purse{tokens: []string{secret}})
}

func TestAPeerThatRepeatsTheTokenIsNotQuotedWithIt(t *testing.T) {
	basic := base64.StdEncoding.EncodeToString([]byte("Bearer " + secret))
	quoted, err := json.Marshal("Authorization: Bearer " + secret)
	if err != nil {
		t.Fatal(err)
	}
	spelled := map[string]string{
		"as it is": secret, "with its scheme": "Bearer " + secret, "in base64": basic, "escaped": url.QueryEscape("Bearer " + secret),
		"in hexadecimal": hex.EncodeToString([]byte(secret)), "escaped in JSON": strings.Trim(string(quoted), `"`), "in upper case": strings.ToUpper(secret),
	}
	answers := map[string]string{
		"an error":               "HTTP/1.1 200 OK\r\n\r\n{\"status\":503,\"error\":\"refused %s\"}",
		"an error of the scope":  "HTTP/1.1 200 OK\r\n\r\n{\"status\":277,\"error\":\"refused %s\"}",
		"a refused token":        "HTTP/1.1 200 OK\r\n\r\n{\"status\":401,\"error\":\"refused %s\"}",
		"a page":                 "HTTP/1.1 200 OK\r\n\r\n<html>%s",
		"a page with a status":   "HTTP/1.1 404 Not Found\r\n\r\n%s",
		"the words of a status":  "HTTP/1.1 404 %s\r\n\r\n",
		"a status":               "HTTP/1.1 %s\r\n\r\n",
		"the protocol":           "%s 200 OK\r\n\r\n",
		"a redirect":             "HTTP/1.1 302 Found\r\nLocation: https://login.example/%s?next=%[1]s\r\n\r\n",
		"a redirect to no place": "HTTP/1.1 302 Found\r\nLocation: http://[%s\r\n\r\n",
		"a header":               "HTTP/1.1 200 OK\r\n%s\r\n\r\n",
		"a length":               "HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n",
		"an encoding":            "HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n",
		"compression":            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n%s",
		"something else":         "%s",
	}
	for place, answer := range answers {
		for spelling, echo := range spelled {
			t.Run(place+" "+spelling, func(t *testing.T) {
				a := echoing(t, fmt.Sprintf(answer, echo))
				err := a.once(t)
				for _, trace := range []string{secret, secret[2:], hex.EncodeToString([]byte(secret)), basic, base64.StdEncoding.EncodeToString([]byte(secret))[:8]} {
					if bytes.Contains(bytes.ToLower([]byte(err.Error())), bytes.ToLower([]byte(trace))) {
						t.Errorf("%q is in %q", trace, err)
					}
				}
			})
		}
	}
}

// once asks for goals, one time only.
func (a *Account) once(t *testing.T) error {
	t.Helper()
	err := a.send(t.Context(), requestTime, ask(exporter.Goal, false), secret, nil)
	if err == nil {
		t.Fatal("no error")
	}
	return a.failed(exporter.Goal, err)
}

// TestATokenAmongTheDataIsNotShown has fields of data, where Withings would have
// names and words, repeat the token of the request.
func TestATokenAmongTheDataIsNotShown(t *testing.T) {
	long := strings.Repeat("x", mostText-20) + " "
	for name, echo := range map[string]string{
		"as it is": secret, "with its scheme": "Bearer " + secret, "in a header": "Authorization: Bearer " + secret,
		"in upper case": strings.ToUpper(secret), "where a text is cut": long + secret, "in a parameter": "access_token=" + secret,
	} {
		inBubble(t, name, func(t *testing.T) {
			home := aHousehold()
			home[exporter.Sleep][5] = edited(home[exporter.Sleep][5], map[string]any{"timezone": echo, "data": map[string]any{
				"sleep_score": 7.0, "core_body_temperature_status": echo, "night_events": map[string]any{echo: []any{1}}}})
			home[exporter.Device] = rowsOf{
				{"deviceid": "1", "type": echo, "model": echo, "battery": echo, "timezone": echo}, {"deviceid": echo, "model": "Basic Scale", "battery": "high"}}
			home[exporter.Workout][0] = edited(home[exporter.Workout][0], map[string]any{"timezone": echo, "category": echo, "data": map[string]any{"core_body_temperature_status": echo}})
			home[exporter.Goal] = rowsOf{{"steps": echo, "sleep": 28800.0}}
			h := newHouse(home)
			h.every(exporter.Measure, `{"status":0,"body":{"timezone":"`+echo+`","measuregrps":[{"grpid":"`+echo+`","date":1,"measures":[]}]}}`)
			h.open(t)
			shown := fmt.Sprint(h.shown(t), h.status.Condition(), h.log)
			for _, trace := range []string{secret, secret[:10]} {
				if strings.Contains(strings.ToLower(shown), strings.ToLower(trace)) {
					t.Errorf("%q is in %s", trace, shown)
				}
			}
			h.shows(t, map[string]float64{"withings_sleep_score": 7})
			if !strings.Contains(shown, "Basic Scale") {
				t.Errorf("the name of a device is gone: %s", shown)
			}
		})
	}
}
