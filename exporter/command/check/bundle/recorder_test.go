package bundle

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func TestAnswersArePassedOnWholeAndToldByTheirShape(t *testing.T) {
	const body = `{"status":0,"body":{"timezone":"Europe/Oslo","more":0,"measuregrps":[
		{"attrib":2,"category":1,"date":1784000000,"measures":[{"type":1,"value":72345,"unit":-3},{"type":1,"value":1,"unit":-3}]},
		{"attrib":1,"category":1,"date":1784000100,"measures":null,"Anna":true}],"12345":[null,"x",-1],
		"devices":[{"model":"Body+","type":"Scale","deviceid":"abc"}]}}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		w.Header().Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
		_, _ = io.WriteString(w, body)
	}))
	defer server.Close()
	r := &Recorder{Next: http.DefaultTransport, Now: time.Now}
	r.For("profile 1")
	resp, err := (&http.Client{Transport: r}).Get(server.URL + "/measure")
	if err != nil {
		t.Fatal(err)
	}
	passed, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil || string(passed) != body {
		t.Errorf("passed on is %q, %v", passed, err)
	}
	data, err := json.Marshal(r.Answers())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"for":"profile 1","path":"/measure"`, `"http":200,"content_type":"application/json"`, `"their_clock_ahead":"`, `"status":"0"`,
		`"measuregrps[].attrib":{"1":1,"2":1}`, `"measuregrps[].measures[].type":{"1":2}`, `"measuregrps[].measures[].value":{"number":2}`,
		`"timezone":{"Europe/Oslo":1}`, `"measuregrps[].measures":{"list":1,"null":1}`, `"devices[].model":{"Body+":1}`,
		`"measuregrps[].[odd name]":{"true":1}`, `"#[]":{"null":1,"number below 0":1,"text":1}`,
	} {
		if !strings.Contains(string(data), want) {
			t.Errorf("the facts have no %s:\n%s", want, data)
		}
	}
	for _, secret := range []string{"72345", "Anna", "12345", "abc"} {
		if strings.Contains(string(data), secret) {
			t.Errorf("the facts have %q:\n%s", secret, data)
		}
	}
}

func TestAnAnswerThatBreaksOffIsPassedOnAsItIs(t *testing.T) {
	broken := roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: io.NopCloser(io.MultiReader(strings.NewReader(`{"status"`), iotest.ErrReader(io.ErrUnexpectedEOF)))}, nil
	})
	r := &Recorder{Next: broken, Now: time.Now}
	resp, err := r.RoundTrip(httptest.NewRequest(http.MethodPost, "http://x", nil))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(resp.Body)
	if string(got) != `{"status"` || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("passed on is %q, %v", got, err)
	}
	if got := r.Answers()[0].Status; got != "not JSON, empty or broken off" {
		t.Errorf("it is told as %q", got)
	}
}

func TestNoAnswerIsToldToo(t *testing.T) {
	failed := roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("network is unreachable") })
	r := &Recorder{Next: failed, Now: time.Now}
	if _, err := r.RoundTrip(httptest.NewRequest(http.MethodPost, "http://x", nil)); err == nil {
		t.Error("the error is lost")
	}
	if got := r.Answers(); len(got) != 1 || got[0].Failure != "network is unreachable" {
		t.Errorf("it is told as %+v", got)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
