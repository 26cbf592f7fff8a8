package withings

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestTwoProcessesTogetherKeepToTheLimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rate")
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex // guards sent
		var sent []time.Time
		var running sync.WaitGroup
		for range 2 {
			b := NewBudget(40, time.Now, NewTally(path)) // as another process would have it
			running.Go(func() {
				for range 100 {
					if err := b.Wait(t.Context()); err != nil {
						t.Error(err)
					}
					mu.Lock()
					sent = append(sent, time.Now())
					mu.Unlock()
				}
			})
		}
		running.Wait()
		for i := range sent {
			if i >= 40 && sent[i].Sub(sent[i-40]) < time.Minute {
				t.Fatalf("request %d came %s after the fortieth before it", i, sent[i].Sub(sent[i-40]))
			}
		}
		if took := sent[len(sent)-1].Sub(sent[0]); took > 6*time.Minute {
			t.Errorf("200 requests at 40 a minute took %s", took)
		}
	})
}

func TestACoolOffIsForAllProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rate")
	synctest.Test(t, func(t *testing.T) {
		one, other := NewBudget(100, time.Now, NewTally(path)), NewBudget(100, time.Now, NewTally(path))
		one.CoolOff()
		began := time.Now()
		if err := other.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(began); waited < time.Minute {
			t.Errorf("the other process waited %s", waited)
		}
	})
}

func TestADamagedTallyStopsNobody(t *testing.T) {
	dir := t.TempDir()
	for name, path := range map[string]string{"garbage": filepath.Join(dir, "rate"), "no folder": filepath.Join(dir, "gone", "rate")} {
		t.Run(name, func(t *testing.T) {
			_ = os.WriteFile(path, []byte("{"), 0o600)
			tally := NewTally(path)
			if wait := tally.take(time.Now(), 1); wait != 0 {
				t.Errorf("the first request waits %s", wait)
			}
		})
	}
}
