package profiles

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/influx"
	"withings-exporter/exporter/notify"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/testrun"
)

// opened is a new state directory.
func opened(t *testing.T) *statedir.Dir {
	t.Helper()
	dir, err := statedir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// held has a set serve from a folder, with a log of its own, until the returned function is called.
func held(t *testing.T, dir *statedir.Dir, names ...string) (set *Set, log *bytes.Buffer, end func()) {
	t.Helper()
	set, log = &Set{Dir: dir}, &bytes.Buffer{}
	for _, name := range names {
		set.members = append(set.members, &Member{Profile: exporter.Profile{State: exporter.NewState(name, nil)}})
	}
	ctx, cancel := context.WithCancel(t.Context())
	var holding sync.WaitGroup
	holding.Go(func() { set.HoldServing(ctx, slog.New(slog.NewTextHandler(log, nil))) })
	end = func() { cancel(); holding.Wait() }
	t.Cleanup(end)
	return set, log, end
}

func TestTheOneThatServesIsKnownWithWhomItServes(t *testing.T) {
	dir := opened(t)
	synctest.Test(t, func(t *testing.T) {
		looker := &Set{Dir: dir}
		if s, err := looker.Serving(t.Context()); s != nil || err != nil {
			t.Errorf("before, it is %+v, %v", s, err)
		}
		first, log, end := held(t, dir, "Anna", "Ben")
		pass()
		s, err := looker.Serving(t.Context())
		if err != nil || s == nil || s.Process == 0 || !strings.HasPrefix(s.Who, "process ") || !slices.Equal(s.Profiles, []string{"Anna", "Ben"}) {
			t.Errorf("it is %+v, %v", s, err)
		}
		if s.Notified {
			t.Error("it is said to take notifications")
		}
		first.mu.Lock()
		first.members = first.members[:1]
		first.members[0].box = notify.NewBox("Anna")
		first.mu.Unlock()
		pass()
		if s, err := looker.Serving(t.Context()); err != nil || s == nil || !s.Notified || !slices.Equal(s.Profiles, []string{"Anna"}) {
			t.Errorf("after a reload, it is %+v, %v", s, err)
		}
		end()
		if s, err := looker.Serving(t.Context()); s != nil || err != nil || log.Len() > 0 {
			t.Errorf("afterwards, it is %+v, %v; log %s", s, err, log)
		}
	})
}

// TestWhatAReloadHasChangedIsWrittenAtOnce: a check right afterwards reads it.
func TestWhatAReloadHasChangedIsWrittenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := command.Settings{StateDir: t.TempDir(), ClientID: "id", ClientSecret: "secret", PollInterval: time.Minute, RateLimit: 120, APIURL: "http://127.0.0.1:1",
			Profiles: []string{"Anna", "Ben"}, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
		set, err := Loaded(s)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var holding sync.WaitGroup
		holding.Go(func() { set.HoldServing(ctx, s.Log) })
		pass()
		s.Profiles = []string{"Anna"}
		if err := set.Load(s); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if s, err := (&Set{Dir: set.Dir}).Serving(t.Context()); err != nil || s == nil || !slices.Equal(s.Profiles, []string{"Anna"}) {
			t.Errorf("after a reload, it is %+v, %v", s, err)
		}
		cancel()
		holding.Wait()
	})
}

func TestTheOneThatServesIsKnownToUseAnotherApplication(t *testing.T) {
	dir := opened(t)
	of := func(id, secret string) *Cloud { return &Cloud{of: application{clientID: id, clientSecret: secret}} }
	synctest.Test(t, func(t *testing.T) {
		set, _, end := held(t, dir, "Anna")
		set.mu.Lock()
		set.Cloud = of("the-client-id", "the-secret")
		set.mu.Unlock()
		pass()
		server, err := (&Set{Dir: dir}).Serving(t.Context())
		if err != nil || server == nil {
			t.Fatalf("it is %+v, %v", server, err)
		}
		for _, c := range []struct {
			id, secret string
			want       bool
		}{{"the-client-id", "the-secret", false}, {"the-client-id", "other", true}, {"other", "the-secret", true}} {
			if got := server.Differs(&Set{Cloud: of(c.id, c.secret)}); got != c.want {
				t.Errorf("beside %s with %s, it differs: %v, want %v", c.id, c.secret, got, c.want)
			}
		}
		if text, err := os.ReadFile(servingPath(dir)); err != nil || bytes.Contains(text, []byte("the-")) {
			t.Errorf("it has written down %s, %v", text, err)
		}
		end()
		if (&Server{}).Differs(set) {
			t.Error("one of which nothing is known differs")
		}
	})
}

func TestTheOneThatServesIsKnownToFillADatabase(t *testing.T) {
	dir := opened(t)
	writer := func(bucket string) *influx.Writer {
		w, err := command.Influx{URL: "http://127.0.0.1:1", Org: "o", Bucket: bucket, Token: "t"}.Writer(slog.New(slog.DiscardHandler), func(string, int) {})
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	here, there := writer("here"), writer("there")
	synctest.Test(t, func(t *testing.T) {
		set, _, _ := held(t, dir, "Anna")
		fills := func(what string, into *influx.Writer, profile string, want bool) {
			t.Helper()
			pass()
			looker := &Set{Dir: dir, Influx: into}
			if s, err := looker.Serving(t.Context()); err != nil || s == nil || s.Fills(looker, profile) != want {
				t.Errorf("%s it fills %v, want %v; %v", what, !want, want, err)
			}
		}
		fills("without a database", here, "Anna", false)
		set.mu.Lock()
		set.Influx = here
		set.mu.Unlock()
		fills("after a reload", here, "Anna", true)
		fills("of somebody else", here, "Ben", false)
		fills("another bucket", there, "Anna", false)
		fills("as somebody without a database sees it", nil, "Anna", false)
	})
}

// TestASecondServeSaysWhoServesAlready once in its log, and on its page for as long as that goes on.
func TestASecondServeSaysWhoServesAlready(t *testing.T) {
	dir := opened(t)
	synctest.Test(t, func(t *testing.T) {
		_, _, end := held(t, dir, "Anna")
		pass()
		second, log, _ := held(t, dir, "Anna")
		for range 3 {
			pass()
			if !strings.Contains(rival(second), "has held it since") || strings.Contains(rival(second), "wait for it") {
				t.Errorf("the note is %q", rival(second))
			}
		}
		if n := strings.Count(log.String(), "two programs serve from the same state directory"); n != 1 {
			t.Errorf("it is logged %d times:\n%s", n, log)
		}
		end()
		pass()
		if rival(second) != "" || !strings.Contains(log.String(), "has ended") {
			t.Errorf("after the first has ended, the note is %q, log:\n%s", rival(second), log)
		}
		if s, err := (&Set{Dir: dir}).Serving(t.Context()); err != nil || s == nil {
			t.Errorf("then the one that serves is %+v, %v", s, err)
		}
	})
}

// TestATroubleWithTheLockIsNoRival: a slow disk, or a file that cannot be locked, is warned of once.
func TestATroubleWithTheLockIsNoRival(t *testing.T) {
	for name, trouble := range map[string]func(t *testing.T, path string){
		"a slow disk": func(t *testing.T, path string) {
			busy := func() (struct{}, error) { <-t.Context().Done(); return struct{}{}, nil }
			go func() { _, _ = statedir.Within(t.Context(), path, busy) }()
		},
		"no file": func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := opened(t)
			synctest.Test(t, func(t *testing.T) {
				trouble(t, servingLock(dir))
				synctest.Wait()
				set, log, _ := held(t, dir, "Anna")
				pass()
				pass()
				if rival(set) != "" || strings.Contains(log.String(), "two programs") {
					t.Errorf("the note is %q, log:\n%s", rival(set), log)
				}
				if n := strings.Count(log.String(), "second serve on this state directory would not be noticed"); n != 1 {
					t.Errorf("it warns %d times:\n%s", n, log)
				}
				if s, err := set.Serving(t.Context()); s != nil || err == nil {
					t.Errorf("the one that serves is %+v, %v, want that it cannot be seen", s, err)
				}
			})
		})
	}
}

// TestWhomItServesIsWrittenOnceAndUntilItSucceeds: also that it is nobody, where an earlier serve has left its names.
func TestWhomItServesIsWrittenOnceAndUntilItSucceeds(t *testing.T) {
	dir := opened(t)
	file := servingPath(dir)
	synctest.Test(t, func(t *testing.T) {
		if err := os.Mkdir(file, 0o700); err != nil { // which cannot be replaced
			t.Fatal(err)
		}
		_, _, end := held(t, dir)
		pass()
		if s, err := (&Set{Dir: dir}).Serving(t.Context()); err != nil || s == nil || s.Profiles != nil {
			t.Errorf("while it cannot be written, it is %+v, %v", s, err)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		pass()
		if s, err := (&Set{Dir: dir}).Serving(t.Context()); err != nil || s == nil || s.Profiles == nil || len(s.Profiles) > 0 {
			t.Errorf("then it is %+v, %v, want that it serves nobody", s, err)
		}
		const want = `{"version":1,"profiles":[]}`
		if data, err := os.ReadFile(file); err != nil || string(bytes.TrimSpace(data)) != want {
			t.Errorf("written is %s, %v, want %s", data, err, want)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		pass()
		if _, err := os.Stat(file); err == nil {
			t.Error("it is written again though nothing has changed")
		}
		end()
	})
}

// TestTheEndIsQuick while a disk does not respond, and nothing is logged about what the end has cut short. Names that are
// being written are written in full.
func TestTheEndIsQuick(t *testing.T) {
	for name, slow := range map[string]func(*statedir.Dir) string{"the lock": servingLock, "the names": servingPath} {
		t.Run(name, func(t *testing.T) {
			dir := opened(t)
			synctest.Test(t, func(t *testing.T) {
				go func() {
					_, _ = statedir.Within(t.Context(), slow(dir), func() (struct{}, error) { <-t.Context().Done(); return struct{}{}, nil })
				}()
				synctest.Wait()
				_, log, end := held(t, dir, "Anna")
				time.Sleep(servingTry / 2)
				asked := time.Now()
				end()
				if took := time.Since(asked); took > 5*time.Second || log.Len() > 0 {
					t.Errorf("it took %v, log %s", took, log)
				}
			})
		})
	}
	dir := opened(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (&Set{Dir: dir}).writeServing(ended, []byte(`{"version":1,"profiles":["Anna"]}`)); err != nil {
		t.Errorf("at the end, the names are not written: %v", err)
	}
}

// TestALockThatIsLostAfterARivalIsWarnedOf: that another was seen does not mean that the next would be.
func TestALockThatIsLostAfterARivalIsWarnedOf(t *testing.T) {
	dir := opened(t)
	synctest.Test(t, func(t *testing.T) {
		_, _, end := held(t, dir, "Anna")
		pass()
		_, log, _ := held(t, dir, "Anna")
		pass()
		if err := os.Remove(servingLock(dir)); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(servingLock(dir), 0o700); err != nil {
			t.Fatal(err)
		}
		end()
		pass()
		if !strings.Contains(log.String(), "would not be noticed") {
			t.Errorf("the log is\n%s", log)
		}
	})
}

// TestALockThatServeCannotTakeTellsNothing of whether it runs: root, who looks, could take it.
func TestALockThatServeCannotTakeTellsNothing(t *testing.T) {
	testrun.Root.Of(t)
	dir := opened(t)
	const container = 65532
	if err := errors.Join(os.WriteFile(servingLock(dir), nil, 0o600), os.Chown(dir.Path(), container, container)); err != nil {
		t.Fatal(err)
	}
	if s, err := (&Set{Dir: dir}).Serving(t.Context()); s != nil || err == nil || !strings.Contains(err.Error(), "belongs to user 0") {
		t.Errorf("it is %+v, %v", s, err)
	}
}

// rival is who else serves, for the page.
func rival(h *Set) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rival
}

// pass lets the time pass in which everybody has looked.
func pass() {
	time.Sleep(servingLook + 2*servingTry)
	synctest.Wait()
}
