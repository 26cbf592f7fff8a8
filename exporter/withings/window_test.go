package withings

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// TestTheLimitIsUsedUpAndNeverExceeded sends as soon as a window allows, with and without
// quiet times in between.
func TestTheLimitIsUsedUpAndNeverExceeded(t *testing.T) {
	for _, limit := range []int{1, 2, 3, 4, 5, 7, 10, 13, 60, 99, 100, 120, 1000} {
		for _, quiet := range []int{0, 5, 50} {
			t.Run(fmt.Sprintf("%d a minute, quiet after %d", limit, quiet), func(t *testing.T) {
				random := rand.New(rand.NewPCG(uint64(limit), uint64(quiet)))
				var w window
				var sent []int64
				var longest time.Duration
				_, gap := shape(limit)
				const hour = int64(time.Hour)
				for now := int64(2 * time.Minute); ; {
					if quiet > 0 && random.IntN(quiet) == 0 {
						now += random.Int64N(20 * int64(gap))
					}
					wait := w.wait(now, limit)
					now, longest = now+int64(wait), max(longest, wait)
					if now > hour {
						break
					}
					if wait := w.wait(now, limit); wait != 0 {
						t.Fatalf("after the wait there is another one of %s", wait)
					}
					w.note(now, limit)
					sent = append(sent, now)
				}
				for i := limit; i < len(sent); i++ {
					if length := time.Duration(sent[i] - sent[i-limit]); length < counted {
						t.Fatalf("%d requests within %s", limit+1, length)
					}
				}
				want := int(float64(limit) * (58*time.Minute - counted).Seconds() / counted.Seconds())
				if quiet == 0 && len(sent) < want {
					t.Errorf("%d requests in 58 minutes, want %d at least", len(sent), want)
				}
				if len(w.Sent) > limit {
					t.Errorf("%d requests are remembered", len(w.Sent))
				}
				if longest > gap {
					t.Errorf("the longest wait was %s, want %s at most", longest, gap)
				}
			})
		}
	}
}

func TestDurationIsWhatRequestsTake(t *testing.T) {
	for _, limit := range []int{1, 2, 3, 4, 10, 13, 100} {
		for _, requests := range []int{0, 1, 2, 3, 4, 5, 25, 26, 27, 100, 101, 126, 127, 350} {
			var w window
			began := int64(time.Hour)
			now := began
			for range requests {
				now += int64(w.wait(now, limit))
				w.note(now, limit)
			}
			got, want := duration(requests, limit), time.Duration(now-began)
			if diff := got - want; diff < -time.Millisecond || diff > time.Millisecond {
				t.Errorf("%d requests at %d a minute: %s, want %s", requests, limit, got, want)
			}
		}
	}
}

func TestSpareIsWhatCanBeSentAtOnce(t *testing.T) {
	var w window
	random := rand.New(rand.NewPCG(6, 7))
	now := int64(time.Hour)
	for range 2000 {
		now += random.Int64N(int64(3 * time.Second))
		test, could := w, 0
		test.Sent, test.Ahead = append([]int64(nil), w.Sent...), append([]int64(nil), w.Ahead...)
		for test.wait(now, 13) == 0 {
			test.note(now, 13)
			could++
		}
		if got := w.spare(now, 13); got != could {
			t.Fatalf("spare %d, but %d could be sent", got, could)
		}
		if w.wait(now, 13) == 0 {
			w.note(now, 13)
		}
	}
}

func TestAClockThatIsSetBackLetsNoMoreThrough(t *testing.T) {
	var w window
	now := int64(100 * time.Hour)
	for range 100 {
		now += int64(w.wait(now, 100))
		w.note(now, 100)
	}
	now -= int64(24 * time.Hour)
	if wait := w.wait(now, 100); wait <= 0 || wait > counted {
		t.Errorf("after the clock was set back by a day the wait is %s, want up to %s", wait, counted)
	}
}
