package profiles

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/statedir"
)

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
	dir, err := statedir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
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
		first.mu.Lock()
		first.members = first.members[:1]
		first.mu.Unlock()
		pass()
		if s, err := looker.Serving(t.Context()); err != nil || s == nil || !slices.Equal(s.Profiles, []string{"Anna"}) {
			t.Errorf("after a reload, it is %+v, %v", s, err)
		}
		end()
		if s, err := looker.Serving(t.Context()); s != nil || err != nil || log.Len() > 0 {
			t.Errorf("afterwards, it is %+v, %v; log %s", s, err, log)
		}
	})
}

// TestASecondServeSaysWhoServesAlready once in its log, and on its page for as long as that goes on.
func TestASecondServeSaysWhoServesAlready(t *testing.T) {
	dir, err := statedir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		_, _, end := held(t, dir, "Anna")
		pass()
		second, log, _ := held(t, dir, "Anna")
		for range 3 {
			pass()
			if !strings.Contains(rival(second), "has held it since") {
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
			dir, err := statedir.Open(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
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
