package testserver

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/internal/truth/tally"
)

// client is for servers on this machine. Idle connections are closed soon, since
// servers are stopped.
var client = &http.Client{Timeout: patience, Transport: &http.Transport{IdleConnTimeout: time.Second}}

// trusting returns such a client for a server with a self-signed certificate.
func trusting(t testing.TB, certificate string) *http.Client {
	t.Helper()
	text, err := os.ReadFile(certificate)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		t.Fatalf("%s has no certificate", certificate)
	}
	return &http.Client{Timeout: patience, Transport: &http.Transport{
		IdleConnTimeout: time.Second, TLSClientConfig: &tls.Config{RootCAs: roots},
	}}
}

// get requests a page and returns the body of a successful answer.
func (s *server) get(path string) (io.ReadCloser, error) {
	request, err := http.NewRequest(http.MethodGet, s.URL+path, nil)
	if err != nil {
		return nil, err
	}
	return s.do(request)
}

// ask posts a form and returns the body of a successful answer.
func (s *server) ask(path string, form url.Values) (io.ReadCloser, error) {
	request, err := http.NewRequest(http.MethodPost, s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.do(request)
}

// call sends a document as JSON, nil for none, and decodes the answer.
func (s *server) call(method, path string, in, out any) {
	s.t.Helper()
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			s.t.Fatal(err)
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, s.URL+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := s.do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Close()
	if out == nil {
		return
	}
	if err := json.NewDecoder(answer).Decode(out); err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
}

func (s *server) do(request *http.Request) (io.ReadCloser, error) {
	if s.authorization != "" {
		request.Header.Set("Authorization", s.authorization)
	}
	answer, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode/100 == 2 {
		return answer.Body, nil
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 1000))
	return nil, fmt.Errorf("%s %s is answered with %s: %s", request.Method, request.URL.Path, answer.Status, bytes.TrimSpace(text))
}

// batch is how many points are written at once; their body is smaller than the
// servers' limit.
const batch = 20_000

// write posts points as line protocol to a write path like InfluxDB's.
func (s *server) write(path string, points []tally.Point) {
	s.t.Helper()
	for len(points) > 0 {
		now := points[:min(batch, len(points))]
		points = points[len(now):]
		var lines bytes.Buffer
		if err := tally.WriteLines(&lines, now); err != nil {
			s.t.Fatal(err)
		}
		request, err := http.NewRequest(http.MethodPost, s.URL+path, &lines)
		if err != nil {
			s.t.Fatal(err)
		}
		answer, err := s.do(request)
		if err != nil {
			s.t.Fatal(err)
		}
		answer.Close()
	}
}

// documents decodes one JSON document after the other, with numbers as they are
// written. It ends the test if one is not valid.
func documents[T any](s *server, body io.Reader, each func(T) error) {
	s.t.Helper()
	decoder := json.NewDecoder(body)
	decoder.UseNumber()
	for {
		var document T
		err := decoder.Decode(&document)
		if err == io.EOF {
			return
		}
		if err == nil {
			err = each(document)
		}
		if err != nil {
			s.t.Fatalf("answer of %s: %v", filepath.Base(s.path), err)
		}
	}
}
