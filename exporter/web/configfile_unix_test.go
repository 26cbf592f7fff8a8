//go:build unix

package web

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestWebConfigurationThatWouldBeWaitedForIsRefused(t *testing.T) {
	dir := t.TempDir()
	pipe, big := filepath.Join(dir, "pipe"), filepath.Join(dir, "big")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(big, make([]byte, maxConfig+1), 0o600); err != nil {
		t.Fatal(err)
	}
	named := func(key, file string) string {
		path := filepath.Join(dir, key+".yml")
		if err := os.WriteFile(path, []byte("tls_server_config:\n  "+key+": "+file+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct{ path, says string }{
		"a named pipe":               {pipe, pipe + " is not a regular file"},
		"a device without an end":    {"/dev/zero", "/dev/zero is not a regular file"},
		"a folder":                   {dir, dir + " is not a regular file"},
		"a large file":               {big, big + " is larger than 1 MiB"},
		"a pipe for its certificate": {named("cert_file", "pipe"), pipe + " is not a regular file"},
		"a device for its key":       {named("key_file", "/dev/zero"), "/dev/zero is not a regular file"},
		"a pipe for its authorities": {named("client_ca_file", pipe), pipe + " is not a regular file"},
	} {
		if err := checkConfig(c.path); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want %q", name, err, c.says)
		}
	}
}
