package prom

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/exporter"
)

// counted is a scene with counters and the process, whose every scrape comes a minute after the one before.
func counted(profiles ...Profile) (*scene, *Counters) {
	s := newScene(profiles...)
	registry := prometheus.NewRegistry()
	counters := NewCounters(registry, Starts{Skipped: []string{"ambiguous", "not_available"}})
	now := moment
	s.g.others = Others{Registry: registry, Changes: counters.Changes, Process: NewProcess(func() time.Time {
		now = now.Add(time.Minute)
		return now
	})}
	return s, counters
}

// asPrometheus is a scrape by Prometheus.
func asPrometheus() *http.Request {
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	request.Header.Set("Accept", formats[0])
	request.Header.Set("Accept-Encoding", "gzip")
	return request
}

// A scrape as Prometheus asks for it, with the process read again, and once more with something counted and
// somebody changed. What the server needs around that is not in it.
func TestAScrapeAllocatesLittle(t *testing.T) {
	s, counters := counted(crowd(3, 600)...)
	request := asPrometheus()
	for _, c := range []struct {
		name   string
		change func(n int)
		most   float64
	}{
		{"nothing has changed", func(int) {}, 60},
		{"something was counted", func(int) { counters.Requested(exporter.Measure, "0") }, 220},
	} {
		n := 0
		allocations := testing.AllocsPerRun(50, func() {
			n++
			c.change(n)
			s.handler.ServeHTTP(&discard{header: http.Header{}}, request)
		})
		if allocations > c.most {
			t.Errorf("when %s a scrape allocates %v times, want %v at most", c.name, allocations, c.most)
		}
	}
}

// BenchmarkScrapeAllocations measures what a scrape allocates in its handler, with the process read again.
func BenchmarkScrapeAllocations(b *testing.B) {
	s, _ := counted(crowd(3, 600)...)
	request := asPrometheus()
	b.ReportAllocs()
	for b.Loop() {
		s.handler.ServeHTTP(&discard{header: http.Header{}}, request)
	}
}

// BenchmarkPageMemory tells how many bytes of memory a person needs for being scraped by Prometheus: what the first scrape leaves.
// The state, which is there anyway, is not in it.
func BenchmarkPageMemory(b *testing.B) {
	const people = 2000
	for _, series := range []int{60, 200} {
		b.Run(fmt.Sprintf("series=%d", series), func(b *testing.B) {
			profiles := crowd(people, people*series)
			bytes := 0.0
			for b.Loop() {
				s := newScene(profiles...)
				before := heap()
				s.handler.ServeHTTP(&discard{header: http.Header{}}, asPrometheus())
				bytes = heap() - before
				runtime.KeepAlive(s)
			}
			b.ReportMetric(bytes/people, "bytes/person")
		})
	}
}

// heap is how much memory is in use.
func heap() float64 {
	var is runtime.MemStats
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&is)
	return float64(is.HeapAlloc)
}

// BenchmarkPart measures how long writing the part of one person takes, which each of their polls causes once.
func BenchmarkPart(b *testing.B) {
	p := person("Ben", 200)
	is := &entry{}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		p.State.Advance(exporter.Measure, func(is *exporter.Progress) { is.Success = moment.Add(time.Duration(n)) })
		is.update(p, moment)
	}
}
