//go:build unix

package statedir

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"withings-exporter/exporter/testrun"
)

const (
	container = 65532 // the user of the image, as whom a test opens the folder
	openVar   = "STATEDIR_TEST_OPEN"
)

// TestMain holds a lock that a test has put into the environment, or opens the folder that a test has put into the environment, as the
// user that the test has started it as, and prints what comes of it.
func TestMain(m *testing.M) {
	if path := os.Getenv(holdVar); path != "" {
		hold(path)
		return
	}
	path := os.Getenv(openVar)
	if path == "" {
		os.Exit(m.Run())
	}
	if _, err := Open(path); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// openAs opens a folder as another user and returns the error's text. Only root
// can become somebody else; others see the same folders refused below.
func openAs(t *testing.T, user uint32, path string) string {
	t.Helper()
	testrun.Root.Of(t)
	// The binary of the tests lies in a folder that only root may enter.
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(shared(t), "open")
	if err := os.WriteFile(program, self, 0o755); err != nil {
		t.Fatal(err)
	}
	covered := shared(t) // where the other user can write what go test -cover counts
	if err := os.Chmod(covered, 0o777); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), program)
	command.Env = append(os.Environ(), openVar+"="+path, "GOCOVERDIR="+covered, "GORACE=atexit_sleep_ms=0") // else each lasts a second
	command.Dir = "/"
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Run(); err != nil && out.Len() == 0 {
		t.Fatal(err)
	}
	return out.String()
}

// shared is a temporary folder that everybody may enter.
func shared(t *testing.T) string {
	t.Helper()
	path, err := os.MkdirTemp("", "statedir-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(path) })
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// volume makes a folder with an owner and a mode.
func volume(t *testing.T, owner, group int, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(shared(t), "data")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(path, owner, group); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestVolumeOfTheImageIsOpened(t *testing.T) {
	for name, before := range map[string]os.FileMode{"closed": 0o700, "open to others": 0o755} {
		path := volume(t, container, container, before)
		if got := openAs(t, container, path); got != "" {
			t.Errorf("%s: got error %q", name, got)
		}
		if got := mode(t, path); got != 0o700 {
			t.Errorf("%s: mode is %#o, want 0700", name, got)
		}
	}
}

func TestBindMountOfAnotherUserIsRefusedWithTheCommandToType(t *testing.T) {
	got := openAs(t, container, volume(t, 1000, 1000, 0o755))
	for _, want := range []string{"cannot write to the state directory", "permission denied", "runs as user 65532", "belongs to user 1000",
		"chown -R 65532:65532", "--user 1000:1000"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want %q in it", got, want)
		}
	}
}

// A volume with an fsGroup is root's and open to a group of ours: the files in it
// would be where others may rename them, and its mode is not ours to change.
func TestVolumeOfAGroupIsRefusedAndAFolderInItIsTaken(t *testing.T) {
	path := volume(t, 0, container, 0o770|os.ModeSetgid)
	got := openAs(t, container, path)
	inside := filepath.Join(path, "state")
	for _, want := range []string{"belongs to user 0 and group 65532 with mode 0770", "WITHINGS_STATE_DIR=" + inside} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want %q in it", got, want)
		}
	}
	for range 2 { // the second time the volume has been mounted anew, which opens everything in it to the group
		if got := openAs(t, container, inside); got != "" {
			t.Errorf("the folder inside: got error %q", got)
		}
		if got := mode(t, inside); got != 0o700 {
			t.Errorf("the folder inside has mode %#o, want 0700", got)
		}
		if err := os.Chmod(inside, 0o770|os.ModeSetgid); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFolderThatCannotBeMadeSaysWhoMayNot(t *testing.T) {
	path := volume(t, 1000, 1000, 0o755)
	got := openAs(t, container, filepath.Join(path, "deep", "state"))
	if !strings.Contains(got, "create the state directory") || !strings.Contains(got, path+" belongs to user 1000") {
		t.Errorf("got %q, want the folder that forbids it", got)
	}
}

func TestOwnFolderWithoutTheRightToWriteIsRefused(t *testing.T) {
	path, got := volume(t, container, container, 0o500), ""
	if os.Geteuid() == 0 { // who may write everywhere
		got = openAs(t, container, path)
	} else if _, err := Open(path); err != nil {
		got = err.Error()
	}
	if !strings.Contains(got, "run chmod 700 "+path) {
		t.Errorf("got %q, want an error that says chmod 700", got)
	}
}

// TestALockOfRootIsOfNoUseToTheOwnerOfTheFolder, which root, who could lock it, is told with the command to type.
func TestALockOfRootIsOfNoUseToTheOwnerOfTheFolder(t *testing.T) {
	testrun.Root.Of(t)
	d := &Dir{path: volume(t, container, container, 0o700)}
	path := filepath.Join(d.path, "x.lock")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Usable(d, path); err == nil || !strings.Contains(err.Error(), "chown -R 65532:65532 "+d.path) {
		t.Errorf("got %v", err)
	}
	if err := os.Chown(path, container, container); err != nil {
		t.Fatal(err)
	}
	if err := Usable(d, path); err != nil {
		t.Errorf("its own lock: %v", err)
	}
}
