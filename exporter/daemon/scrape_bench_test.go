//go:build linux

package daemon

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/prom"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/web"
)

// BenchmarkScrapeAsShipped compares the CPU time that the real binary needs for a scrape by
// Prometheus with what a bare server needs that has the same page in memory and never
// compresses it. They are asked in turn over connections that are kept, and x-floor is the
// ratio of the medians. After a pause of five seconds, as of a scraper that comes every 15, what Go and
// the system know of the process is read each time; -benchtime 20x is good for that.
func BenchmarkScrapeAsShipped(b *testing.B) {
	program, floor := stage.Build(b), stage.BuildBare(b)
	ours := serving(b, program, stateOfThree(b, program), silence(b))
	defer ours.end(b)
	for _, as := range scrapers {
		b.Run(as.name, func(b *testing.B) { compareScrapes(b, ours, floor, as, 0) })
	}
	for _, as := range scrapers[:2] {
		b.Run("pause/"+as.name, func(b *testing.B) {
			compareScrapes(b, ours, floor, as, time.Duration(testrun.Bench(5100, 1))*time.Millisecond)
		})
	}
}

// BenchmarkScrapeOfCrowd does it with more people, who are made up, behind the handlers of serve.
// When it is changing, one of them weighs in before each scrape.
func BenchmarkScrapeOfCrowd(b *testing.B) {
	floor := stage.BuildBare(b)
	for _, size := range []struct {
		name           string
		people, series int // with -short, fewer people than the name says
	}{{"series=100000", testrun.Bench(430, 20), 280}, {"people=10000", testrun.Bench(10_000, 500), 60}} {
		for _, change := range []string{"unchanged", "changing"} {
			ours := launched(b, os.Args[0], func(address string) []string {
				return []string{"-test.run=^TestServesForABenchmark$", address, strconv.Itoa(size.people), strconv.Itoa(size.series), change}
			})
			for _, as := range scrapers {
				b.Run(path.Join(size.name, change, as.name), func(b *testing.B) { compareScrapes(b, ours, floor, as, 0) })
			}
			_ = ours.Process.Kill()
			_ = ours.Wait()
		}
	}
}

// scraper is how a scraper asks.
type scraper struct{ name, accept, encoding string }

// scrapers are the ways: those of Prometheus 3, and rarer ones.
var scrapers = []scraper{
	{"plain", textAccept, "identity"},
	{"gzip", textAccept, "gzip"},
	{"openmetrics-gzip", openAccept, "gzip"},
	{"zstd", textAccept, "zstd"},
	{"protobuf", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6," + openAccept, "gzip"},
}

const (
	textAccept = "text/plain;version=0.0.4;q=0.3,*/*;q=0.1"
	openAccept = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4," +
		"text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)

// compareScrapes asks ours and a floor for it in turn.
func compareScrapes(b *testing.B, ours *process, bareServer string, as scraper, pause time.Duration) {
	ours.page(b)
	as.scrape(b, ours) // the first may be larger
	page := scraper{accept: as.accept, encoding: "identity"}.scrape(b, ours)
	floor := bare(b, bareServer, page)
	defer floor.end(b)
	floor.page(b)
	few := max(1, 2_000_000/len(page))
	if pause > 0 {
		few = 1
	}
	var spent, least []time.Duration
	var sent []byte
	for b.Loop() {
		<-time.After(pause)
		before := ours.cpu(b)
		for range few {
			sent = as.scrape(b, ours)
		}
		spent = append(spent, (ours.cpu(b)-before)/time.Duration(few))
		before = floor.cpu(b)
		for range few {
			as.scrape(b, floor)
		}
		least = append(least, (floor.cpu(b)-before)/time.Duration(few))
	}
	b.ReportMetric(median(spent)/1000, "cpu-us/scrape")
	b.ReportMetric(median(least)/1000, "cpu-us/floor")
	b.ReportMetric(median(spent)/median(least), "x-floor")
	b.ReportMetric(float64(len(sent)), "bytes")
	b.ReportMetric(float64(count(page)), "series")
	b.ReportMetric(0, "ns/op")
}

// kept are connections that are used for the next scrape.
var kept = &http.Client{Transport: &http.Transport{DisableCompression: true}}

// scrape returns what a server sends.
func (s scraper) scrape(b *testing.B, p *process) []byte {
	request, err := http.NewRequest(http.MethodGet, "http://"+p.address+"/metrics", nil)
	if err != nil {
		b.Fatal(err)
	}
	for name, value := range map[string]string{"Accept": s.accept, "Accept-Encoding": s.encoding,
		"User-Agent": "Prometheus/3.16.0", "X-Prometheus-Scrape-Timeout-Seconds": "10"} {
		request.Header.Set(name, value)
	}
	answer, err := kept.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	all, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		b.Fatal(answer.Status, err)
	}
	return all
}

// TestServesForABenchmark is a server in a process of its own, when a benchmark starts it.
func TestServesForABenchmark(t *testing.T) {
	if flag.NArg() < 4 {
		return
	}
	people, _ := strconv.Atoi(flag.Arg(1))
	series, _ := strconv.Atoi(flag.Arg(2))
	crowd := make([]prom.Profile, people)
	for i := range crowd {
		crowd[i] = madeUp(fmt.Sprintf("person-%05d", i), series)
	}
	n := 0
	shown := func() []prom.Profile {
		if n++; flag.Arg(3) == "changing" {
			crowd[n%people].State.Apply(batchOf(exporter.Batch{}, exporter.ByName("weight_grams"), n))
		}
		return crowd
	}
	registry := prometheus.NewRegistry()
	counters := prom.NewCounters(registry, prom.Starts{Skipped: []string{"ambiguous", "not_available"}})
	g := prom.NewGatherer(shown, prom.Others{Registry: registry, Changes: counters.Changes, Process: prom.NewProcess(time.Now)}, time.Now)
	server, err := web.New(web.Options{ListenAddresses: []string{flag.Arg(0)}, TelemetryPath: "/metrics", Metrics: prom.Handler(g, slog.Default()),
		Log: slog.New(slog.DiscardHandler), Status: func() web.Status { return web.Status{} }})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Listen(); err != nil {
		t.Fatal(err)
	}
	t.Fatal(server.Serve(context.Background()))
}

// madeUp is a person with about a number of series, half of which tell when the others were measured.
func madeUp(name string, series int) prom.Profile {
	state := exporter.NewState(name, time.UTC)
	batches := map[exporter.Service]exporter.Batch{}
	n := 0
	for _, m := range exporter.Catalog() {
		switch m.Service {
		case exporter.Measure, exporter.Activity, exporter.Workout, exporter.Device, exporter.Heart, exporter.Intraday:
			if n++; n <= series/2 {
				batches[m.Service] = batchOf(batches[m.Service], m, n)
			}
		}
	}
	for _, b := range batches {
		state.Apply(b)
	}
	return prom.Profile{State: state, Status: &exporter.Status{}, TokenExpiry: func() (time.Time, bool) { return time.Time{}, true }}
}

// batchOf is an answer with one more value.
func batchOf(b exporter.Batch, m *exporter.Metric, n int) exporter.Batch {
	value, _ := exporter.NewDecimal(int64(n*7919%99_991+1), -2)
	now := time.Now()
	if b.Records == nil {
		b = exporter.Batch{Service: m.Service, Records: []exporter.Record{{Service: m.Service, ID: m.Name,
			Date: now.Format(time.DateOnly), Start: now, End: now, Modified: now}}}
	}
	r := &b.Records[0]
	r.Readings = append(r.Readings, exporter.Reading{Metric: m, Value: value})
	return b
}
