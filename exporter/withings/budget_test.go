package withings

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"
)

// pass is a request that went out.
type pass struct {
	who int
	at  time.Time
}

// crowd lets many goroutines ask a budget again and again for a time, and
// returns the requests that went out, in order.
func crowd(b *Budget, people int, length time.Duration, each func(n int)) []pass {
	ctx, cancel := context.WithTimeout(context.Background(), length)
	defer cancel()
	var mu sync.Mutex
	var all []pass
	var running sync.WaitGroup
	for who := range people {
		running.Go(func() {
			for b.Wait(ctx) == nil {
				mu.Lock()
				all = append(all, pass{who, time.Now()})
				n := len(all)
				mu.Unlock()
				each(n)
			}
		})
	}
	running.Wait()
	return all
}

// busiest is the most requests in any minute.
func busiest(all []pass) int {
	most := 0
	for first, last := 0, 0; last < len(all); last++ {
		for all[last].at.Sub(all[first].at) > time.Minute {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}

func TestNoMinuteHasMoreThanWithingsAllows(t *testing.T) {
	for _, c := range []struct {
		name  string
		limit func(b *Budget, n int)
	}{
		{"in an hour of haste", func(*Budget, int) {}},
		{"with a 601 now and then", func(b *Budget, n int) {
			if n%700 == 0 {
				b.CoolOff()
			} else {
				b.Fine()
			}
		}},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			b := NewBudget(100, time.Now, nil)
			all := crowd(b, 250, time.Hour, func(n int) { c.limit(b, n) })
			if most := busiest(all); most > 100 {
				t.Errorf("%d requests in one minute, want at most 100", most)
			}
			if len(all) < 4400 { // an hour has 5800, and the cool-offs take a quarter
				t.Errorf("%d requests in an hour, want the budget used", len(all))
			}
		})
	}
}

func TestTheBudgetIsFair(t *testing.T) {
	inBubble(t, "ten people for an hour", func(t *testing.T) {
		counts := make([]int, 10)
		for _, p := range crowd(NewBudget(100, time.Now, nil), len(counts), time.Hour, func(int) {}) {
			counts[p.who]++
		}
		if least, most := slices.Min(counts), slices.Max(counts); most-least > 100/share+8 { // whoever is first may take all that may be ahead of the pace; a few more at it, and rounds that have begun
			t.Errorf("requests of each %v, want them alike", counts)
		}
	})
}

func TestASmallBudgetIsKept(t *testing.T) {
	inBubble(t, "one a minute", func(t *testing.T) {
		all := crowd(NewBudget(1, time.Now, nil), 3, 10*time.Minute-time.Second, func(int) {})
		if len(all) != 10 {
			t.Errorf("%d requests in ten minutes, want 10", len(all))
		}
	})
}

func TestACoolOffGrowsAndEnds(t *testing.T) {
	inBubble(t, "five in a row", func(t *testing.T) {
		b := NewBudget(100, time.Now, nil)
		var got []time.Duration
		for range 5 {
			began := time.Now()
			b.CoolOff()
			b.CoolOff() // the answer of another request that was under way
			if want := time.Now(); !b.Until().After(want) {
				t.Errorf("until %s, want later than %s", b.Until(), want)
			}
			if err := b.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			got = append(got, time.Since(began))
		}
		want := []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 5 * time.Minute, 5 * time.Minute}
		if !slices.Equal(got, want) {
			t.Errorf("cool-offs %v, want %v", got, want)
		}
		if !b.Until().IsZero() {
			t.Errorf("until %s, want none", b.Until())
		}
		b.Fine()
		b.CoolOff()
		if rest := time.Until(b.Until()); rest != coolOff.First {
			t.Errorf("after an answer the next cool-off is %s, want %s", rest, coolOff.First)
		}
	})
}

func TestAnAnswerFromBeforeDoesNotEndACoolOff(t *testing.T) {
	inBubble(t, "fine while cooling off", func(t *testing.T) {
		b := NewBudget(100, time.Now, nil)
		b.CoolOff()
		b.Fine()
		if rest := time.Until(b.Until()); rest != time.Minute {
			t.Errorf("%s left, want a minute", rest)
		}
	})
}

func TestWhoGivesUpWaitingCostsNothing(t *testing.T) {
	inBubble(t, "a hundred of them", func(t *testing.T) {
		b := NewBudget(60, time.Now, nil)
		for range 60/share + 1 {
			if err := b.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		for range 100 {
			running.Go(func() {
				if err := b.Wait(ctx); !errors.Is(err, context.Canceled) {
					t.Errorf("error %v, want %v", err, context.Canceled)
				}
			})
		}
		time.AfterFunc(time.Millisecond, cancel)
		running.Wait()
		began := time.Now()
		if err := b.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, gap := shape(60); time.Since(began) > gap {
			t.Errorf("the next request waits %s, want %s", time.Since(began), gap)
		}
	})
}
