package bundle

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"time"

	"withings-exporter/exporter/reach"
)

// maxAnswer is how many bytes of an answer are read for the record.
const maxAnswer = 32 << 20

// Recorder is a transport that records how Withings answers. It is safe for
// concurrent use.
type Recorder struct {
	Next http.RoundTripper
	Now  func() time.Time

	mu      sync.Mutex // guards what follows
	asker   string
	answers []Answer
}

// Answer is what a bundle contains about one request and its answer.
type Answer struct {
	For         string `json:"for"`
	Path        string `json:"path"`
	Took        string `json:"took"`
	Failure     string `json:"no_answer,omitempty"`
	HTTP        int    `json:"http,omitempty"`
	ContentType string `json:"content_type,omitempty"`
	Bytes       int    `json:"bytes,omitempty"`
	ClockAhead  string `json:"their_clock_ahead,omitempty"` // tokens and lastupdate depend on it
	Status      string `json:"status,omitempty"`
	Fields      fields `json:"fields,omitempty"`
}

// Read is what a bundle contains about reading a service once.
type Read struct {
	Profile string `json:"profile"`
	Service string `json:"service,omitempty"`
	Records int    `json:"records"`
	Problem string `json:"problem,omitempty"`
}

// For sets what the requests from now on are for.
func (r *Recorder) For(asker string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asker = asker
}

// Answers returns the answers so far.
func (r *Recorder) Answers() []Answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.answers)
}

// RoundTrip sends a request and records the answer, which it returns complete.
func (r *Recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	a := Answer{Path: req.URL.Path}
	began := r.Now()
	resp, err := r.Next.RoundTrip(req)
	a.Took = r.Now().Sub(began).Round(time.Millisecond).String()
	if err != nil {
		a.Failure, _ = reach.Explain(err)
		r.note(a)
		return resp, err
	}
	data, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer)) // an error occurs again for whoever reads on
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(data), resp.Body), resp.Body}
	a.HTTP, a.Bytes = resp.StatusCode, len(data)
	a.ContentType = mediaType().FindString(resp.Header.Get("Content-Type"))
	if theirs, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		if ahead := theirs.Sub(r.Now()).Round(time.Second); ahead.Abs() >= 5*time.Second {
			a.ClockAhead = ahead.String()
		}
	}
	a.Status, a.Fields = shape(data)
	r.note(a)
	return resp, nil
}

func (r *Recorder) note(a Answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a.For = r.asker
	r.answers = append(r.answers, a)
}

var mediaType = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z]+/[a-z+.-]+`) })
