//go:build linux

package daemon

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
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
	doorway := testrun.FreeAddress(b)
	p := serving(b, program, dir, cloud.URL, "--notify.listen-address="+doorway, "--web.external-url=http://"+doorway, "--poll-interval=24h")
	defer p.end(b)
	p.page(b)
	settle(b, sim)
	asked, before, memory := len(sim.Requests()), own(p.page(b)), p.resident(b).all

	var quiet, flooded []time.Duration
	sent, spent, took := 0, time.Duration(0), time.Duration(0)
	for b.Loop() {
		for range testrun.Scale(2, 10) {
			quiet = append(quiet, scrapes(b, p, time.Second)...)
			ctx, end := context.WithCancel(b.Context())
			answers, cpu := make(chan int), p.cpu(b)
			began := time.Now()
			go func() { answers <- flood(b, ctx, doorway, string(secret)) }()
			flooded = append(flooded, scrapes(b, p, time.Second)...)
			end()
			sent += <-answers
			took += time.Since(began)
			spent += p.cpu(b) - cpu
		}
	}
	if more := len(sim.Requests()) - asked; more > 0 {
		b.Errorf("%d requests to Withings because of forged posts", more)
	}
	after := own(p.page(b))
	for name, value := range before {
		if after[name] != value {
			b.Errorf("%s was %s, is %s", name, value, after[name])
		}
	}
	b.ReportMetric(float64(sent)/took.Seconds(), "posts/s")
	const ms = float64(time.Millisecond)
	b.ReportMetric(median(quiet)/ms, "ms/scrape-quiet")
	b.ReportMetric(median(flooded)/ms, "ms/scrape-flooded")
	b.ReportMetric(median(flooded)/median(quiet), "ratio")
	b.ReportMetric(spent.Seconds()/took.Seconds(), "cores")
	b.ReportMetric((p.resident(b).all-memory)/1e6, "MB-more")
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
func scrapes(b *testing.B, p *process, during time.Duration) []time.Duration {
	var all []time.Duration
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(during); time.Now().Before(end); <-tick.C {
		began := time.Now()
		p.page(b)
		all = append(all, time.Since(began))
	}
	return all
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
