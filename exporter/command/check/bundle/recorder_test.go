package bundle

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestAnswersArePassedOnWholeAndNotedByTheirShape(t *testing.T) {
	const body = `{"status":0,"body":{"timezone":"Europe/Oslo","more":0,"measuregrps":[
		{"attrib":2,"category":1,"date":1784000000,"measures":[{"type":1,"value":72345,"unit":-3},{"type":1,"value":1,"unit":-3}]},
		{"attrib":1,"category":1,"date":1784000100,"measures":null,"Anna":true}],"12345":[null,"x",-1]}}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}))
	defer server.Close()
	r := &Recorder{Next: http.DefaultTransport, Now: time.Now}
	r.For("profile 1")
	resp, err := (&http.Client{Transport: r}).PostForm(server.URL, url.Values{"action": {"getmeas"}, "category": {"1"}})
	if err != nil {
		t.Fatal(err)
	}
	passed, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil || string(passed) != body {
		t.Errorf("passed on is %q, %v", passed, err)
	}
	var report strings.Builder
	r.Report(&report)
	for _, want := range []string{
		"profile 1, getmeas category 1:", "HTTP 200, application/json", "status 0", "2 measure groups",
		"groups with attrib 1, category 1, inconclusive absent: 1, newest 2026-07-14T03:35:00Z",
		"measures of type 1, unit -3: 2", "timezone: Europe/Oslo ×1", "measuregrps[].measures: list ×1, null ×1",
		"measuregrps[].[odd name]: true ×1", "#[]: null ×1, number below 0 ×1, text ×1",
	} {
		if !strings.Contains(report.String(), want) {
			t.Errorf("the report has no %q:\n%s", want, &report)
		}
	}
	for _, secret := range []string{"72345", "Anna", "12345"} {
		if strings.Contains(report.String(), secret) {
			t.Errorf("the report has %q:\n%s", secret, &report)
		}
	}
}

func TestNoAnswerIsNotedToo(t *testing.T) {
	r := &Recorder{Next: failed{}, Now: time.Now}
	if _, err := r.RoundTrip(httptest.NewRequest(http.MethodPost, "http://x", nil)); err == nil {
		t.Error("the error is lost")
	}
	var report strings.Builder
	r.Report(&report)
	if !strings.Contains(report.String(), "a request:\n  no answer after ") || !strings.Contains(report.String(), "network is unreachable") {
		t.Errorf("the report is %q", report.String())
	}
}

type failed struct{}

func (failed) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("network is unreachable")
}
