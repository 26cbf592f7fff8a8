//go:build unix

package statedir

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// holdVar is the path that a process of these tests locks until its input ends.
const holdVar = "STATEDIR_TEST_HOLD"

func hold(path string) {
	if _, err := Lock(context.Background(), path); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("held")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// startHolder starts a process that holds a lock until the test ends.
func startHolder(t *testing.T, path string) *os.Process {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), holdVar+"="+path, "GORACE=atexit_sleep_ms=0")
	if _, err := command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatalf("the holder says %q, %v", line, err)
	}
	return command.Process
}

func TestLockOfAnotherProcessNamesIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	process := startHolder(t, path)
	synctest.Test(t, func(t *testing.T) { // on a busy machine, one try may take longer than the context lasts
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := Lock(ctx, path)
		want := fmt.Sprintf("process %d (%s)", process.Pid, filepath.Base(os.Args[0]))
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q in it", err, want)
		}
	})
	if err := process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for !stopped(process.Pid) {
		if t.Context().Err() != nil {
			t.Fatal("the holder does not stop")
		}
	}
	if got := HolderOf(t.Context(), path); !strings.Contains(got, "is stopped (Ctrl-Z): resume it with kill -CONT") {
		t.Errorf("got %q for a process that is stopped", got)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	unlock, err := Lock(t.Context(), path) // which the end of a process gives back
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}

// irregularFiles makes what could stand in place of a file.
func irregularFiles(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	pipe, link, device := filepath.Join(dir, "pipe"), filepath.Join(dir, "link"), filepath.Join(dir, "device")
	for _, err := range []error{syscall.Mkfifo(pipe, 0o600), os.Symlink(pipe, link), os.Symlink("/dev/zero", device)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return map[string]string{"a named pipe": pipe, "a link to one": link, "a device without an end": device}
}

func TestWhatIsNoFileIsNeitherLockedNorReadNorWaitedFor(t *testing.T) {
	for name, path := range irregularFiles(t) {
		uses := map[string]func() error{
			"Lock":    func() error { _, err := Lock(t.Context(), path); return err },
			"TryLock": func() error { _, _, err := TryLock(path); return err },
			"Read":    func() error { _, err := Read(path, 10); return err },
		}
		for use, f := range uses {
			if err := f(); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "not a regular file") ||
				!strings.Contains(err.Error(), "move it away") {
				t.Errorf("%s of %s: got error %v, want one that names it", use, name, err)
			}
		}
	}
}

func TestLockThatMayOnlyBeReadIsALock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	if err := os.WriteFile(path, nil, 0o400); err != nil {
		t.Fatal(err)
	}
	unlock, err := Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if _, ok, err := TryLock(path); ok || err != nil {
		t.Errorf("got ok %v, error %v, want it held", ok, err)
	}
}

func TestTooManyOpenFilesAreSaidToBeThat(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := Write(file, nil); err != nil {
		t.Fatal(err)
	}
	uses := map[string]func() error{
		"Lock":    func() error { _, err := Lock(t.Context(), file+".lock"); return err },
		"TryLock": func() error { _, _, err := TryLock(file + ".lock"); return err },
		"Write":   func() error { return Write(file, nil) },
		"Room":    func() error { return Room(file, 1) },
		"Read":    func() error { _, err := Read(file, 10); return err },
	}
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	none := before
	none.Cur = 0
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	got := map[string]error{}
	for use, f := range uses {
		got[use] = f()
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	for use, err := range got {
		if !errors.Is(err, syscall.EMFILE) || !strings.Contains(err.Error(), "this process has too many files open") {
			t.Errorf("%s: got %v, want what to do about too many open files", use, err)
		}
	}
}
