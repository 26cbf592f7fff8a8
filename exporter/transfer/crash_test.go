package transfer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/testserver"
	"withings-exporter/exporter/transfer"
)

// bringerJob is the environment of a bringer: a process of its own that does one
// backfill. Its content is a bringing.
const bringerJob = "TEST_BRINGER_JOB"

func TestMain(m *testing.M) {
	if job := os.Getenv(bringerJob); job != "" {
		os.Exit(bringAll(job))
	}
	os.Exit(testrun.InMemory(m).Waiting().Run())
}

// bringing is what a bringer is to do, and where.
type bringing struct {
	API, State string
	Now        time.Time
	Profiles   []string
	Influx     command.Influx
	Options    transfer.Options
}

// bringAll is the life of a bringer.
func bringAll(job string) (status int) {
	var b bringing
	if err := json.Unmarshal([]byte(job), &b); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	settings := command.Settings{
		StateDir: b.State, ClientID: simulator.DefaultClientID, ClientSecret: simulator.DefaultClientSecret,
		APIURL: b.API, AccountURL: b.API, RateLimit: 100_000, Profiles: b.Profiles, Influx: b.Influx,
		Now: func() time.Time { return b.Now }, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}
	if err := transfer.Run(context.Background(), settings, b.Options, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// reaper kills a bringer at random moments around what it asks for.
type reaper struct {
	longest int // number of requests that a bringer may live for

	mu     sync.Mutex // guards what follows
	random *rand.Rand
	victim *os.Process   // nil: nobody is killed
	left   int           // requests of the victim
	gone   chan struct{} // closed when the victim has ended
}

func (r *reaper) choose(p *os.Process) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.victim, r.left, r.gone = p, 2+r.random.IntN(r.longest-1), make(chan struct{})
}

// over is called when the victim has ended.
func (r *reaper) over() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.victim = nil
	close(r.gone)
}

// strike is a meddler: it kills the victim before, during or within milliseconds
// after its last request. Later ones wait for its end, however late on a busy machine.
func (r *reaper) strike(_ int, w http.ResponseWriter, q *http.Request, to http.Handler) {
	r.mu.Lock()
	victim, gone, early := r.victim, r.gone, r.random.IntN(2) == 0
	later := time.Duration(r.random.Int64N(int64(30 * time.Millisecond)))
	r.left--
	left := r.left
	r.mu.Unlock()
	switch {
	case victim == nil || left > 0:
	case left < 0:
		<-gone
		return
	case early:
		_ = victim.Kill() // fails only when it is dead already
	default:
		time.AfterFunc(later, func() { _ = victim.Kill() })
	}
	to.ServeHTTP(w, q)
}

// bringer runs a bringer to its end and reports whether it was killed; any other
// end than a good one fails.
func bringer(h *stage.History, o transfer.Options, killer *reaper) (killed bool) {
	h.T.Helper()
	job, err := json.Marshal(bringing{
		API: h.Settings.APIURL, State: h.Settings.StateDir, Now: h.Sim.Now(), Profiles: h.Settings.Profiles,
		Influx: h.Settings.Influx, Options: o,
	})
	if err != nil {
		h.T.Fatal(err)
	}
	talk := &stage.LogBook{}
	cmd := exec.CommandContext(h.T.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), bringerJob+"="+string(job))
	cmd.Stderr = talk
	if err := cmd.Start(); err != nil {
		h.T.Fatal(err)
	}
	if killer != nil {
		killer.choose(cmd.Process)
		defer killer.over()
	}
	err = cmd.Wait()
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if killed = ok && status.Signaled() && status.Signal() == syscall.SIGKILL; err != nil && !killed {
		h.T.Fatalf("a backfill ends with %v:\n%s", err, talk)
	}
	return killed
}

// bringThroughKills runs bringers until so many were killed at their work, and
// one more to the end.
func bringThroughKills(h *stage.History, o transfer.Options, kills int, killer *reaper) {
	h.T.Helper()
	for n := range kills {
		if !bringer(h, o, killer) {
			h.T.Fatalf("everything was there after %d kills, want %d of them midway", n, kills)
		}
	}
	if bringer(h, o, nil) {
		h.T.Fatal("killed by nobody")
	}
}

// newReaper tells by which seed it kills.
func newReaper(t *testing.T, longest int) *reaper {
	seed := uint64(time.Now().UnixNano())
	t.Logf("the seed of the kills is %d", seed)
	return &reaper{longest: longest, random: rand.New(rand.NewPCG(seed, 1))}
}

func TestNoKillCostsABackfillAnything(t *testing.T) {
	t.Parallel()
	kills := testrun.Scale(4, 10)
	db := testserver.Influx(t)
	h := stage.NewHistory(t)
	killer := newReaper(t, testrun.Scale(8, 12)) // so many of the longest lives are not enough to import everything
	influx := &stage.Gate{To: forward(t, db.URL)}
	h.Into(influx.Open(t), db)
	h.Gate.Meddle(killer.strike)
	influx.Meddle(killer.strike)
	bringThroughKills(h, transfer.Options{}, kills, killer)
	stage.Holds(t, db, stage.Untouched())
	asked, there := h.Gate.Count(), stage.Pages(h.Sim)
	t.Logf("%d kills: %d requests, there are %d pages", kills, asked, there)
	if most := there + 14 + 10*kills; asked > most {
		t.Errorf("%d requests with %d kills, want at most %d", asked, kills, most)
	}
}

func TestAnOpenMetricsFileIsTheSameWhateverInterruptedIt(t *testing.T) {
	t.Parallel()
	const kills = 4
	clean, killed := stage.NewHistory(t), stage.NewHistory(t)
	file := func(h *stage.History) string { return filepath.Join(filepath.Dir(h.Settings.StateDir), "history.om") }
	clean.MustBring(transfer.Options{To: "openmetrics=" + file(clean)})
	killer := newReaper(t, (clean.Gate.Count()-1)/kills) // so many of the longest lives are not enough, either
	killed.Gate.Meddle(killer.strike)
	bringThroughKills(killed, transfer.Options{To: "openmetrics=" + file(killed)}, kills, killer)
	want, err := os.ReadFile(file(clean))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file(killed))
	if err != nil {
		t.Fatal(err)
	}
	if len(want) < 1<<20 || string(got) != string(want) {
		t.Errorf("the file of a backfill that was killed has %d bytes, that of a clean one %d; or they differ", len(got), len(want))
	}
	left, err := filepath.Glob(filepath.Join(killed.Settings.StateDir, "[^.]*openmetrics.json*"))
	if err != nil || len(left) > 0 {
		t.Errorf("what the file was made of is still there: %v %v", left, err)
	}
	t.Logf("%d requests, %d of a clean run", killed.Gate.Count(), clean.Gate.Count())
}
