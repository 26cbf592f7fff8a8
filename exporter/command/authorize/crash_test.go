package authorize

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/testrun"
)

// The environment of a keeper: a process of its own that keeps one profile
// authorised and makes a data call whenever it is told the time.
const (
	keeperAPI   = "TEST_KEEPER_API"
	keeperState = "TEST_KEEPER_STATE"
)

func TestMain(m *testing.M) {
	if api := os.Getenv(keeperAPI); api != "" {
		keepAuthorized(api, os.Getenv(keeperState))
		return
	}
	os.Exit(testrun.InMemory(m).Run())
}

// keepAuthorized reads times from standard input, a line each, and answers with
// "ok", or with why the profile's token is of no use at that time.
func keepAuthorized(api, state string) {
	var now time.Time
	clock := func() time.Time { return now }
	dir, err := statedir.Open(state)
	if err != nil {
		fmt.Println(err)
		return
	}
	app := &auth.App{ClientID: simulator.DefaultClientID, ClientSecret: simulator.DefaultClientSecret, APIURL: api, Now: clock}
	source := auth.NewSource(app, auth.NewStore(dir, keptProfile, app.ClientID, clock), keptProfile)
	times := bufio.NewScanner(os.Stdin)
	for times.Scan() {
		nanos, err := strconv.ParseInt(times.Text(), 10, 64)
		if err != nil {
			fmt.Println(err)
			return
		}
		now = time.Unix(0, nanos)
		if err := poll(source, api); err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println("ok")
	}
}

// poll makes one data call with the token of the source. A token that was
// renewed by somebody else in between is refused, and the next one is taken.
func poll(source *auth.Source, api string) error {
	for range 3 {
		access, err := source.Token(context.Background())
		if err != nil {
			return err
		}
		answer, err := http.PostForm(api+"/v2/user", url.Values{"action": {"getdevice"}, "access_token": {access}})
		if err != nil {
			return err
		}
		body, err := io.ReadAll(answer.Body)
		if err := errors.Join(err, answer.Body.Close()); err != nil {
			return err
		}
		if strings.HasPrefix(string(body), `{"status":0`) {
			source.Used(access)
			return nil
		}
		source.Rejected(access)
	}
	return errors.New("Withings refused three tokens in a row")
}

const keptProfile = "Anna"

// keeper is such a process.
type keeper struct {
	process *os.Process
	times   *os.File
	answers *bufio.Reader
	died    chan struct{} // closed when it has ended
}

func startKeeper(t *testing.T, s *stage.Stage) *keeper {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), keeperAPI+"="+s.Settings.APIURL, keeperState+"="+s.Settings.StateDir)
	cmd.Stderr = os.Stderr
	stdin, times := testrun.Pipe(t)
	answers, stdout := testrun.Pipe(t)
	cmd.Stdin, cmd.Stdout = stdin, stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stdin.Close()
	stdout.Close()
	k := &keeper{process: cmd.Process, times: times, answers: bufio.NewReader(answers), died: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // being killed is what it is for
		close(k.died)
	}()
	t.Cleanup(func() {
		times.Close() // which ends it
		<-k.died
		answers.Close()
	})
	return k
}

// at tells the keeper the time, and gives its answer; false if it died meanwhile.
func (k *keeper) at(now time.Time) (answer string, alive bool) {
	// If it is dead already there is no answer either.
	_, _ = fmt.Fprintln(k.times, now.UnixNano())
	answer, err := k.answers.ReadString('\n')
	return strings.TrimSuffix(answer, "\n"), err == nil
}

// killing is the moment to kill a keeper at, around one of its requests.
type killing int

const (
	notNow     killing = iota
	beforehand         // Withings does not hear of the request
	unanswered         // Withings has done what was asked, and nobody hears of it
	afterwards         // in the milliseconds after the answer: file, rename, first use
)

// killer stands before the simulated Withings and kills the keeper whose
// request comes in, at random moments around it.
type killer struct {
	sim http.Handler

	mu     sync.Mutex // guards what follows
	random *rand.Rand
	victim *keeper

	away time.Duration // since a keeper was last well; for the test's goroutine only
}

// longestAway is how long the keepers of a profile may fail one after the other:
// Withings lets a replaced refresh token live for eight hours.
const longestAway = 7 * time.Hour

// decide draws what is to happen to the keeper of this request, and when.
func (c *killer) decide(r *http.Request) (*keeper, killing, time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.victim == nil || r.URL.Path == "/v2/user" && c.random.IntN(4) > 0 {
		return c.victim, notNow, 0 // most of the killing is around the refresh
	}
	return c.victim, killing(c.random.IntN(4)), time.Duration(c.random.Int64N(int64(6 * time.Millisecond)))
}

func (c *killer) choose(k *keeper) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.victim = k
}

func (c *killer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	victim, when, later := c.decide(r)
	switch when {
	case notNow:
		c.sim.ServeHTTP(w, r)
		return
	case afterwards:
		c.sim.ServeHTTP(w, r)
		// Another keeper may run by then: this one is meant, or nobody.
		time.AfterFunc(later, func() { _ = victim.process.Kill() })
		return
	case unanswered:
		c.sim.ServeHTTP(httptest.NewRecorder(), r)
	}
	_ = victim.process.Kill() // it may have been killed already
	<-victim.died
	panic(http.ErrAbortHandler)
}

// TestNoKillCostsTheAuthorisation kills keepers with SIGKILL around their
// refreshes, 500 times and more at full scale. Every time the next one must have a token that
// works, at a moment when Withings' rules allow it: up to seven hours later.
func TestNoKillCostsTheAuthorisation(t *testing.T) {
	const workers = 4
	killsEach := testrun.Scale(13, 130)
	seed := uint64(time.Now().UnixNano())
	if given := os.Getenv("TEST_KEEPER_SEED"); given != "" {
		var err error
		if seed, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("TEST_KEEPER_SEED=%d", seed)
	for i := range workers {
		t.Run(fmt.Sprintf("keepers %d", i), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, uint64(i)))
			switches := simulator.Switches{OldAccessTokenDies: i%2 == 1} // nobody knows which it is
			s, c := newKillerStage(t, switches, rand.New(rand.NewPCG(seed, uint64(i+workers))))
			kills, before := 0, s.Sim.Count("requesttoken", 0, 0)
			renewed := func() int { return s.Sim.Count("requesttoken", 0, 0) - before }
			// A few dozen random kills may be too far from the renewals: then there are more.
			for (kills < killsEach || renewed() < killsEach/2) && kills < 3*killsEach && !t.Failed() {
				kills += c.lifeUntilKilled(t, s, random)
			}
			t.Logf("%d kills, %d renewals", kills, renewed())
			if renewed() < killsEach/2 {
				t.Errorf("%d renewals at %d kills: the killing was not around them", renewed(), kills)
			}
		})
	}
}

// lifeUntilKilled runs a keeper, letting time pass after everything that goes
// well, until it is killed; and lets the time pass that nobody was there.
func (c *killer) lifeUntilKilled(t *testing.T, s *stage.Stage, random *rand.Rand) (kills int) {
	k := startKeeper(t, s)
	c.choose(k)
	defer c.choose(nil)
	for {
		answer, alive := k.at(s.Sim.Now())
		switch {
		case !alive:
			<-k.died
			if away := time.Duration(random.Int64N(int64(2 * time.Hour))); c.away+away < longestAway {
				c.away += away
				s.Sim.Advance(away)
			}
			return 1
		case answer != "ok":
			t.Errorf("a person would be needed: %s", answer)
			return 0
		}
		c.away = 0
		s.Sim.Advance(time.Duration(random.Int64N(int64(3*time.Hour))) + time.Hour)
	}
}

// TestTwoProcessesShareOneProfileForDays lets two keepers at once work on one
// token file, at full scale through some eighty rotations.
func TestTwoProcessesShareOneProfileForDays(t *testing.T) {
	for _, c := range []struct {
		name string
		dies bool
	}{{"old access tokens live on", false}, {"old access tokens die", true}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			days := testrun.Scale(2, 10)
			s, _ := newKillerStage(t, simulator.Switches{OldAccessTokenDies: c.dies}, nil)
			both := []*keeper{startKeeper(t, s), startKeeper(t, s)}
			for end := s.Sim.Now().AddDate(0, 0, days); s.Sim.Now().Before(end) && !t.Failed(); s.Sim.Advance(30 * time.Minute) {
				var polls sync.WaitGroup
				for i, k := range both {
					polls.Go(func() {
						if answer, alive := k.at(s.Sim.Now()); !alive || answer != "ok" {
							t.Errorf("at %s process %d answers %q, alive: %t", s.Sim.Now(), i, answer, alive)
						}
					})
				}
				polls.Wait()
			}
			all, good := s.Sim.Count("requesttoken", 0, simulator.AnyStatus), s.Sim.Count("requesttoken", 0, 0)
			if all != good || good < 8*days || good > 9*days {
				t.Errorf("%d token requests, %d of them good; want all good and about one for three hours, not one for each process", all, good)
			}
		})
	}
}

// newKillerStage is a stage with a killer before it, and a profile authorised.
func newKillerStage(t *testing.T, switches simulator.Switches, random *rand.Rand) (*stage.Stage, *killer) {
	s := stage.NewWith(t, switches)
	s.Settings.Profiles = []string{keptProfile}
	if err := signin.SignIn(t.Context(), s.Settings); err != nil {
		t.Fatal(err)
	}
	c := &killer{sim: s.Sim, random: random}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	s.Settings.APIURL = server.URL
	return s, c
}
