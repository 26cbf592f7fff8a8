//go:build linux

package daemon

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/prom"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/web"
)

// BenchmarkScrapeAsShipped compares the CPU time that the real binary needs for a scrape by
// Prometheus with what a bare server needs that has the same page in memory and never
// compresses it. Each is a process of its own; they are asked in turn over connections
// that are kept, and x-floor is the ratio of the medians. With a pause the collectors of Go
// and the process are read each time, as with a scraper that comes every 15 seconds:
// -benchtime 20x is good for that.
func BenchmarkScrapeAsShipped(b *testing.B) {
	program := stage.Build(b)
	address := testrun.FreeAddress(b)
	ours := spawn(b, exec.Command(program, "serve", "--client-id="+simulator.DefaultClientID, "--log.level=error", "--state.dir="+stateOfThree(b, program),
		"--web.listen-address="+address, "--api.url="+silence(b)), address)
	for _, c := range asWith {
		b.Run(c.name, func(b *testing.B) { compareScrapes(b, ours, c, 0) })
	}
	for _, c := range asWith[:2] {
		b.Run("pause/"+c.name, func(b *testing.B) { compareScrapes(b, ours, c, 5100*time.Millisecond) })
	}
}

// BenchmarkScrapeOfCrowd does it with more people. The process is the handler chain of serve
// with people who are made up; one of them weighs in before each scrape if it is changing.
func BenchmarkScrapeOfCrowd(b *testing.B) {
	for _, size := range []struct {
		name           string
		people, series int
	}{{"series=100000", 430, 232}, {"people=10000", 10_000, 60}} {
		for _, changing := range []string{"", "changing"} {
			address := testrun.FreeAddress(b)
			command := exec.Command(os.Args[0], "-test.run=^TestServesForABenchmark$")
			command.Env = append(os.Environ(), fmt.Sprintf("%s=%s crowd %d %d %s", benchmarkServes, address, size.people, size.series, changing))
			ours := spawn(b, command, address)
			for _, c := range asWith {
				b.Run(filepath.Join(size.name, changing, c.name), func(b *testing.B) { compareScrapes(b, ours, c, 0) })
			}
		}
	}
}

// scraper is how a scraper asks.
type scraper struct{ name, accept, encoding string }

// asWith are the ways: those of Prometheus 3 for text, and rarer ones.
var asWith = []scraper{
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

// process is a server in a process of its own.
type process struct {
	id      int
	address string
}

// compareScrapes asks ours and a floor for it in turn.
func compareScrapes(b *testing.B, ours process, as scraper, pause time.Duration) {
	page := filepath.Join(b.TempDir(), "page")
	whole := as
	whole.encoding = "identity"
	text, _ := ask(b, ours, whole)
	if err := os.WriteFile(page, text, 0o600); err != nil {
		b.Fatal(err)
	}
	address := testrun.FreeAddress(b)
	command := exec.Command(os.Args[0], "-test.run=^TestServesForABenchmark$")
	command.Env = append(os.Environ(), fmt.Sprintf("%s=%s floor %s", benchmarkServes, address, page))
	floor := spawn(b, command, address)
	few := max(1, 2_000_000/len(text))
	if pause > 0 {
		few = 1
	}
	var spent, least []float64
	sent := 0
	for b.Loop() {
		if pause > 0 {
			<-time.After(pause)
		}
		for i, p := range []process{ours, floor} {
			before := p.cpu(b)
			for range few {
				_, n := ask(b, p, as)
				if i == 0 {
					sent = n
				}
			}
			took := float64(p.cpu(b)-before) / float64(few)
			if i == 0 {
				spent = append(spent, took)
			} else {
				least = append(least, took)
			}
		}
	}
	b.ReportMetric(median(spent)/1000, "cpu-us/scrape")
	b.ReportMetric(median(least)/1000, "cpu-us/floor")
	b.ReportMetric(median(spent)/median(least), "x-floor")
	b.ReportMetric(float64(sent), "bytes")
	b.ReportMetric(0, "ns/op")
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// connections are kept between scrapes.
var connections = &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 4}}

// ask scrapes, and returns the page if it is not compressed, and how many bytes were sent.
func ask(b *testing.B, p process, as scraper) (page []byte, sent int) {
	request, err := http.NewRequest(http.MethodGet, "http://"+p.address+"/metrics", nil)
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Accept", as.accept)
	request.Header.Set("Accept-Encoding", as.encoding)
	request.Header.Set("User-Agent", "Prometheus/3.16.0")
	request.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "10")
	answer, err := connections.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	if as.encoding != "identity" {
		n, err := io.Copy(io.Discard, answer.Body)
		if err != nil {
			b.Fatal(err)
		}
		return nil, int(n)
	}
	page, err = io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		b.Fatal(answer.Status, err)
	}
	return page, len(page)
}

// spawn starts a process, waits until it answers, and ends it with the benchmark.
func spawn(b *testing.B, command *exec.Cmd, address string) process {
	command.Env = append(command.Environ(), "WITHINGS_CLIENT_SECRET="+simulator.DefaultClientSecret)
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait()
	})
	for range 3000 {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return process{command.Process.Pid, address}
		}
		<-time.After(10 * time.Millisecond)
	}
	b.Fatal("it does not answer")
	return process{}
}

// cpu is the CPU time of the process so far, in nanoseconds, to the nanosecond.
func (p process) cpu(b *testing.B) int64 {
	var at syscall.Timespec
	clock := uintptr(^p.id<<3 | 2) // the kernel's number for the clock of another process, see clock_getcpuclockid
	if _, _, err := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clock, uintptr(unsafe.Pointer(&at)), 0); err != 0 {
		b.Fatal(err)
	}
	return at.Nano()
}

// benchmarkServes is the variable that says what the process of a benchmark serves, and where.
const benchmarkServes = "WITHINGS_BENCHMARK_SERVES"

// TestServesForABenchmark is a server in a process of its own, when a benchmark starts it.
func TestServesForABenchmark(t *testing.T) {
	what := strings.Fields(os.Getenv(benchmarkServes))
	if len(what) == 0 {
		return
	}
	if what[1] == "floor" {
		page, err := os.ReadFile(what[2])
		if err != nil {
			t.Fatal(err)
		}
		t.Fatal(http.ListenAndServe(what[0], http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
			_, _ = w.Write(page)
		})))
	}
	people, _ := strconv.Atoi(what[2])
	series, _ := strconv.Atoi(what[3])
	crowd := make([]prom.Profile, people)
	for i := range crowd {
		crowd[i] = madeUp(fmt.Sprintf("person-%05d", i), series)
	}
	n := 0
	shown := func() []prom.Profile {
		if n++; len(what) > 4 {
			value, _ := exporter.NewDecimal(int64(70_000+n), 0)
			at := time.Now()
			crowd[n%people].State.Apply(exporter.Batch{Service: exporter.Measure, Records: []exporter.Record{{Service: exporter.Measure, ID: "weigh-in", Start: at,
				End: at, Modified: at, Readings: []exporter.Reading{{Metric: exporter.ByName("weight_grams"), Value: value}}}}})
		}
		return crowd
	}
	registry := prometheus.NewRegistry()
	prom.NewCounters(registry, prom.Starts{Skipped: []string{"ambiguous", "not_available"}})
	g := prom.NewGatherer(shown, registry, prom.NewProcess(time.Now), time.Now)
	server, err := web.New(web.Options{ListenAddresses: []string{what[0]}, TelemetryPath: "/metrics", Metrics: prom.Handler(g, slog.Default()),
		Log: slog.New(slog.DiscardHandler), Status: func() web.Status { return web.Status{} }})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Listen(); err != nil {
		t.Fatal(err)
	}
	t.Fatal(server.Serve(context.Background()))
}

// madeUp is a person with some series, half of which are when the others were measured.
func madeUp(name string, series int) prom.Profile {
	state := exporter.NewState(name, time.UTC)
	now := time.Now()
	batches := map[exporter.Service]*exporter.Record{}
	n := 0
	for _, m := range exporter.Catalog() {
		if m.Service == exporter.Presence || m.Service == exporter.Sleep || m.Service == exporter.Night || n == series/2 {
			continue
		}
		n++
		r := batches[m.Service]
		if r == nil {
			r = &exporter.Record{Service: m.Service, ID: "1", Date: now.Format(time.DateOnly), Start: now.Add(-time.Minute), End: now}
			batches[m.Service] = r
		}
		value, _ := exporter.NewDecimal(int64(n*7919%99991+1), -2)
		r.Readings = append(r.Readings, exporter.Reading{Metric: m, Value: value})
	}
	for service, r := range batches {
		state.Apply(exporter.Batch{Service: service, Records: []exporter.Record{*r}})
	}
	return prom.Profile{State: state, Status: &exporter.Status{}, TokenExpiry: func() (time.Time, bool) { return now.Add(time.Hour), true }}
}
