package soak

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"sync"
	"time"

	"withings-exporter/exporter"
)

// asking is the key of a context with the service that a request is for.
type asking struct{}

// wire carries requests to the simulated Withings and counts them. Nothing is sent; an answer takes a while.
type wire struct {
	to      http.Handler
	latency time.Duration

	mu     sync.Mutex // guards counts
	counts map[string]int
}

func newWire(to http.Handler, latency time.Duration) *wire {
	return &wire{to: to, latency: latency, counts: map[string]int{}}
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	service, known := r.Context().Value(asking{}).(exporter.Service)
	name := string(service)
	if at := path.Base(r.URL.Path); !known || at == "oauth2" {
		name = at // oauth2, notify
	}
	if err := exporter.Pause(r.Context(), w.latency); err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.counts[name]++
	w.mu.Unlock()
	return serve(w.to, r), nil
}

// door is how Withings' notifications get to the exporter: without any network, and at once.
type door struct{ to http.Handler }

// RoundTrip implements http.RoundTripper.
func (d *door) RoundTrip(r *http.Request) (*http.Response, error) { return serve(d.to, r), nil }

// serve has a handler answer a request.
func serve(h http.Handler, r *http.Request) *http.Response {
	come := *r
	come.RequestURI, come.RemoteAddr = r.URL.RequestURI(), "192.0.2.1:1234"
	if come.Body == nil {
		come.Body = http.NoBody
	}
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, &come)
	return answer.Result()
}

// counted is how many requests there have been by service.
func (w *wire) counted() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.counts)
}

// mostComplaints is how many lines of the log are kept.
const mostComplaints = 50

// complaints is a slog.Handler that keeps the first warnings.
type complaints struct {
	mu    sync.Mutex // guards lines
	lines []string
}

// Enabled implements slog.Handler.
func (c *complaints) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn
}

// Handle implements slog.Handler.
func (c *complaints) Handle(_ context.Context, r slog.Record) error {
	line := r.Time.UTC().Format("01-02 15:04:05 ") + r.Message
	r.Attrs(func(a slog.Attr) bool {
		line += " " + a.String()
		return true
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.lines) < mostComplaints {
		c.lines = append(c.lines, line)
	}
	return nil
}

// WithAttrs implements slog.Handler; whose line it is does not matter.
func (c *complaints) WithAttrs([]slog.Attr) slog.Handler { return c }

// WithGroup implements slog.Handler.
func (c *complaints) WithGroup(string) slog.Handler { return c }

func (c *complaints) list() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.lines)
}
