//go:build linux

package daemon

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/testrun"
)

// BenchmarkStart times the real binary from exec to the last byte of its first
// scrape, with the state of three people on disk and a Withings that takes
// connections and never answers. Its floor is the same binary printing its
// version: what a process costs before it does anything.
func BenchmarkStart(b *testing.B) {
	program := stage.Build(b)
	dir := stateOfThree(b, program)
	silent := silence(b)
	var spent, least time.Duration
	n := 0
	for b.Loop() {
		began := time.Now()
		if err := exec.Command(program, "version").Run(); err != nil {
			b.Fatal(err)
		}
		least += time.Since(began)
		began = time.Now()
		stop, address := launch(b, program, dir, silent)
		page := scrapeOnce(b, address)
		spent += time.Since(began)
		stop()
		if series := count(page); series < 500 {
			b.Fatalf("the first scrape has %d series only", series)
		}
		n++
	}
	b.ReportMetric(float64(spent.Microseconds())/1000/float64(n), "ms/first-scrape")
	b.ReportMetric(float64(least.Microseconds())/1000/float64(n), "ms/floor")
}

// BenchmarkResidentMemory tells what the real binary holds after a thousand
// scrapes of three people, beside what it holds after the first one.
func BenchmarkResidentMemory(b *testing.B) {
	program := stage.Build(b)
	dir := stateOfThree(b, program)
	cloud := httptest.NewServer(simulator.New(simulator.Options{Years: 1}))
	defer cloud.Close()
	var after, first float64
	for b.Loop() {
		stop, address := launch(b, program, dir, cloud.URL)
		page := scrapeOnce(b, address)
		first = resident(b, address)
		for range 1000 {
			page = scrapeOnce(b, address)
		}
		after = resident(b, address)
		stop()
		b.ReportMetric(float64(count(page)), "series")
	}
	b.ReportMetric(after/1e6, "MB-after-1000")
	b.ReportMetric(first/1e6, "MB-floor")
}

// stateOfThree lets the binary poll a simulated household once and returns the
// state directory it leaves.
func stateOfThree(b *testing.B, program string) string {
	dir := b.TempDir()
	sim := simulator.New(simulator.Options{Years: 1})
	cloud := httptest.NewServer(sim)
	defer cloud.Close()
	if err := signin.SignIn(context.Background(), command.Settings{
		StateDir: dir, Profiles: []string{"Anna", "Ben", "Carla"}, Now: time.Now,
		ClientID: simulator.DefaultClientID, ClientSecret: simulator.DefaultClientSecret,
		RedirectURL: "http://localhost:8019/auth/external/callback", APIURL: cloud.URL, AccountURL: cloud.URL,
	}); err != nil {
		b.Fatal(err)
	}
	stop, address := launch(b, program, dir, cloud.URL)
	defer stop()
	retry := time.NewTicker(50 * time.Millisecond)
	defer retry.Stop()
	for range 600 {
		if strings.Count(string(scrapeOnce(b, address)), `service="workout"} `) == 3 {
			return dir
		}
		<-retry.C
	}
	b.Fatal("the household was not polled within half a minute")
	return ""
}

// launch starts serve and returns once it listens; stop ends it in order.
func launch(b *testing.B, program, dir, api string) (stop func(), address string) {
	address = testrun.FreeAddress(b)
	return serveWith(b, program, "--state.dir="+dir, "--web.listen-address="+address, "--api.url="+api), address
}

// silence is a server that takes connections and never answers.
func silence(b *testing.B) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	return "http://" + l.Addr().String()
}

// scrapeOnce returns a whole page, asking again until somebody listens.
func scrapeOnce(b *testing.B, address string) []byte {
	for began := time.Now(); ; {
		answer, err := http.Get("http://" + address + "/metrics")
		if err != nil {
			if time.Since(began) > 10*time.Second {
				b.Fatal(err)
			}
			continue
		}
		page, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			b.Fatal(err)
		}
		return page
	}
}

func count(page []byte) int {
	return bytes.Count(page, []byte("\n")) - bytes.Count(page, []byte("# HELP")) - bytes.Count(page, []byte("# TYPE"))
}

// resident is the program's own gauge of its resident memory, in bytes.
func resident(b *testing.B, address string) float64 {
	for line := range strings.SplitSeq(string(scrapeOnce(b, address)), "\n") {
		if value, ok := strings.CutPrefix(line, "process_resident_memory_bytes "); ok {
			bytes, err := strconv.ParseFloat(value, 64)
			if err != nil {
				b.Fatal(err)
			}
			return bytes
		}
	}
	b.Fatal(fmt.Errorf("%s does not tell its resident memory", address))
	return 0
}
