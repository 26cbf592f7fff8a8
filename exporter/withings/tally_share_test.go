package withings

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// TestABackfillUsesWhatServeLeaves has two processes: serve, with requests for 300 people
// that are due within a minute, and a backfill that always has more, which have time.
func TestABackfillUsesWhatServeLeaves(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rate")
	inBubble(t, "for twenty minutes", func(t *testing.T) {
		const interval, people, length = 5 * time.Minute, 300, 20 * time.Minute
		serve, history := NewBudget(100, time.Now, newTally(path, nil)), NewBudget(100, time.Now, newTally(path, nil))
		ctx, cancel := context.WithTimeout(t.Context(), length)
		defer cancel()
		var mu sync.Mutex // guards what follows
		var sent []time.Time
		var read int
		var latest, longest time.Duration
		var running sync.WaitGroup
		for range 2 {
			running.Go(func() {
				for {
					began := time.Now()
					if history.Wait(exporter.Due(ctx, began.Add(5*time.Minute))) != nil {
						return
					}
					mu.Lock()
					sent, read, longest = append(sent, time.Now()), read+1, max(longest, time.Since(began))
					mu.Unlock()
				}
			})
		}
		for person := range people {
			random := rand.New(rand.NewPCG(10, uint64(person)))
			running.Go(func() {
				next := time.Now().Add(time.Duration(random.Int64N(int64(interval))))
				for ; ; next = next.Add(interval) {
					due := next.Add(time.Minute)
					if exporter.Pause(ctx, time.Until(next)) != nil || serve.Wait(exporter.Due(ctx, due)) != nil {
						return
					}
					mu.Lock()
					sent, latest = append(sent, time.Now()), max(latest, time.Since(due))
					mu.Unlock()
				}
			})
		}
		running.Wait()
		t.Logf("%d requests, %d of them of the backfill, which waited %s at most; serve's latest was %s past its due", len(sent), read, longest, latest)
		slices.SortFunc(sent, time.Time.Compare)
		for i := 100; i < len(sent); i++ {
			if sent[i].Sub(sent[i-100]) < time.Minute {
				t.Fatalf("request %d came %s after the hundredth before it", i, sent[i].Sub(sent[i-100]))
			}
		}
		if latest > 0 {
			t.Errorf("a request of serve went out %s after its due", latest)
		}
		if want := int(0.95 * Pace(100) * length.Minutes()); len(sent) < want {
			t.Errorf("%d requests, want %d at least", len(sent), want)
		}
		if longest > 5*time.Minute {
			t.Errorf("one request of the backfill waited %s, longer than it may", longest)
		}
	})
}

// TestAProcessThatHasEndedHoldsUpNobody leaves a claim that nobody takes back.
func TestAProcessThatHasEndedHoldsUpNobody(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rate")
	inBubble(t, "while it waited", func(t *testing.T) {
		gone, b := NewBudget(100, time.Now, newTally(path, nil)), NewBudget(100, time.Now, newTally(path, nil))
		ctx, end := context.WithTimeout(exporter.Due(t.Context(), time.Time{}), time.Second)
		defer end()
		var waiting sync.WaitGroup
		for range 60 {
			waiting.Go(func() { _ = gone.Wait(ctx) })
		}
		waiting.Wait()
		began := time.Now()
		for range 3 {
			if err := b.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		_, gap := shape(100)
		if took := time.Since(began); took > 3*gap+claimGrace {
			t.Errorf("three requests waited %s for a process that has ended", took)
		}
		if is, err := readTally(path); err != nil || len(is.Claims) != 0 {
			t.Errorf("claims %+v, error %v; want none left", is.Claims, err)
		}
	})
}

// TestClaimsThatCannotBeAreIgnored has a file that somebody has damaged.
func TestClaimsThatCannotBeAreIgnored(t *testing.T) {
	now := noon
	for name, c := range map[string]claim{
		"far in the future": {Process: 1, Until: now.Add(time.Hour).UnixNano()},
		"over":              {Process: 1, Until: now.Add(-time.Second).UnixNano()},
		"without any end":   {Process: 1},
	} {
		is := tallyJSON{Claims: []claim{c}}
		is.tidy(now)
		if len(is.Claims) > 0 {
			t.Errorf("a claim %s is kept", name)
		}
	}
}

// FuzzTally has a file with anything in it: whatever that is, no wait is longer than a
// limit or a cool-off takes, and requests that may be sent are counted.
func FuzzTally(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"requests":[],"ahead":null,"claims":[{}]}`, `{"requests":[1784102499000000000,1784102490000000000],"ahead":[1784102499000000000],"paced":1784102490000000000}`,
		`{"requests":[-9223372036854775808,9223372036854775807],"ahead":[9223372036854775807,-9223372036854775808],"paced":-9223372036854775808}`,
		`{"claims":[{"process":1,"due":-9223372036854775808,"until":1784102501000000000},{"process":2,"due":0,"until":9223372036854775807}],"paced":9223372036854775807}`,
		`{"cool_off":9223372036854775807,"cool_off_for":-9223372036854775808}`,
	} {
		f.Add([]byte(seed), uint8(100))
	}
	f.Fuzz(func(t *testing.T, data []byte, perMinute uint8) {
		var is tallyJSON
		if json.Unmarshal(data, &is) != nil {
			return
		}
		limit := max(int(perMinute), 1)
		is.add(nil)
		is.tidy(noon)
		now := noon.UnixNano()
		trial := is.clone()
		if all := trial.takes(now, limit, 5); all < 0 || all > 5*counted {
			t.Fatalf("five requests take %s", all)
		}
		for range 3 {
			wait := is.room(now, limit, claim{Process: 7, Due: now})
			if wait < 0 || wait > counted+coolOff.Most+2*claimGrace {
				t.Fatalf("a wait of %s", wait)
			}
			if rest := time.Unix(0, is.CoolOff).Sub(noon); is.CoolOff != 0 && rest > coolOff.Most {
				t.Fatalf("a cool-off of %s", rest)
			}
			now += int64(wait)
			if is.room(now, limit, claim{Due: -1 << 63}) == 0 {
				before := len(is.Sent)
				if is.note(now, limit); len(is.Sent) != before+1 || is.spare(now, limit) < 0 {
					t.Fatalf("%d requests after %d", len(is.Sent), before)
				}
			}
		}
	})
}
