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
	err := a.client.send(t.Context(), requestTime, ask(exporter.Goal, false), secret, nil)
	if err == nil {
		t.Fatal("no error")
	}
	return a.failed(exporter.Goal, named(ask(exporter.Goal, false), err))
}
