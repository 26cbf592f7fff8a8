//go:build unix

package prom

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/exporter"
)

// BenchmarkScrape compares a scrape over loopback, as plain text and without
// the collectors for Go and process, with serving the same bytes from memory.
// Both alternate in one loop; x-floor is the ratio of their CPU time, which
// includes the client's. Changing means that a poll changed one of the
// profiles between two scrapes.
func BenchmarkScrape(b *testing.B) {
	for _, size := range []struct {
		name           string
		people, series int
	}{{"series=700", 3, 660}, {"series=100000", 430, 100_000}} {
		profiles := crowd(size.people, size.series)
		registry := prometheus.NewRegistry()
		counters := NewCounters(registry, Starts{Skipped: []string{"ambiguous", "not_available"}})
		counters.Requested(exporter.Measure, "0")
		g := NewGatherer(func() []Profile { return profiles }, Others{Registry: registry}, func() time.Time { return moment })
		handler := Handler(g, slog.New(slog.DiscardHandler))
		b.Run(size.name, func(b *testing.B) { compare(b, handler, func(int) {}) })
		b.Run(size.name+"/changing", func(b *testing.B) {
			compare(b, handler, func(i int) { weighIn(profiles[i%len(profiles)], i) })
		})
	}
}

// BenchmarkScrapeAllocations measures what a scrape allocates in the server.
func BenchmarkScrapeAllocations(b *testing.B) {
	profiles := crowd(3, 660)
	registry := prometheus.NewRegistry()
	NewCounters(registry, Starts{Skipped: []string{"ambiguous", "not_available"}})
	g := NewGatherer(func() []Profile { return profiles }, Others{Registry: registry}, func() time.Time { return moment })
	handler := Handler(g, slog.New(slog.DiscardHandler))
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	b.ReportAllocs()
	for b.Loop() {
		handler.ServeHTTP(&discard{header: http.Header{}}, request)
	}
}

// compare times handler against a handler of its own answer.
func compare(b *testing.B, handler http.Handler, change func(i int)) {
	ours := httptest.NewServer(handler)
	defer ours.Close()
	var first bytes.Buffer
	fetch(b, ours.Client(), ours.URL, &first)
	page := first.Bytes()
	floor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")
		_, _ = w.Write(page)
	}))
	defer floor.Close()
	var spent, least time.Duration
	n := 0
	for b.Loop() {
		change(n)
		n++
		before := cpu()
		fetch(b, ours.Client(), ours.URL, io.Discard)
		middle := cpu()
		fetch(b, floor.Client(), floor.URL, io.Discard)
		spent, least = spent+middle-before, least+cpu()-middle
	}
	b.ReportMetric(float64(spent)/float64(n), "cpu-ns/scrape")
	b.ReportMetric(float64(least)/float64(n), "cpu-ns/floor")
	b.ReportMetric(float64(spent)/float64(least), "x-floor")
	b.ReportMetric(float64(bytes.Count(page, []byte("\n"))-bytes.Count(page, []byte("\n# "))-1), "series")
}

// cpu is the CPU time of this process so far.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func fetch(b *testing.B, client *http.Client, address string, into io.Writer) {
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", "identity")
	answer, err := client.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(into, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		b.Fatalf("status %d, %v", answer.StatusCode, err)
	}
}
