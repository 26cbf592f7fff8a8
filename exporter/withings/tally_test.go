package withings

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter/statedir"
)

func TestTwoProcessesTogetherKeepToTheLimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rate")
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex // guards sent
		var sent []time.Time
		var running sync.WaitGroup
		for range 2 {
			b := NewBudget(40, time.Now, newTally(path, nil)) // as another process would have it
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
		one, other := NewBudget(100, time.Now, newTally(path, nil)), NewBudget(100, time.Now, newTally(path, nil))
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

// newTally is a tally whose log goes to out.
func newTally(path string, out io.Writer) *Tally {
	if out == nil {
		out = io.Discard
	}
	return NewTally(path, slog.New(slog.NewTextHandler(out, nil)))
}

func TestADamagedTallyStopsNobody(t *testing.T) {
	for name, content := range map[string]string{"garbage": "{", "of nobody": "[]", "empty": ""} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "rate")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			tally := newTally(path, nil)
			for want := range 2 {
				wait, _, err := tally.take(t.Context(), time.Now, 1, claim{})
				if err != nil || (wait > 0) != (want > 0) {
					t.Errorf("request %d waits %s, error %v", want, wait, err)
				}
			}
		})
	}
}

// unusable are places for a tally that cannot be used, and what the log says.
func unusable(t *testing.T) map[string][2]string {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name, "rate") }
	for _, name := range []string{"held"} {
		if err := os.MkdirAll(filepath.Dir(at(name)), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{at("folder"), at("lock") + ".lock"} {
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return map[string][2]string{
		"lock held":          {at("held"), "this process itself"},
		"a folder":           {at("folder"), "not a regular file but a folder"},
		"a folder as lock":   {at("lock"), "not a regular file but a folder"},
		"no folder to be in": {at("gone"), "the state directory is gone"},
	}
}

func TestWithoutATallyEveryProcessKeepsToTheLimitByItself(t *testing.T) {
	for name, c := range unusable(t) {
		path, say := c[0], c[1]
		inBubble(t, name, func(t *testing.T) {
			if name == "lock held" {
				unlock, err := statedir.Lock(t.Context(), path+".lock")
				if err != nil {
					t.Fatal(err)
				}
				defer unlock()
			}
			var log bytes.Buffer
			b := NewBudget(100, time.Now, newTally(path, &log))
			began := time.Now()
			all := crowd(b, 3, 10*time.Minute, func(int) {})
			if first := all[0].at.Sub(began); first > tallyWait {
				t.Errorf("the first request went out after %s, want %s at most", first, tallyWait)
			}
			if most := busiest(all); most > 100 || len(all) < 500 {
				t.Errorf("%d requests in ten minutes and %d in one, want many and at most 100", len(all), most)
			}
			if got := log.String(); strings.Count(got, "level=WARN") != 1 || !strings.Contains(got, say) || !strings.Contains(got, path) {
				t.Errorf("the log says %q, want one warning with %q and the path", got, say)
			}
		})
	}
}

func TestATallyThatCanBeUsedAgainHasWhatWasSentMeanwhile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rate")
	inBubble(t, "lock given back", func(t *testing.T) {
		unlock, err := statedir.Lock(t.Context(), path+".lock")
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		tally := newTally(path, &log)
		for range 5 {
			if wait, _, err := tally.take(t.Context(), time.Now, 100, claim{}); wait != 0 || err != nil {
				t.Fatalf("wait %s, error %v", wait, err)
			}
		}
		tally.coolOff(t.Context(), time.Now, pause{time.Now().Add(40 * time.Second), time.Minute})
		unlock()
		time.Sleep(tallyRetry)
		if wait, _, err := tally.take(t.Context(), time.Now, 100, claim{}); wait > 10*time.Second || err != nil {
			t.Fatalf("wait %s, error %v, want the rest of the cool-off", wait, err)
		}
		is, err := readTally(path)
		if err != nil || len(is.Sent) != 5 || is.pause().length != time.Minute {
			t.Errorf("the file has %+v, %v, want five requests and the cool-off", is, err)
		}
		if !strings.Contains(log.String(), "counted together again") {
			t.Errorf("the log says %q, want that it is over", log.String())
		}
	})
}

func TestWaitingForTheTallyEndsWithItsContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rate")
	inBubble(t, "lock held", func(t *testing.T) {
		unlock, err := statedir.Lock(t.Context(), path+".lock")
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		began := time.Now()
		if err := NewBudget(100, time.Now, newTally(path, nil)).Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the end of the context", err)
		}
		if took := time.Since(began); took > 50*time.Millisecond {
			t.Errorf("it took %s", took)
		}
	})
}

func TestACoolOffOutlivesTheProcess(t *testing.T) {
	for _, c := range []struct {
		name     string
		coolOffs int           // in a row, the last of them just before the end
		off      time.Duration // the program is not running
		want     time.Duration // what is left of it
		next     time.Duration // length of the one that follows
	}{
		{"the first", 1, 0, time.Minute, 2 * time.Minute},
		{"the longest", 4, 0, 5 * time.Minute, 5 * time.Minute},
		{"half of it over", 2, time.Minute, time.Minute, 4 * time.Minute},
		{"just over", 1, time.Minute, 0, 2 * time.Minute},
		{"long over", 4, time.Hour, 0, time.Minute},
	} {
		path := filepath.Join(t.TempDir(), "rate")
		inBubble(t, c.name, func(t *testing.T) {
			before := NewBudget(100, time.Now, newTally(path, nil))
			for n := range c.coolOffs {
				if n > 0 {
					time.Sleep(time.Until(before.Until()))
				}
				before.CoolOff()
			}
			time.Sleep(c.off)
			b := NewBudget(100, time.Now, newTally(path, nil))
			if got := max(time.Until(b.Until()), 0); c.want > 0 && got != c.want {
				t.Errorf("at the start %s are left, want %s", got, c.want)
			}
			began := time.Now()
			if err := b.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := time.Since(began); got < c.want || got > c.want+time.Millisecond {
				t.Errorf("the first request waits %s, want %s", got, c.want)
			}
			b.CoolOff()
			if got := time.Until(b.Until()); got != c.next {
				t.Errorf("the next cool-off lasts %s, want %s", got, c.next)
			}
		})
	}
}

func TestACrashWhileTheTallyIsWrittenLosesNoCoolOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rate")
	now := time.Now()
	short := `{"requests":[],"cool_off":` + strconv.FormatInt(now.Add(time.Minute).UnixNano(), 10) + "}\n"
	for _, rest := range []string{"", "9]}", `{"requests":[1,2]}`} { // of the longer content before
		if err := os.WriteFile(path, []byte(short+rest), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := newTally(path, nil).pending(now); !got.until.Equal(now.Add(time.Minute)) {
			t.Errorf("with the rest %q the cool-off ends %s", rest, got.until)
		}
	}
}

func TestACoolOffThatCannotBeIsNoneAndHidesNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rate")
	inBubble(t, "a year ahead", func(t *testing.T) {
		if err := os.WriteFile(path, []byte(`{"cool_off":`+strconv.FormatInt(time.Now().Add(24*365*time.Hour).UnixNano(), 10)+"}"), 0o600); err != nil {
			t.Fatal(err)
		}
		b := NewBudget(100, time.Now, newTally(path, nil))
		if !b.Until().IsZero() {
			t.Errorf("until %s, want none", b.Until())
		}
		b.CoolOff()
		if got := NewBudget(100, time.Now, newTally(path, nil)).Until(); !got.Equal(time.Now().Add(time.Minute)) {
			t.Errorf("after a restart it ends %s, want in a minute", got)
		}
	})
}
