package withings

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
)

// limited is a simulated Withings with a rate limit that counts every request.
type limited struct {
	t     *testing.T
	sim   *simulator.Cloud
	token string

	mu     sync.Mutex // guards what follows
	random *rand.Rand
	asked  int
}

// newLimited has somebody who is signed in.
func newLimited(t *testing.T, limit int, window simulator.Window) *limited {
	t.Helper()
	sim := simulator.New(simulator.Options{Years: 1, People: 1, Now: time.Now, Start: noon,
		Switches: simulator.Switches{Limiter: simulator.Limiter{Limit: limit, Window: window, CountTokenCalls: true}}})
	l := &limited{t: t, sim: sim, random: rand.New(rand.NewPCG(uint64(limit), uint64(window)))}
	const callback = "http://localhost:8019/callback"
	back, err := simulator.Consent(t.Context(), &http.Client{Transport: l}, "http://withings.test/oauth2_user/authorize2?"+url.Values{
		"response_type": {"code"}, "client_id": {simulator.DefaultClientID}, "redirect_uri": {callback}, "state": {"x"}, "scope": {"user.info,user.metrics,user.activity"},
	}.Encode(), sim.People()[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	_, answer := l.post("/v2/oauth2", "", url.Values{"action": {"requesttoken"}, "grant_type": {"authorization_code"}, "code": {back.Query().Get("code")},
		"client_id": {simulator.DefaultClientID}, "client_secret": {simulator.DefaultClientSecret}, "redirect_uri": {callback}})
	_, rest, _ := strings.Cut(answer, `"access_token":"`)
	if l.token, _, _ = strings.Cut(rest, `"`); l.token == "" {
		t.Fatalf("no token in %s", answer)
	}
	return l
}

// RoundTrip implements http.RoundTripper.
func (l *limited) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	come := r.Clone(r.Context())
	come.RequestURI = r.URL.RequestURI()
	if come.Body == nil {
		come.Body = http.NoBody
	}
	l.sim.ServeHTTP(answer, come)
	return answer.Result(), nil
}

func (l *limited) post(path, token string, form url.Values) (status, body string) {
	l.t.Helper()
	r, err := http.NewRequestWithContext(l.t.Context(), http.MethodPost, "http://withings.test"+path, strings.NewReader(form.Encode()))
	if err != nil {
		l.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+token)
	response, err := l.RoundTrip(r)
	if err != nil {
		l.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	status, _, _ = strings.Cut(strings.TrimPrefix(string(text), `{"status":`), ",")
	return status, string(text)
}

// ask sends one request, which is under way for up to a time: every fifth is about a
// token, the others about data.
func (l *limited) ask(delay time.Duration) {
	l.mu.Lock()
	way := time.Duration(l.random.Int64N(int64(delay)))
	l.asked++
	aboutToken := l.asked%5 == 0
	l.mu.Unlock()
	time.Sleep(way)
	if aboutToken {
		l.post("/v2/oauth2", "", url.Values{"action": {"requesttoken"}, "grant_type": {"authorization_code"}, "code": {"old"},
			"client_id": {simulator.DefaultClientID}, "client_secret": {simulator.DefaultClientSecret}, "redirect_uri": {"http://localhost:8019/callback"}})
		return
	}
	l.post("/v2/user", l.token, url.Values{"action": {"getgoals"}})
}

// TestWithingsIsNeverAskedTooOften uses up Withings' own limit, with requests that take
// their time to arrive, in a window that begins anywhere, by one process and by three.
func TestWithingsIsNeverAskedTooOften(t *testing.T) {
	for window, name := range map[simulator.Window]string{simulator.FixedWindow: "a fixed window", simulator.SlidingWindow: "a sliding window"} {
		for _, limit := range testrun.Few([]int{7, 120}) {
			for _, processes := range []int{1, 3} {
				path := filepath.Join(t.TempDir(), "rate")
				inBubble(t, fmt.Sprintf("%s of %d, %d processes", name, limit, processes), func(t *testing.T) {
					l := newLimited(t, limit, window)
					time.Sleep(17 * time.Second) // the windows of both begin at different times
					const length = 10 * time.Minute
					ctx, cancel := context.WithTimeout(t.Context(), length)
					defer cancel()
					var running sync.WaitGroup
					for range processes {
						b := NewBudget(limit, time.Now, newTally(path, nil))
						for range 90 {
							running.Go(func() {
								for b.Wait(ctx) == nil {
									l.ask(delays)
									time.Sleep(time.Duration(rand.Int64N(int64(40 * time.Second))))
								}
							})
						}
					}
					running.Wait()
					if n := l.sim.Count("", 0, 601); n > 0 {
						t.Errorf("%d of %d requests were too many", n, l.asked)
					}
					if want := int(Pace(limit) * (length - counted).Minutes()); l.asked < want {
						t.Errorf("%d requests in %s, want %d at least", l.asked, length, want)
					}
				})
			}
		}
	}
}

// TestWithoutAMarginTheyWouldBe shows that the test before can fail: what is under way for
// longer than the margin arrives too often.
func TestWithoutAMarginTheyWouldBe(t *testing.T) {
	inBubble(t, "a sliding window", func(t *testing.T) {
		l := newLimited(t, 120, simulator.SlidingWindow)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
		defer cancel()
		b := NewBudget(120, time.Now, nil)
		var running sync.WaitGroup
		for range 300 {
			running.Go(func() {
				for b.Wait(ctx) == nil {
					l.ask(10 * delays)
				}
			})
		}
		running.Wait()
		if n := l.sim.Count("", 0, 601); n == 0 {
			t.Errorf("none of %d requests was too many", l.asked)
		}
	})
}

// TestThreeHundredProfilesAreServedInTime has three hundred profiles that look every five
// minutes whether there is something new, which shows in five minutes if each look goes
// out within one. In one look of eight there is, and they follow it up.
func TestThreeHundredProfilesAreServedInTime(t *testing.T) {
	const interval, length = 5 * time.Minute, 12 * time.Hour
	for _, c := range testrun.Few([]struct {
		name   string
		spread time.Duration // of the first looks
		most   time.Duration // past its due
	}{
		{"looks that are spread", interval, 10 * time.Second},
		{"all looks at the same time", 1, 3 * time.Minute}, // 300 requests take three minutes
	}) {
		inBubble(t, c.name, func(t *testing.T) {
			l := newLimited(t, 120, simulator.FixedWindow)
			b := NewBudget(100, time.Now, nil)
			ctx, cancel := context.WithTimeout(t.Context(), length)
			defer cancel()
			var mu sync.Mutex // guards what follows
			var latest, total time.Duration
			request := func(due time.Time) error {
				if err := b.Wait(exporter.Due(ctx, due)); err != nil {
					return err
				}
				late := max(time.Since(due), 0)
				mu.Lock()
				latest, total = max(latest, late), total+late
				mu.Unlock()
				l.ask(delays)
				return nil
			}
			var running sync.WaitGroup
			for person := range 300 {
				random := rand.New(rand.NewPCG(8, uint64(person)))
				running.Go(func() {
					next := time.Now().Add(time.Duration(random.Int64N(int64(c.spread))))
					for ; ; next = next.Add(interval) {
						if exporter.Pause(ctx, time.Until(next)) != nil || request(next.Add(time.Minute)) != nil {
							return
						}
						for n := random.IntN(32) - 27; n > 0; n-- {
							if request(time.Now().Add(30*time.Second)) != nil {
								return
							}
						}
					}
				})
			}
			running.Wait()
			t.Logf("%d requests, %.1f a minute; the latest went out %s after its due, on average %s",
				l.asked, float64(l.asked)/length.Minutes(), latest, total/time.Duration(l.asked))
			if n := l.sim.Count("", 0, 601); n > 0 {
				t.Errorf("%d requests were too many", n)
			}
			if l.asked < 45_000 || latest > c.most {
				t.Errorf("%d requests, of which the latest went out %s after its due; want more than 45,000 and %s at most", l.asked, latest, c.most)
			}
		})
	}
}
