//go:build linux

package transfer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/internal/truth"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/testserver"
)

// BenchmarkBackfill lets the real binary bring a long history of one person into a
// real InfluxDB. Withings is simulated, and plays back what it answered to a first
// run, since working it out takes as long as all the rest. Floors are posting the
// same lines, ready made, to such a server: as the binary sent them, and in the order
// of time, which databases like best. x_floor and x_sorted are the rates of ours by
// those. Requests are told beside the pages that exist.
//
// The three take turns, and medians count. Beside them is the processor time: of the
// binary, of its server and of playing back Withings (cpu-s), and of the server of the
// floor.
//
// As many groups as twelve years of somebody who uses every device daily are
// fourteen years of Anna.
func BenchmarkBackfill(b *testing.B) {
	years := testrun.Bench(14, 2)
	program := stage.Build(b)
	sim := simulator.New(simulator.Options{People: 1, Years: years, Switches: simulator.Switches{
		Limiter: simulator.Limiter{Limit: simulator.Unlimited},
	}})
	played := &tape{to: sim}
	api := (&stage.Gate{To: played}).Open(b)
	listed, sorted := prepare(b, sim, program, api)
	rounds, peak := map[string][]float64{}, 0.0
	note := func(name string, seconds float64) { rounds[name] = append(rounds[name], seconds) }
	for b.Loop() {
		played.rewind()
		db := testserver.Influx(b)
		floor := post(b, db, listed)
		note("cpu-s/floor-server", stopped(db).Seconds())
		db = testserver.Influx(b)
		replay := testrun.Spent(b, os.Getpid())
		ours := backfillBy(b, program, api, db, db.URL)
		note("cpu-s/replay", (testrun.Spent(b, os.Getpid()) - replay).Seconds())
		note("cpu-s/server", stopped(db).Seconds())
		note("cpu-s/backfill", ours.used.Seconds())
		db = testserver.Influx(b)
		ordered := post(b, db, sorted)
		stopped(db)
		peak = max(peak, ours.peak)
		note("s/backfill", ours.took.Seconds())
		note("s/floor", floor.Seconds())
		note("x_floor", floor.Seconds()/ours.took.Seconds())
		note("x_sorted", ordered.Seconds()/ours.took.Seconds())
	}
	for name, all := range rounds {
		slices.Sort(all)
		b.ReportMetric((all[(len(all)-1)/2]+all[len(all)/2])/2, name)
	}
	b.ReportMetric(peak/1024, "MB-peak")
	b.ReportMetric(float64(len(played.answers)), "requests")
	b.ReportMetric(float64(stage.Pages(sim)), "pages")
}

// BenchmarkBackfillMinutes lets the real binary bring years of minutes of somebody with
// a watch and a mat into a file. Most of its time is Withings', which is simulated.
func BenchmarkBackfillMinutes(b *testing.B) {
	years := testrun.Scale(1, 5)
	program := stage.Build(b)
	api := (&stage.Gate{To: simulator.New(simulator.Options{People: 1, Years: years, Switches: simulator.Switches{
		Limiter: simulator.Limiter{Limit: simulator.Unlimited},
	}})}).Open(b)
	for b.Loop() {
		file := filepath.Join(b.TempDir(), "history.om")
		ours := backfillTo(b, program, api, []string{"--minutes", "--to=openmetrics=" + file})
		info, err := os.Stat(file)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(ours.took.Seconds(), "s/backfill")
		b.ReportMetric(ours.peak/1024, "MB-peak")
		b.ReportMetric(float64(info.Size())/(1<<20), "MB-file")
	}
}

// prepare does a first run, checks that it brought everything, and returns its
// lines as requests: as they were sent, and in the order of time.
func prepare(b *testing.B, sim *simulator.Cloud, program, api string) (listed, sorted [][]byte) {
	b.Helper()
	db := testserver.Influx(b)
	var sent bytes.Buffer // by one request after the other
	way := &stage.Gate{To: forward(b, db.URL)}
	way.Meddle(func(_ int, w http.ResponseWriter, r *http.Request, to http.Handler) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if strings.HasSuffix(r.URL.Path, "/write") {
			sent.Write(body)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		to.ServeHTTP(w, r)
	})
	backfillBy(b, program, api, db, way.Open(b))
	p, now := sim.People()[0], sim.Now()
	points := truth.Points(sim, p, time.Time{}, time.Time{})
	settled := now.AddDate(0, 0, -3)
	if got, want := len(settledBy(db.Points(), settled)), len(settledBy(points, settled)); got != want {
		b.Fatalf("the database has %d values, want %d", got, want)
	}
	b.Logf("%d groups, %d days, %d nights, %d workouts, %d values", len(sim.Measures(p.ID, time.Unix(1, 0), now)),
		len(sim.Days(p.ID, p.Since, now)), len(sim.Nights(p.ID, p.Since, now)), len(sim.Workouts(p.ID, p.Since, now)), len(points))
	var lines bytes.Buffer
	if err := tally.WriteLines(&lines, points); err != nil {
		b.Fatal(err)
	}
	inSeconds := bytes.ReplaceAll(lines.Bytes(), []byte("000000000\n"), []byte("\n"))
	return requestsOf(sent.Bytes()), requestsOf(inSeconds)
}

// tape passes data calls on and remembers the answers; rewound, it gives them once
// more, in the same order, which is that of the program under test.
type tape struct {
	to http.Handler

	mu      sync.Mutex // guards what follows
	answers []recorded
	next    int // answer to be played
	rewound bool
}

// recorded is an answer, and what it was to.
type recorded struct {
	action, offset string
	answer         *httptest.ResponseRecorder
}

func (t *tape) rewind() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rewound, t.next = true, 0
}

func (t *tape) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	form, _ := url.ParseQuery(string(body)) // one that is no form has no action either
	r.Body = io.NopCloser(bytes.NewReader(body))
	action := form.Get("action")
	if action == "" || action == "requesttoken" {
		t.to.ServeHTTP(w, r)
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.rewound {
		answer := httptest.NewRecorder()
		t.to.ServeHTTP(answer, r)
		t.answers = append(t.answers, recorded{action: action, offset: form.Get("offset"), answer: answer})
	}
	if t.next == len(t.answers) || t.answers[t.next].action != action || t.answers[t.next].offset != form.Get("offset") {
		http.Error(w, "not what was asked the first time", http.StatusTeapot)
		return
	}
	answer := t.answers[t.next].answer
	t.next++
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// settledBy are the points that the truth tells of and that have settled.
func settledBy(points []tally.Point, settled time.Time) (all []tally.Point) {
	for _, p := range points {
		if p.Time.Before(settled) && truth.Covers(p.Key()) {
			all = append(all, p)
		}
	}
	return all
}

// requestsOf cuts lines into requests of 5,000, as InfluxDB's advice is.
func requestsOf(lines []byte) (requests [][]byte) {
	for len(lines) > 0 {
		end := 0
		for n := 0; n < 5000 && end < len(lines); n++ {
			end += bytes.IndexByte(lines[end:], '\n') + 1
		}
		requests, lines = append(requests, lines[:end]), lines[end:]
	}
	return requests
}

// post sends requests one after the other and returns how long that takes.
func post(b *testing.B, db *testserver.InfluxServer, requests [][]byte) time.Duration {
	b.Helper()
	address := db.URL + "/api/v2/write?" + url.Values{"org": {db.Org}, "bucket": {db.Bucket}, "precision": {"s"}}.Encode()
	began := time.Now()
	for _, lines := range requests {
		request, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(lines))
		if err != nil {
			b.Fatal(err)
		}
		request.Header.Set("Authorization", "Token "+db.Token)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			b.Fatal(err)
		}
		said, err := io.ReadAll(answer.Body)
		if err := errors.Join(err, answer.Body.Close()); err != nil || answer.StatusCode != http.StatusNoContent {
			b.Fatalf("%v: %s: %s", err, answer.Status, said)
		}
	}
	return time.Since(began)
}

// stopped stops a server and returns the processor time that it has used.
func stopped(db *testserver.InfluxServer) time.Duration {
	used := db.CPU()
	db.Stop()
	return used
}

// cost is what a run of the binary takes.
type cost struct {
	took, used time.Duration // used is processor time
	peak       float64       // resident memory, in kilobytes
}

// backfillBy runs the binary, with a way to a database.
func backfillBy(b *testing.B, program, api string, db *testserver.InfluxServer, way string) cost {
	b.Helper()
	return backfillTo(b, program, api, []string{"--influx.url=" + way, "--influx.org=" + db.Org, "--influx.bucket=" + db.Bucket}, "WITHINGS_INFLUX_TOKEN="+db.Token)
}

// backfillTo does the same for any destination, with flags and more environment.
func backfillTo(b *testing.B, program, api string, flags []string, environment ...string) (is cost) {
	b.Helper()
	dir := b.TempDir()
	if err := signin.SignIn(context.Background(), command.Settings{
		StateDir: dir, Profiles: []string{"Anna"}, Now: time.Now,
		ClientID: simulator.DefaultClientID, ClientSecret: simulator.DefaultClientSecret,
		RedirectURL: "http://localhost:8019/auth/external/callback", APIURL: api, AccountURL: api,
	}); err != nil {
		b.Fatal(err)
	}
	command := exec.Command(program, append([]string{"backfill", "--state.dir=" + dir, "--api.url=" + api, "--client-id=" + simulator.DefaultClientID,
		"--api.rate-limit=100000"}, flags...)...)
	command.Env = append(append(os.Environ(), "WITHINGS_CLIENT_SECRET="+simulator.DefaultClientSecret), environment...)
	talk := &stage.LogBook{}
	command.Stderr = talk
	began := time.Now()
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case err := <-ended:
			if err != nil {
				b.Fatalf("%v\n%s", err, talk)
			}
			is.took, is.used = time.Since(began), command.ProcessState.UserTime()+command.ProcessState.SystemTime()
			return is
		case <-look.C:
			is.peak = max(is.peak, mostResident(command.Process.Pid))
		}
	}
}

// mostResident is the largest resident memory that a process has had until now, in
// kilobytes; 0 when it has ended. What the system tells after its end will not
// do: it begins with the memory of the process that started it.
func mostResident(pid int) float64 {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	text, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	kilobytes, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0
	}
	return kilobytes
}
