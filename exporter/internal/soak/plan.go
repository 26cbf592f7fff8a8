package soak

import (
	"cmp"
	"context"
	"log/slog"
	"math"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/withings"
)

// Plan says what is played.
type Plan struct {
	Name          string // of the plan, for the table
	People, Days  int    // 0: three people, one day
	Before        int    // days that are played first and do not count: what is learnt of an account has settled then
	Seed          uint64 // of the people; 0: 7
	Switches      simulator.Switches
	Interval      time.Duration // between two polls; 0: five minutes
	Limit         int           // requests a minute that the exporter allows itself; 0: 100
	Latency       time.Duration // of an answer; 0: 200 ms
	Notifications bool          // Withings announces what is new
	Stories       bool          // people have something to tell, as those of the demo
	// Bend replaces what a profile is fetched with; nil leaves it as it is. A test of this package is rude with it.
	Bend func(exporter.Fetcher) exporter.Fetcher
}

// Real are the switches under which devices behave like real ones: watches synchronise irregularly, what they send can
// be read up to two minutes later and a night up to ten, the last session moves before, and scales are shared. The rate limit
// is as strict as it may be: 120 requests in any sixty seconds, tokens included, which implies 120 in every minute.
func Real() simulator.Switches {
	return simulator.Switches{
		Irregular: true, Processing: 2 * time.Minute, MatSessions: true, SharedScale: true,
		Sessions: simulator.SessionsBeforeData,
		Limiter:  simulator.Limiter{Window: simulator.SlidingWindow, CountTokenCalls: true},
	}
}

// begin is when the simulated time starts: a Monday.
var begin = time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)

// longestWarmUp is how long the first polls may take.
const longestWarmUp = 48 * time.Hour

// recheck is how often the poller looks for another token. Nobody signs in again here, and looking every five seconds would be
// half of the work.
const recheck = 10 * time.Minute

// filled is the plan with every default in place.
func (p Plan) filled() Plan {
	p.People, p.Days, p.Seed = cmp.Or(p.People, 3), cmp.Or(p.Days, 1), cmp.Or(p.Seed, 7)
	p.Interval, p.Limit = cmp.Or(p.Interval, 5*time.Minute), cmp.Or(p.Limit, 100)
	p.Latency = cmp.Or(p.Latency, 200*time.Millisecond)
	return p
}

// Run plays a plan. It ends the test if that is impossible; whether the result is good is for the caller to say.
func Run(t testing.TB, p Plan) Result {
	t.Helper()
	p, dir := p.filled(), t.TempDir()
	var result Result
	switch t := t.(type) {
	case *testing.T:
		synctest.Test(t, func(t *testing.T) { result = newRun(t, p, dir).play() })
	default: // a bubble needs a test of its own
		ok := testing.RunTests(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{Name: t.Name(), F: func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { result = newRun(t, p, dir).play() })
		}}})
		if !ok {
			t.Fatal("the plan could not be played")
		}
	}
	return result
}

// run is a plan that is being played.
type run struct {
	t        *testing.T
	plan     Plan
	sim      *simulator.Cloud
	wire     *wire
	settings command.Settings
	set      *profiles.Set
	door     *door
	log      *complaints
	watchers []*watcher
}

// newRun signs in everybody.
func newRun(t *testing.T, p Plan, dir string) *run {
	r := &run{t: t, plan: p, log: &complaints{}, door: &door{}}
	r.sim = simulator.New(simulator.Options{
		Seed: p.Seed, People: p.People, Months: 3, Stories: p.Stories, Start: begin, Now: time.Now, Switches: p.Switches,
		Callbacks: &http.Client{Transport: r.door},
	})
	r.wire = newWire(r.sim, p.Latency)
	r.settings = command.Settings{
		StateDir: dir, ClientID: simulator.DefaultClientID, ClientSecret: simulator.DefaultClientSecret,
		RedirectURL: "http://localhost:8019/auth/external/callback", APIURL: "http://withings.test", AccountURL: "http://withings.test",
		RateLimit: p.Limit, PollInterval: p.Interval, Now: r.sim.Now, HTTP: &http.Client{Transport: r.wire}, Log: slog.New(r.log),
	}
	for _, person := range r.sim.People() {
		r.settings.Profiles = append(r.settings.Profiles, person.Name)
	}
	if err := signin.SignIn(context.Background(), r.settings); err != nil {
		t.Fatal(err)
	}
	r.pass(2 * time.Minute) // until their tokens no longer count for the rate limit
	if p.Notifications {
		r.settings.ExternalURL = "https://exporter.example.net"
	}
	return r
}

// play plays the plan.
func (r *run) play() Result {
	var err error
	if r.set, err = profiles.Open(r.settings, prometheus.NewRegistry()); err != nil {
		r.t.Fatal(err)
	}
	r.set.Budget = withings.NewBudget(r.plan.Limit, time.Now, nil) // there is no other process
	if err := r.set.Load(r.settings); err != nil {
		r.t.Fatal(err)
	}
	r.door.to = r.set.Receiver
	people := r.sim.People()
	for i, m := range r.set.List() {
		fetch := m.Fetch
		if r.plan.Bend != nil {
			fetch = r.plan.Bend(fetch)
		}
		w := &watcher{Fetcher: fetch, now: r.sim.Now, user: people[i].ID, pending: map[key][]pending{},
			newest: map[exporter.Service]int64{}, fresh: map[string]*Freshness{}}
		m.Fetch, m.Save = w, func() error { return nil }
		r.watchers = append(r.watchers, w)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var playing sync.WaitGroup
	if r.plan.Notifications {
		playing.Go(func() { r.sim.Play(ctx) })
	}
	polled := make([]*exporter.Profile, len(people))
	for i, m := range r.set.List() {
		polled[i] = &m.Profile
	}
	poller := &exporter.Poller{Interval: r.plan.Interval, Now: r.sim.Now, Log: r.settings.Log, Recheck: recheck}
	playing.Go(func() { poller.Run(ctx, polled) })
	warm := r.warmUp()
	result := r.days(warm)
	stop()
	playing.Wait()
	return result
}

// warmUp waits until everybody has been polled and the past is known, and returns how long that took.
func (r *run) warmUp() time.Duration {
	start := time.Now()
	for time.Since(start) < longestWarmUp {
		r.pass(time.Minute)
		if r.warm() {
			return time.Since(start)
		}
	}
	r.t.Fatalf("the first polls have not ended after %v", longestWarmUp)
	return 0
}

func (r *run) warm() bool {
	for _, m := range r.set.List() {
		if m.Status.Condition().Polled.IsZero() {
			return false
		}
		for _, service := range exporter.Historic() {
			if !m.State.Progress(service).Done {
				return false
			}
		}
	}
	return true
}

// pass lets time pass.
func (r *run) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// expect notes what arrives within a day.
func (r *run) expect() {
	now := r.sim.Now()
	for _, w := range r.watchers {
		w.expect(r.sim.Arrivals(w.user, now, now.Add(24*time.Hour)))
	}
}

// has is what Withings has of everybody.
func (r *run) has() (all []map[series]tally.Point) {
	for _, person := range r.sim.People() {
		all = append(all, latest(r.sim, person))
	}
	return all
}

// days plays the days that count.
func (r *run) days(warm time.Duration) Result {
	r.pass(time.Duration(r.plan.Before) * 24 * time.Hour)
	before, asked := r.wire.counted(), r.sim.Count("", 0, simulator.AnyStatus)
	own := make([]int, len(r.sim.People())) // requests of each before
	for i, person := range r.sim.People() {
		own[i] = r.sim.Count("", person.ID, simulator.AnyStatus)
	}
	for range r.plan.Days - 1 {
		r.expect()
		r.pass(24 * time.Hour)
	}
	r.expect()
	r.pass(24*time.Hour - grace)
	had := r.has()
	r.pass(grace)
	has := r.has()
	result := Result{Plan: r.plan, WarmUp: warm, Conditions: map[string]exporter.Condition{}, Costs: map[string]Cost{}, Fresh: map[string]*Freshness{}}
	result.count(r.wire.counted(), before)
	if got, want := result.PerDay()*float64(r.plan.People*r.plan.Days), r.sim.Count("", 0, simulator.AnyStatus)-asked; math.Abs(got-float64(want)) > 0.5 {
		r.t.Errorf("%.0f requests were counted, and Withings was asked %d", got, want)
	}
	end := r.sim.Now()
	for i, m := range r.set.List() {
		w := r.watchers[i]
		w.settle(m.State.Profile(), end, &result)
		for _, line := range wrong(m.State, end, had[i], has[i]) {
			result.Wrong = append(result.Wrong, m.State.Profile()+": "+line)
		}
		result.Conditions[m.State.Profile()] = m.Status.Condition()
		took := r.sim.Count("", r.sim.People()[i].ID, simulator.AnyStatus) - own[i]
		foreseen := m.Foreseen(end)
		result.Costs[m.State.Profile()] = Cost{float64(took) / float64(r.plan.Days), foreseen.Cost(m.Choose().Asked, r.plan.Interval)}
	}
	result.Limited = r.sim.Count("", 0, 601)
	result.Complaints = r.log.list()
	return result
}
