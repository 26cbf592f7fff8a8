package withings

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter"
)

// busy is a budget of a number of requests a minute, whose next request has to wait.
func busy(t *testing.T, perMinute int) *Budget {
	t.Helper()
	b := NewBudget(perMinute, time.Now, nil)
	ahead, _ := shape(perMinute)
	for range ahead + 1 {
		if err := b.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func TestTheRequestDueEarliestGoesFirst(t *testing.T) {
	inBubble(t, "four hundred of them", func(t *testing.T) {
		b, noon := busy(t, 100), time.Now()
		random := rand.New(rand.NewPCG(1, 2))
		type turn struct{ at, due time.Time }
		var mu sync.Mutex // guards order
		var order []turn
		var waiting sync.WaitGroup
		for range 400 {
			due := noon.Add(time.Duration(random.Int64N(int64(2*time.Hour))) - headStart)
			waiting.Go(func() {
				if err := b.Wait(exporter.Due(t.Context(), due)); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				order = append(order, turn{time.Now(), due})
			})
		}
		waiting.Wait()
		// Several that go out at the same moment come here in any order.
		byDue := func(a, b turn) int { return a.due.Compare(b.due) }
		slices.SortFunc(order, func(a, b turn) int { return cmp.Or(a.at.Compare(b.at), byDue(a, b)) })
		if !slices.IsSortedFunc(order, byDue) || len(order) != 400 {
			t.Errorf("%d requests went out, sorted by their due: %t", len(order), slices.IsSortedFunc(order, byDue))
		}
	})
}

// TestNobodyIsServedTwiceWhileOthersAreDueEarlier has 300 profiles that ask again as soon
// as they were served, for half an hour.
func TestNobodyIsServedTwiceWhileOthersAreDueEarlier(t *testing.T) {
	inBubble(t, "300 profiles", func(t *testing.T) {
		const people = 300
		turns := make([]int, people)
		all := crowd(busy(t, 100), people, 30*time.Minute, func(int) {})
		for i, p := range all {
			turns[p.who]++
			if i+1 < len(all) && all[i+1].at.Equal(p.at) {
				continue // those of the same moment come here in any order
			}
			if most, least := slices.Max(turns), slices.Min(turns); most > least+1 {
				t.Fatalf("after %d of one, somebody has had %d", most, least)
			}
		}
		if slices.Min(turns) < 8 {
			t.Errorf("some had %d turns in half an hour, want 9", slices.Min(turns))
		}
	})
}

func TestNewcomersGoFirstAndHoldUpNobodyForLong(t *testing.T) {
	inBubble(t, "a hundred newcomers", func(t *testing.T) {
		b := busy(t, 100)
		ctx, cancel := context.WithCancel(exporter.Due(t.Context(), time.Time{}))
		const known, newcomers = 20, 100
		var mu sync.Mutex // guards what follows
		type turn struct {
			at    time.Time
			known bool
		}
		var first []turn
		var running sync.WaitGroup
		note := func(known bool) {
			mu.Lock()
			defer mu.Unlock()
			first = append(first, turn{time.Now(), known})
		}
		var longest time.Duration
		for range known { // they wait already
			running.Go(func() {
				began := time.Now()
				if err := b.Wait(t.Context()); err != nil {
					t.Error(err)
				}
				note(true)
				mu.Lock()
				defer mu.Unlock()
				longest = max(longest, time.Since(began))
			})
		}
		synctest.Wait()
		for range newcomers { // each of them has a past of any length
			running.Go(func() {
				for b.Wait(ctx) == nil {
					note(false)
				}
			})
		}
		time.AfterFunc(10*time.Minute, cancel)
		running.Wait()
		i := slices.IndexFunc(first, func(t turn) bool { return t.known })
		before := 0 // with those of the same moment, who come here in any order
		for _, t := range first {
			if !t.known && !t.at.After(first[i].at) {
				before++
			}
		}
		if before < newcomers-1 {
			t.Errorf("%d newcomers were served before somebody else, want all", before)
		}
		_, gap := shape(100)
		if most := headStart + (newcomers+known)*gap; longest > most {
			t.Errorf("somebody waited for %s because of them, want %s at most", longest, most)
		}
	})
}

func TestWhoComesLaterWaitsAMomentAndNotAMinute(t *testing.T) {
	inBubble(t, "behind five hundred that have time", func(t *testing.T) {
		b := NewBudget(100, time.Now, nil)
		ctx, cancel := context.WithCancel(t.Context())
		var waiting sync.WaitGroup
		for range 500 {
			waiting.Go(func() { _ = b.Wait(exporter.Due(ctx, time.Now().Add(time.Hour))) })
		}
		_, gap := shape(100)
		random := rand.New(rand.NewPCG(3, 4))
		for range 30 {
			time.Sleep(time.Duration(random.Int64N(int64(10 * time.Second))))
			began := time.Now()
			if err := b.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took > gap {
				t.Errorf("a request that is due waits for %s, want %s at most", took, gap)
			}
		}
		cancel()
		waiting.Wait()
		if len(b.queue) > 0 {
			t.Errorf("%d requests are left in the queue", len(b.queue))
		}
	})
}

// TestARequestIsNeverPutOffForEver has one that has time beside others that never end.
func TestARequestIsNeverPutOffForEver(t *testing.T) {
	for name, due := range map[string]time.Duration{"for an hour": time.Hour, "for a year": 365 * 24 * time.Hour} {
		inBubble(t, name, func(t *testing.T) {
			b := busy(t, 100)
			ctx, cancel := context.WithCancel(t.Context())
			var others sync.WaitGroup
			var served atomic.Int64
			for range 10 {
				others.Go(func() {
					for b.Wait(ctx) == nil {
						served.Add(1)
					}
				})
			}
			began := time.Now()
			if err := b.Wait(exporter.Due(t.Context(), began.Add(due))); err != nil {
				t.Fatal(err)
			}
			if took, most := time.Since(began), min(due, mostPutOff); took < most-time.Minute || took > most+time.Minute {
				t.Errorf("it waited for %s, want about %s", took, most)
			}
			cancel()
			others.Wait()
			if served.Load() < 1000 {
				t.Errorf("only %d others were served meanwhile", served.Load())
			}
		})
	}
}

func TestAHigherLimitIsUsedAtOnce(t *testing.T) {
	inBubble(t, "of two", func(t *testing.T) {
		b := busy(t, 1)
		time.AfterFunc(time.Second, func() { b.Allow(100) })
		began := time.Now()
		if err := b.Wait(t.Context()); err != nil || time.Since(began) != time.Second {
			t.Errorf("the request waited for %s, error %v; want a second", time.Since(began), err)
		}
	})
}

func TestTheLimitIsTightWhileSomeWait(t *testing.T) {
	inBubble(t, "fourteen of a hundred", func(t *testing.T) {
		b := busy(t, 100)
		if b.Tight() {
			t.Error("tight although nobody waits")
		}
		var waiting sync.WaitGroup
		for range 14 {
			waiting.Go(func() { _ = b.Wait(t.Context()) })
		}
		synctest.Wait()
		if !b.Tight() {
			t.Error("not tight although fourteen wait")
		}
		waiting.Wait()
		if b.Tight() {
			t.Error("tight although nobody waits any more")
		}
		b.CoolOff()
		if !b.Tight() {
			t.Error("not tight after a 601")
		}
		time.Sleep(coolOff.First)
		if b.Tight() {
			t.Error("tight after the pause")
		}
	})
}

// TestHurryGoesBeforeTheNewcomersOfAnotherProcess has a first serve of a hundred people, who all
// have requests waiting, and a command of whose requests one follows the other.
func TestHurryGoesBeforeTheNewcomersOfAnotherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rate")
	inBubble(t, "beside a first serve", func(t *testing.T) {
		const requests = 14
		serve, command := NewBudget(100, time.Now, newTally(path, nil)), NewBudget(100, time.Now, newTally(path, nil))
		ctx, stop := context.WithCancel(exporter.Due(t.Context(), time.Time{}))
		var running sync.WaitGroup
		for range 100 {
			running.Go(func() {
				var err error
				for err == nil {
					err = serve.Wait(ctx)
				}
			})
		}
		time.Sleep(3 * time.Minute)
		outlook, err := command.Outlook(t.Context(), requests)
		if err != nil || !outlook.Others {
			t.Errorf("outlook %+v, %v; want others", outlook, err)
		}
		began := time.Now()
		for range requests {
			if err := command.Wait(Hurry(t.Context())); err != nil {
				t.Error(err)
			}
			time.Sleep(200 * time.Millisecond) // for the answer
		}
		_, gap := shape(100)
		if took := time.Since(began); took > 2*requests*gap || took > outlook.Takes+time.Second {
			t.Errorf("it took %s, want at most two turns for each request, %s, and what the outlook says, %s", took, 2*requests*gap, outlook.Takes)
		}
		time.Sleep(hurryLasts)
		began = time.Now()
		if err := command.Wait(Hurry(t.Context())); err != nil || time.Since(began) < 4*gap {
			t.Errorf("after %s of haste a request waits %s, %v; want it to wait like others, four turns at least", hurryLasts, time.Since(began), err)
		}
		stop()
		running.Wait()
	})
}

func TestAnOutlookIsWhatRequestsTake(t *testing.T) {
	for _, limit := range []int{1, 13, 100, 2 * mostTallied} {
		for _, requests := range []int{0, 1, 14, 40, 250} {
			for _, before := range []int{0, 30, 90} {
				for _, shared := range []bool{false, true} {
					path := filepath.Join(t.TempDir(), "rate")
					synctest.Test(t, func(t *testing.T) {
						var tally, other *Tally
						if shared {
							tally, other = newTally(path, nil), newTally(path, nil)
						}
						b := NewBudget(limit, time.Now, tally)
						first := b
						if shared {
							first = NewBudget(limit, time.Now, other)
						}
						for range before {
							if err := first.Wait(t.Context()); err != nil {
								t.Fatal(err)
							}
						}
						time.Sleep(claimGrace + time.Second)
						outlook, err := b.Outlook(t.Context(), requests)
						if err != nil || outlook.Others {
							t.Errorf("%+v, %v; want nobody else", outlook, err)
						}
						began := time.Now()
						for range requests {
							if err := b.Wait(t.Context()); err != nil {
								t.Fatal(err)
							}
						}
						if took := time.Since(began); (took - outlook.Takes).Abs() > time.Second {
							t.Errorf("%d requests at %d a minute after %d, shared: %t: %s, foreseen %s", requests, limit, before, shared, took, outlook.Takes)
						}
					})
				}
			}
		}
	}
}

// TestNobodyWaitsForACoolOffThatLastsLonger has requests that wait when a 601 comes, in this
// process or in another, and one made later.
func TestNobodyWaitsForACoolOffThatLastsLonger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rate")
	inBubble(t, "two processes", func(t *testing.T) {
		one, other := NewBudget(100, time.Now, newTally(path, nil)), NewBudget(100, time.Now, newTally(path, nil))
		for range 60 {
			if err := one.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		began := time.Now()
		var waiting sync.WaitGroup
		for range 30 {
			for _, b := range []*Budget{one, other} {
				waiting.Go(func() {
					if err := b.Wait(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
						t.Error(err)
					}
				})
			}
		}
		time.Sleep(time.Second)
		one.CoolOff()
		waiting.Wait()
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("they waited %s for a pause of a minute, with half a minute to live", took)
		}
		if err := one.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("one made later gets %v", err)
		}
		if err := other.Wait(t.Context()); err != nil || time.Since(began) < time.Minute {
			t.Errorf("one without an end waited %s, %v", time.Since(began), err)
		}
	})
}
