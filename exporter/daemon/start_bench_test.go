//go:build linux

package daemon

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/testrun"
)

// household are the simulated people of the benchmarks: Anna has every device, Ben a
// few, Carla a scale.
var household = []string{"Anna", "Ben", "Carla"}

// rounds is how often a benchmark measures in each of its loops: medians need some.
const rounds = 11

// BenchmarkStart times the real binary from exec to the last byte of its first
// scrape, with the state of three people on disk and a Withings that takes
// connections and never answers. Its floor is a bare server that serves the same
// page from memory; both take turns. cpu is the processor time until then.
func BenchmarkStart(b *testing.B) {
	program, floor := stage.Build(b), stage.BuildBare(b)
	dir, silent := stateOfThree(b, program), silence(b)
	p := serving(b, program, dir, silent)
	page := p.page(b)
	p.end(b)
	if series := count(page); series < 500 {
		b.Fatalf("the first scrape has %d series only", series)
	}
	var ours, least started
	for b.Loop() {
		for range rounds {
			ours.time(b, func() *process { return serving(b, program, dir, silent) })
			least.time(b, func() *process { return bare(b, floor, page) })
		}
	}
	ours.report(b, least)
}

// started are times of starts.
type started struct{ took, cpu []time.Duration }

// time starts a server, scrapes it once and ends it.
func (s *started) time(b *testing.B, start func() *process) {
	began := time.Now()
	p := start()
	p.page(b)
	s.took = append(s.took, time.Since(began))
	s.cpu = append(s.cpu, p.cpu(b))
	p.end(b)
}

func (s *started) report(b *testing.B, floor started) {
	const ms = float64(time.Millisecond)
	b.ReportMetric(median(s.took)/ms, "ms/first-scrape")
	b.ReportMetric(median(floor.took)/ms, "ms/floor")
	b.ReportMetric(median(s.took)/median(floor.took), "x-floor")
	b.ReportMetric(median(s.cpu)/ms, "cpu-ms/first-scrape")
	b.ReportMetric(median(floor.cpu)/ms, "cpu-ms/floor")
	b.ReportMetric(median(s.cpu)/median(floor.cpu), "cpu-x-floor")
}

// BenchmarkResidentMemory tells what the real binary holds after the first scrape of
// three people and after a thousand, how much of that is not pages of the binary
// (anon), and what a bare server with the same page holds.
func BenchmarkResidentMemory(b *testing.B) {
	program, floor := stage.Build(b), stage.BuildBare(b)
	dir := stateOfThree(b, program)
	cloud := httptest.NewServer(simulator.New(simulator.Options{Years: 1}))
	defer cloud.Close()
	all := map[string][]float64{}
	note := func(name string, p *process) {
		is := p.resident(b)
		all["MB-"+name] = append(all["MB-"+name], is.all/1e6)
		all["MB-"+name+"-anon"] = append(all["MB-"+name+"-anon"], is.anonymous/1e6)
	}
	for b.Loop() {
		for range 3 {
			ours := serving(b, program, dir, cloud.URL)
			page := ours.page(b)
			least := bare(b, floor, page)
			least.page(b)
			note("first", ours)
			note("floor-first", least)
			for range testrun.Bench(1000, 100) {
				ours.page(b)
				least.page(b)
			}
			note("1000", ours)
			note("floor-1000", least)
			ours.end(b)
			least.end(b)
			b.ReportMetric(float64(count(page)), "series")
		}
	}
	for name, values := range all {
		b.ReportMetric(median(values), name)
	}
}

// BenchmarkManyPeople starts the real binary with the saved states of many people:
// 10,000 with a scale, and 1,000 who have every device. It tells how long the first
// scrape takes from exec, what is resident then and ten seconds later for each of them, and
// how busy it is while nobody asks and Withings does not answer. The floor is a bare server that
// serves the same page from memory.
func BenchmarkManyPeople(b *testing.B) {
	program, floor := stage.Build(b), stage.BuildBare(b)
	three, silent := stateOfThree(b, program), silence(b)
	for _, crowd := range []struct {
		like   string
		people int
	}{{"Carla", testrun.Bench(10_000, 500)}, {"Anna", testrun.Bench(1000, 50)}} {
		b.Run(fmt.Sprintf("like=%s/people=%d", crowd.like, crowd.people), func(b *testing.B) {
			dir := stateOfMany(b, three, crowd.like, crowd.people)
			for b.Loop() {
				began := time.Now()
				p := serving(b, program, dir, silent)
				page := p.page(b)
				took, cpu := time.Since(began), p.cpu(b)
				is := p.resident(b)
				idle := p.idle(b)
				later := p.resident(b)
				p.end(b)
				began = time.Now()
				least := bare(b, floor, page)
				least.page(b)
				bareTook := time.Since(began)
				bareIs := least.resident(b)
				least.end(b)
				each := float64(crowd.people) * 1024
				b.ReportMetric(took.Seconds(), "s/first-scrape")
				b.ReportMetric(cpu.Seconds(), "cpu-s/first-scrape")
				b.ReportMetric(bareTook.Seconds(), "s/floor")
				b.ReportMetric(is.all/each, "KiB/person")
				b.ReportMetric(is.anonymous/each, "KiB/person-anon")
				b.ReportMetric(later.all/each, "KiB/person-later")
				b.ReportMetric(bareIs.all/each, "KiB/person-floor")
				b.ReportMetric(float64(count(page))/float64(crowd.people), "series/person")
				b.ReportMetric(100*idle, "%cpu-idle")
			}
		})
	}
}

// idle is the share of one processor that the process takes while nothing happens: ten
// seconds have two looks for new tokens. It is one second with -short.
func (p *process) idle(b *testing.B) float64 {
	while := time.Duration(testrun.Bench(10, 1)) * time.Second
	before := p.cpu(b)
	<-time.After(while)
	return (p.cpu(b) - before).Seconds() / while.Seconds()
}

// stateOfMany copies token and state of one person to as many others.
func stateOfMany(b *testing.B, three, like string, people int) string {
	dir := b.TempDir()
	from, err := statedir.Open(three)
	if err != nil {
		b.Fatal(err)
	}
	to, err := statedir.Open(filepath.Join(dir, "state"))
	if err != nil {
		b.Fatal(err)
	}
	for _, kind := range []string{"token", "state"} {
		text, err := os.ReadFile(from.File(like, kind))
		if err != nil {
			b.Fatal(err)
		}
		for i := range people {
			name := "person " + strconv.Itoa(i)
			if err := os.WriteFile(to.File(name, kind), bytes.ReplaceAll(text, []byte(strconv.Quote(like)), []byte(strconv.Quote(name))), 0o600); err != nil {
				b.Fatal(err)
			}
		}
	}
	return to.Path()
}

// polled is what stateOfThree has made: the files by name. Polls are spread over seconds, and every benchmark begins with the same.
var polled map[string][]byte

// stateOfThree is a state directory as the binary leaves it that has polled a simulated household once.
func stateOfThree(b *testing.B, program string) string {
	dir := b.TempDir()
	if polled == nil {
		pollThree(b, program, dir)
		polled = filesOf(b, dir)
	}
	for name, text := range polled {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// filesOf reads the files of a folder, which has no others inside.
func filesOf(b *testing.B, dir string) map[string][]byte {
	entries, err := os.ReadDir(dir)
	if err != nil {
		b.Fatal(err)
	}
	files := map[string][]byte{}
	for _, entry := range entries {
		if files[entry.Name()], err = os.ReadFile(filepath.Join(dir, entry.Name())); err != nil {
			b.Fatal(err)
		}
	}
	return files
}

// pollThree lets the binary poll a simulated household.
func pollThree(b *testing.B, program, dir string) {
	sim := simulator.New(simulator.Options{Years: 1})
	cloud := httptest.NewServer(sim)
	defer cloud.Close()
	if err := signin.SignIn(context.Background(), command.Settings{
		StateDir: dir, Profiles: household, Now: time.Now,
		ClientID: simulator.DefaultClientID, ClientSecret: simulator.DefaultClientSecret,
		RedirectURL: "http://localhost:8019/auth/external/callback", APIURL: cloud.URL, AccountURL: cloud.URL,
	}); err != nil {
		b.Fatal(err)
	}
	p := serving(b, program, dir, cloud.URL)
	defer p.end(b)
	retry := time.NewTicker(50 * time.Millisecond)
	defer retry.Stop()
	for range 600 {
		if strings.Count(string(p.page(b)), `service="workout"} `) == len(household) {
			return
		}
		<-retry.C
	}
	b.Fatal("the household was not polled within half a minute")
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

// count is how many series a page has.
func count(page []byte) int {
	return bytes.Count(page, []byte("\n")) - bytes.Count(page, []byte("# HELP")) - bytes.Count(page, []byte("# TYPE"))
}
