//go:build unix

package config_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"withings-exporter/exporter/config"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/shell"
)

func TestLoadNamesAFileItMayNotRead(t *testing.T) {
	if os.Geteuid() == 0 { // who may read everything
		asNobody(t)
		return
	}
	path := write(t, "client_id: a\n")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	_, err := config.Load(path)
	if !errors.Is(err, fs.ErrPermission) || !strings.HasPrefix(err.Error(), path+": permission denied") {
		t.Errorf("got %v, want permission denied", err)
	}
	_, unread := config.Secret("", path, "influx.token")
	folder := filepath.Dir(path)
	if err := os.Chmod(folder, 0); err != nil {
		t.Fatal(err)
	}
	_, closed := config.Secret("", path, "influx.token")
	if err := os.Chmod(folder, 0o700); err != nil { // so that it can be removed
		t.Fatal(err)
	}
	who := fmt.Sprintf("this program runs as user %d", os.Geteuid())
	for _, c := range []struct {
		err error
		end string
	}{
		{err, fmt.Sprintf(": sudo chgrp %s %s && sudo chmod 640 %[2]s", shell.GroupName(os.Getegid()), path)},
		{unread, fmt.Sprintf(": sudo chgrp %s %s && sudo chmod 640 %[2]s", shell.GroupName(os.Getegid()), path)},
		{closed, ", who may not enter " + folder + ": put the file into another folder"},
	} {
		if advice := hint.Of(c.err); !strings.HasPrefix(advice, who) || !strings.HasSuffix(advice, c.end) {
			t.Errorf("the advice is %q, want %q … %q", advice, who, c.end)
		}
	}
}

// asNobody runs the test as a user without rights. The binary of the tests lies in
// a folder that only root may enter.
func asNobody(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "config-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "tests")
	if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(program, self, 0o755)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if said, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(said), "--- PASS: "+t.Name()) {
		t.Errorf("as a user without rights: %v\n%s", err, said)
	}
}
