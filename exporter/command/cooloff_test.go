package command_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/command/authorize"
	"withings-exporter/exporter/command/check"
	"withings-exporter/exporter/daemon"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/web"
)

// firstAsked notes when the first request goes out.
type firstAsked struct {
	next http.RoundTripper
	once sync.Once
	at   time.Time
}

func (f *firstAsked) RoundTrip(r *http.Request) (*http.Response, error) {
	f.once.Do(func() { f.at = time.Now() })
	return f.next.RoundTrip(r)
}

// TestCheckDoesNotWaitForTheEndOfACoolOff says until when there is one, and ends.
func TestCheckDoesNotWaitForTheEndOfACoolOff(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := stage.NewWorld(t, dir, simulator.Switches{})
		began := time.Now()
		until := began.Add(3 * time.Minute)
		w.Try(os.WriteFile(filepath.Join(dir, "rate"), []byte(`{"requests":[],"cool_off":`+strconv.FormatInt(until.UnixNano(), 10)+`}`), 0o600))
		asked := &firstAsked{next: w.Settings.HTTP.Transport}
		client := *w.Settings.HTTP
		client.Transport = asked
		w.Settings.HTTP = &client
		var out strings.Builder
		err := check.Check(t.Context(), w.Settings, &out, io.Discard)
		if err == nil || !strings.Contains(out.String(), "FAIL  rate limit: not asked, since Withings asked for a pause until "+until.Format(time.TimeOnly)) {
			t.Errorf("it says %s, %v", &out, err)
		}
		if !asked.at.IsZero() || time.Since(began) > time.Minute {
			t.Errorf("asked at %v, ended after %v", asked.at, time.Since(began))
		}
	})
}

func TestCoolOffFromBeforeIsHonouredByEverything(t *testing.T) {
	for name, run := range map[string]func(ctx context.Context, w *stage.World) func(){
		"data, by serve": func(_ context.Context, w *stage.World) func() {
			w.Start()
			if got := daemon.Page(w.Set, w.Sim.Now(), w.Sim.Now()).Profiles[0].State; got != web.StateCooling {
				w.T.Errorf("the page says %s at once, want %s", got, web.StateCooling)
			}
			w.Pass(6 * time.Minute)
			return w.Set.Halt
		},
		"a token, by auth": func(ctx context.Context, w *stage.World) func() {
			_ = authorize.Authorize(ctx, w.Settings, authorize.Options{Profile: "Anna", Demo: true, Force: true},
				&command.Program{Out: w.Log, Err: w.Log})
			return func() {}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				w := stage.NewWorld(t, dir, simulator.Switches{})
				const left = 5 * time.Minute // the longest there is
				until := time.Now().Add(left)
				w.Try(os.WriteFile(filepath.Join(dir, "rate"), []byte(`{"requests":[],"cool_off":`+strconv.FormatInt(until.UnixNano(), 10)+`}`), 0o600))
				asked := &firstAsked{next: w.Settings.HTTP.Transport}
				client := *w.Settings.HTTP
				client.Transport = asked
				w.Settings.HTTP = &client
				began := time.Now()
				run(t.Context(), w)()
				if asked.at.IsZero() || asked.at.Sub(began) < left {
					t.Errorf("the first request went out at %v, %v after the start, want %v", asked.at, asked.at.Sub(began), left)
				}
			})
		})
	}
}

// TestSigningInGoesBeforeAFirstServe has a serve that uses up the rate limit for minutes: the
// code from Withings' page is good for half a minute.
func TestSigningInGoesBeforeAFirstServe(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := stage.NewWorld(t, dir, simulator.Switches{})
		w.Settings.RateLimit = 20
		w.Start()
		defer w.Set.Halt()
		w.Pass(90 * time.Second)
		asked := &firstAsked{next: w.Settings.HTTP.Transport}
		client := *w.Settings.HTTP
		client.Transport = asked
		w.Settings.HTTP = &client
		began := time.Now()
		err := authorize.Authorize(t.Context(), w.Settings, authorize.Options{Profile: "Demo", Demo: true},
			&command.Program{Out: w.Log, Err: w.Log})
		if err != nil || asked.at.Sub(began) > 15*time.Second {
			t.Errorf("%v; the first request went out after %s", err, asked.at.Sub(began))
		}
	})
}
