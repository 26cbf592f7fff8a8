//go:build unix

package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"withings-exporter/exporter/config"
)

// readers are the ways in which a file comes to be read.
var readers = map[string]func(path string) (string, error){
	"configuration": func(path string) (string, error) {
		_, err := config.Load(path)
		return "", err
	},
	"secret": func(path string) (string, error) { return config.Secret("", path, "client-secret") },
}

func TestFileThatGivesNothingOrNeverEndsIsNamedAndNotWaitedFor(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{pipe: "a named pipe that nobody writes to", "/dev/zero": "is larger than"} {
		for kind, read := range readers {
			if _, err := read(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
				t.Errorf("%s from %s: got %v, want %q and the path", kind, path, err, want)
			}
		}
	}
}

func TestPipeThatSomebodyWritesToIsRead(t *testing.T) {
	for kind, text := range map[string]string{"configuration": "client_id: a\n", "secret": "s3cret-s3cret"} {
		pipe := filepath.Join(t.TempDir(), "pipe")
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Fatal(err)
		}
		written := make(chan error, 1)
		// What was written is lost when nobody has the pipe open any more.
		kept, err := os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer kept.Close()
		writer, err := os.OpenFile(pipe, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			_, err := writer.WriteString(text)
			_ = writer.Close()
			written <- err
		}()
		got, err := readers[kind](pipe)
		if werr := <-written; err != nil || werr != nil {
			t.Errorf("%s: %v, written with %v", kind, err, werr)
		}
		if kind == "secret" && got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
}

func TestTooManyOpenFilesAreNotTakenForMissingPermissions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("s3cret-s3cret"), 0o600); err != nil {
		t.Fatal(err)
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
	_, err := config.Secret("", path, "client-secret")
	if restored := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before); restored != nil {
		t.Fatal(restored)
	}
	if err == nil || !strings.Contains(err.Error(), "too many open files; raise the limit of open files") {
		t.Errorf("got %v, want what to do about too many open files", err)
	}
}
