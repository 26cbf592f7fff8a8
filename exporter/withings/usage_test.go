package withings

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// TestUsageIsThatOfTheLastHourAndDay compares with a list of every request.
func TestUsageIsThatOfTheLastHourAndDay(t *testing.T) {
	inBubble(t, "three days", func(t *testing.T) {
		b := NewBudget(100, time.Now, nil)
		random := rand.New(rand.NewPCG(11, 12))
		began := time.Now()
		var sent []time.Time
		for time.Since(began) < 72*time.Hour {
			pause := time.Duration(random.Int64N(int64(15 * time.Minute)))
			if random.IntN(60) == 0 {
				pause = time.Duration(random.Int64N(int64(40 * time.Hour)))
			}
			time.Sleep(pause)
			b.Sent("Anna")
			sent = append(sent, time.Now())
			count := func(length time.Duration) (n int) {
				for _, at := range sent {
					if time.Since(at) <= length {
						n++
					}
				}
				return n
			}
			got := b.Usage("Anna")
			if least, most := count(time.Hour), count(time.Hour+slot); got.Hour < least || got.Hour > most {
				t.Fatalf("%d in the last hour, want %d to %d", got.Hour, least, most)
			}
			if least, most := count(24*time.Hour), count(24*time.Hour+slot); got.Day < least || got.Day > most {
				t.Fatalf("%d in the last day, want %d to %d", got.Day, least, most)
			}
			if want := time.Since(sent[0]) >= 24*time.Hour; got.Whole() != want {
				t.Fatalf("a whole day is known: %t, want %t", got.Whole(), want)
			}
		}
		time.Sleep(25 * time.Hour)
		if got := b.Usage("Anna"); got.Hour != 0 || got.Day != 0 {
			t.Errorf("after a day of rest %+v", got)
		}
	})
}

func TestUsageIsOfEachProfileAndOfAll(t *testing.T) {
	inBubble(t, "two and a token", func(t *testing.T) {
		b := NewBudget(100, time.Now, nil)
		for _, profile := range []string{"Anna", "Ben", "Anna", ""} {
			b.Sent(profile)
		}
		if anna, ben, nobody, all := b.Usage("Anna"), b.Usage("Ben"), b.Usage("Carla"), b.Total(); anna.Day != 2 || ben.Day != 1 || nobody.Day != 0 || all.Day != 4 || all.Hour != 4 {
			t.Errorf("Anna %+v, Ben %+v, Carla %+v, all %+v", anna, ben, nobody, all)
		}
		b.Forget("Anna")
		if anna, all := b.Usage("Anna"), b.Total(); anna.Day != 0 || all.Day != 2 {
			t.Errorf("without Anna: %+v, all %+v", anna, all)
		}
		for range math.MaxUint16 + 10 {
			b.Sent("Ben")
		}
		if got := b.Usage("Ben").Day; got != math.MaxUint16 {
			t.Errorf("%d requests of Ben, want the most that is counted", got)
		}
	})
}

func TestAClockThatIsSetBackDoesNotUpsetUsage(t *testing.T) {
	now := noon
	b := NewBudget(100, func() time.Time { return now }, nil)
	for _, step := range []time.Duration{0, time.Hour, -48 * time.Hour, 24 * time.Hour, 24 * time.Hour, -time.Minute} {
		now = now.Add(step)
		b.Sent("Anna")
		if got := b.Usage("Anna"); got.Hour < 1 || got.Day < 1 || got.Day > 6 {
			t.Errorf("after a step of %s: %+v", step, got)
		}
	}
}

// TestLateIsTheLongestWaitPastADue has a hundred requests in a queue, of which the last is
// the latest.
func TestLateIsTheLongestWaitPastADue(t *testing.T) {
	inBubble(t, "a queue of two minutes", func(t *testing.T) {
		b := busy(t, 100)
		if got := b.Late(); got != 0 {
			t.Errorf("at first %s", got)
		}
		began := time.Now()
		var waiting sync.WaitGroup
		for range 200 {
			waiting.Go(func() { _ = b.Wait(exporter.Due(t.Context(), began.Add(30*time.Second))) })
		}
		time.Sleep(90 * time.Second)
		if got := b.Late(); got != time.Minute {
			t.Errorf("while they wait %s, want a minute", got)
		}
		waiting.Wait()
		took := time.Since(began) - 30*time.Second
		if got := b.Late(); got != took {
			t.Errorf("afterwards %s, want %s", got, took)
		}
		time.Sleep(3 * time.Hour)
		if got := b.Late(); got != 0 {
			t.Errorf("three hours later %s", got)
		}
	})
	inBubble(t, "a newcomer, who is due before everything", func(t *testing.T) {
		b := busy(t, 1)
		began := time.Now()
		if err := b.Wait(exporter.Due(t.Context(), time.Time{})); err != nil {
			t.Fatal(err)
		}
		if got, want := b.Late(), time.Since(began); got != want {
			t.Errorf("%s, want %s since it was made", got, want)
		}
	})
}
