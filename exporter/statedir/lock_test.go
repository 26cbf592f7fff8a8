package statedir

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofrs/flock"
)

func TestLockIsHeldByOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	unlock, err := Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok, err := TryLock(path); ok || err != nil {
		t.Errorf("got ok %v, error %v for a lock that is held", ok, err)
	}
	unlock()
	unlock() // the second time does nothing
	again, ok, err := TryLock(path)
	if !ok || err != nil {
		t.Fatalf("got ok %v, error %v for a lock that was given back", ok, err)
	}
	unlock() // nor does it give back what is somebody else's by now
	if _, ok, _ := TryLock(path); ok {
		t.Error("the lock was taken twice")
	}
	again()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || info.Size() != 0 {
		t.Errorf("the file of the lock is %v, %v, want it empty with mode 0600", info, err)
	}
}

func TestLockIsTakenAsSoonAsItIsGivenBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	synctest.Test(t, func(t *testing.T) {
		first, err := Lock(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(LockTime/2, first)
		began := time.Now()
		second, err := Lock(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		second()
		if took := time.Since(began); took < LockTime/2 || took > LockTime/2+2*lockRetry.Most {
			t.Errorf("it took %v, want %v", took, LockTime/2)
		}
	})
}

func TestWaitForALockEnds(t *testing.T) {
	cases := []struct {
		name   string
		within time.Duration // of ctx
		want   error
		took   time.Duration
	}{
		{"after LockTime", time.Hour, ErrLocked, LockTime},
		{"with its context", time.Second, context.DeadlineExceeded, time.Second},
		{"at once with a context that has ended", 0, context.DeadlineExceeded, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.lock")
			synctest.Test(t, func(t *testing.T) {
				unlock, err := Lock(t.Context(), path)
				if err != nil {
					t.Fatal(err)
				}
				defer unlock()
				ctx, cancel := context.WithTimeout(t.Context(), c.within)
				defer cancel()
				began := time.Now()
				_, err = Lock(ctx, path)
				if !errors.Is(err, c.want) || !strings.Contains(err.Error(), path) {
					t.Errorf("got error %v, want %v with the path", err, c.want)
				}
				if took := time.Since(began); took != c.took {
					t.Errorf("it took %v, want %v", took, c.took)
				}
			})
		})
	}
}

func TestLockSaysWhoHoldsIt(t *testing.T) {
	since := time.Date(2026, 11, 26, 7, 40, 0, 0, time.UTC)
	me := holder{Process: 17, Host: "box"}
	text := `{"process":` + "%" + `,"host":"box","command":"withings-exporter backfill","since":"2026-11-26T07:40:00Z"}`
	gone := strings.Replace(text, "%", "4194999", 1) // above the highest number of a process
	cases := []struct {
		name, data string
		want       []string
		not        string
	}{
		{"a process of this machine", gone, []string{"process 4194999 (withings-exporter backfill)", since.Format(time.RFC3339), "kill 4194999"}, "Ctrl-Z"},
		{"the service", strings.Replace(gone, "}", `,"service":true}`, 1), []string{"process 4194999", "stop it with sudo systemctl stop withings-exporter"}, "kill"},
		{"a process of another container", strings.Replace(gone, "box", "c0ffee", 1), []string{"process 4194999", "on host c0ffee"}, "kill"},
		{"this process", strings.Replace(text, "%", "17", 1), []string{"this process itself"}, "kill"},
		{"a file of an older version", "", []string{"another process", "fuser"}, "()"},
		{"half a line", gone[:30], []string{"another process"}, "4194999"},
		{"somebody's jokes", strings.Replace(gone, "backfill", `\u001b[2J`, 1), []string{"another process"}, "\x1b"},
		{"an argument with a secret", strings.Replace(gone, "backfill", "--influx.url=http://u:p@h", 1), []string{"another process"}, "u:p"},
		{"no number of a process", strings.Replace(text, "%", "-1", 1), []string{"another process"}, "-1"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := describe([]byte(c.data), me, lasting()); strings.Contains(got, "wait") ||
				!strings.Contains(got, "or give this one another --state.dir") && !strings.Contains(got, "this process itself") {
				t.Errorf("of one that serves: got %q", got)
			}
			got := describe([]byte(c.data), me, passing())
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("got %q, want %q in it", got, want)
				}
			}
			if strings.Contains(got, c.not) {
				t.Errorf("got %q, want no %q in it", got, c.not)
			}
		})
	}
}

func TestTheServiceSaysSoInItsLock(t *testing.T) {
	t.Setenv("EXPORTER_PROGRAM", "sudo withings-exporter-service")
	for socket, want := range map[string]string{"": "sudo kill ", "/run/systemd/notify": "sudo systemctl stop "} {
		t.Setenv("NOTIFY_SOCKET", socket)
		path := filepath.Join(t.TempDir(), "x.lock")
		unlock, err := Lock(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		other := self()
		other.Process++
		if got := describe(signature(t.Context(), path), other, lasting()); !strings.Contains(got, ": stop it with "+want) {
			t.Errorf("started by systemd at %q, it is told of as %q", socket, got)
		}
		unlock()
	}
}

func TestFolderIsNoLock(t *testing.T) {
	path := t.TempDir()
	if _, err := Lock(t.Context(), path); err == nil || !strings.Contains(err.Error(), "not a regular file but a folder; move it away") {
		t.Errorf("got error %v", err)
	}
}

// TestWhoLooksIsNotTakenForAHolder by others who look, and leaves no file.
func TestWhoLooksIsNotTakenForAHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	if held, err := Held(t.Context(), path); held || err != nil {
		t.Errorf("without a file it is held: %t, %v", held, err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("looking has made a file")
	}
	unlock, err := Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if held, err := Held(t.Context(), path); !held || err != nil {
		t.Errorf("a lock that is held is held: %t, %v", held, err)
	}
	unlock()
	looker := flock.New(path, flock.SetFlag(os.O_RDONLY))
	if ok, err := looker.TryRLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	defer looker.Close()
	if held, err := Held(t.Context(), path); held || err != nil {
		t.Errorf("while another looks it is held: %t, %v", held, err)
	}
	if err := Regular(path); err != nil || HolderOf(t.Context(), path) != describe(nil, self(), passing()) {
		t.Errorf("who has looked has signed the file: %v", err)
	}
}
