//go:build linux

package daemon

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/notify"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/testrun"
)

const (
	// floodRate is how many forged posts are sent in a second.
	floodRate = 10_000
	floodTick = 5 * time.Millisecond
	floodLine = 4 // connections, each with a part of the posts of a tick at once
)

// BenchmarkForgedPosts times scrapes of the real binary while 10,000 forged posts a second reach its address for
// notifications, in turns with seconds in which nobody sends any. A third of them has the secret of a profile, and names another
// person or comes too often. They must cause no request to Withings and leave no trace but their counters.
func BenchmarkForgedPosts(b *testing.B) {
	program := stage.Build(b)
	dir := stateOfThree(b, program)
	state, err := statedir.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	secret, _, err := notify.File{Dir: state, Profile: "Anna", Now: time.Now}.Secret(b.Context(), "")
	if err != nil {
		b.Fatal(err)
	}
	sim := simulator.New(simulator.Options{Years: 1})
	cloud := httptest.NewServer(sim)
	defer cloud.Close()
	address, doorway := testrun.FreeAddress(b), testrun.FreeAddress(b)
	stop := serveWith(b, program, "--state.dir="+dir, "--web.listen-address="+address, "--notify.listen-address="+doorway,
		"--web.external-url=http://"+doorway, "--api.url="+cloud.URL, "--poll-interval=24h")
	defer stop()
	scrapeOnce(b, address)
	settle(b, sim)
	asked, before, memory := len(sim.Requests()), own(scrapeOnce(b, address)), resident(b, address)

	var quiet, flooded []time.Duration
	sent, spent, took := 0, 0.0, time.Duration(0)
	for b.Loop() {
		for range testrun.Scale(2, 10) {
			quiet = append(quiet, scrapes(b, address, time.Second)...)
			ctx, end := context.WithCancel(b.Context())
			answers, cpu := make(chan int), cpuOf(b, address)
			began := time.Now()
			go func() { answers <- flood(b, ctx, doorway, string(secret)) }()
			flooded = append(flooded, scrapes(b, address, time.Second)...)
			end()
			sent += <-answers
			took += time.Since(began)
			spent += cpuOf(b, address) - cpu
		}
	}
	if more := len(sim.Requests()) - asked; more > 0 {
		b.Errorf("%d requests to Withings because of forged posts", more)
	}
	after := own(scrapeOnce(b, address))
	for name, value := range before {
		if after[name] != value {
			b.Errorf("%s was %s, is %s", name, value, after[name])
		}
	}
	b.ReportMetric(float64(sent)/took.Seconds(), "posts/s")
	b.ReportMetric(millis(quiet), "ms/scrape-quiet")
	b.ReportMetric(millis(flooded), "ms/scrape-flooded")
	b.ReportMetric(millis(flooded)/millis(quiet), "ratio")
	b.ReportMetric(spent/took.Seconds(), "cores")
	b.ReportMetric((resident(b, address)-memory)/1e6, "MB-more")
}

// flood sends forged posts until ctx ends, and returns how many were answered.
func flood(b *testing.B, ctx context.Context, address, secret string) int {
	posts := []string{
		forged("x", "userid=1&appli=1"),
		forged(strings.Repeat("A", len(secret)), "userid=1&appli=1&startdate=1784094310&enddate=1784094311"),
		forged(secret, "userid=999&appli=1&startdate=1784094310&enddate=1784094311"),
	}
	var answered atomic.Int64
	each := make(chan struct{}, floodLine)
	var conns []net.Conn
	for range floodLine {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			b.Error(err)
			return 0
		}
		conns = append(conns, conn)
		go func() {
			defer func() { each <- struct{}{} }()
			for lines := bufio.NewReader(conn); ; {
				line, err := lines.ReadSlice('\n')
				if err != nil {
					return
				}
				if strings.HasPrefix(string(line), "HTTP/1.1 ") {
					answered.Add(1)
				}
			}
		}()
	}
	tick := time.NewTicker(floodTick)
	defer tick.Stop()
	const perTick = floodRate / int(time.Second/floodTick) / floodLine
	batch := strings.Repeat(strings.Join(posts, ""), perTick/len(posts)+1)
	batch = batch[:nth(batch, "POST ", perTick)]
	for began, sent := time.Now(), 0; ctx.Err() == nil; {
		<-tick.C
		for due := int(time.Since(began) / floodTick); sent < due; sent++ { // a tick may be missed
			for _, conn := range conns {
				if _, err := io.WriteString(conn, batch); err != nil {
					b.Error(err)
				}
			}
		}
	}
	for _, conn := range conns {
		_ = conn.(*net.TCPConn).CloseWrite() // what was sent is still answered
	}
	for range conns {
		<-each
	}
	return int(answered.Load())
}

// nth is where the text after n occurrences of a word begins.
func nth(text, word string, n int) int {
	at := 0
	for range n {
		at += strings.Index(text[at:], word) + len(word)
	}
	if next := strings.Index(text[at:], word); next >= 0 {
		return at + next
	}
	return len(text)
}

func forged(name, body string) string {
	return fmt.Sprintf("POST /notify/%s HTTP/1.1\r\nHost: x.example\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", name, len(body), body)
}

// scrapes times scrapes, fifty a second, for a while.
func scrapes(b *testing.B, address string, during time.Duration) []time.Duration {
	var all []time.Duration
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(during); time.Now().Before(end); <-tick.C {
		began := time.Now()
		scrapeOnce(b, address)
		all = append(all, time.Since(began))
	}
	return all
}

// millis is the median in milliseconds.
func millis(all []time.Duration) float64 {
	slices.Sort(all)
	return float64(all[len(all)/2].Microseconds()) / 1000
}

// cpuOf is the program's own counter of its processor time, in seconds.
func cpuOf(b *testing.B, address string) float64 {
	for line := range strings.Lines(string(scrapeOnce(b, address))) {
		if value, ok := strings.CutPrefix(line, "process_cpu_seconds_total "); ok {
			seconds, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				b.Fatal(err)
			}
			return seconds
		}
	}
	b.Fatal("the processor time is not told")
	return 0
}

// own are the series about people and about the exporter that forged posts must not change.
func own(page []byte) map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(string(page)) {
		name, value, found := strings.Cut(strings.TrimSpace(line), "} ")
		if found && strings.HasPrefix(name, "withings_") && !strings.HasPrefix(name, "withings_notifications_refused_total") {
			all[name] = value
		}
	}
	return all
}

// settle waits until the first polls have ended: no request for eight seconds.
func settle(b *testing.B, sim *simulator.Cloud) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for same, last := 0, -1; same < 80; <-tick.C { // subscriptions are five seconds apart
		if now := len(sim.Requests()); now == last {
			same++
		} else {
			same, last = 0, now
		}
	}
}

// serveWith starts serve with these flags; stop ends it.
func serveWith(b *testing.B, program string, flags ...string) (stop func()) {
	command := exec.Command(program, append([]string{"serve", "--client-id=" + simulator.DefaultClientID, "--log.level=error"}, flags...)...)
	command.Env = append(os.Environ(), "WITHINGS_CLIENT_SECRET="+simulator.DefaultClientSecret)
	var said strings.Builder
	command.Stderr = &said
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	return func() {
		_ = command.Process.Signal(os.Interrupt)
		if _ = command.Wait(); command.ProcessState.ExitCode() != 130 {
			b.Errorf("serve ended with %s: %s", command.ProcessState, said.String())
		}
	}
}
