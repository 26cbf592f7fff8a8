package statedir

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestWhoMayNotWriteIsToldWhatToType(t *testing.T) {
	denied := &fs.PathError{Op: "open", Path: "/data/.probe", Err: syscall.EACCES}
	cases := []struct {
		name      string
		err       error
		folder    folder
		want, not string
	}{
		{"a bind mount of another user", denied, folder{"/data", fs.ModeDir | 0o755, 1000, 1001, 65532, 65532},
			"this program runs as user 65532, but /data belongs to user 1000 and group 1001 with mode 0755: run chown -R 65532:65532 on it " +
				"(for a container, on the host's folder that is mounted there), or run this program as its owner (a container with --user 1000:1001)", ""},
		{"a folder that Docker made as root", denied, folder{"/data", fs.ModeDir | 0o755, 0, 0, 65532, 65532},
			"run chown -R 65532:65532", "--user 0"},
		{"own folder without the right to write", denied, folder{"/data", fs.ModeDir | 0o500, 7, 7, 7, 7},
			"/data is yours with mode 0500: run chmod 700 /data", "chown"},
		{"own folder, open, and yet", denied, folder{"/data", fs.ModeDir | 0o700, 7, 7, 7, 7}, "SELinux", "chmod"},
		{"read-only mount", &fs.PathError{Op: "open", Path: "/data/.probe", Err: syscall.EROFS},
			folder{"/data", fs.ModeDir | 0o700, 7, 7, 7, 7}, "/data is mounted read-only", "chown"},
		{"read-only system", &fs.PathError{Op: "mkdir", Path: "/state", Err: syscall.EROFS},
			folder{"/", fs.ModeDir | 0o755, 0, 0, 7, 7}, "mount a volume", "chown"},
		{"a full disk", &fs.PathError{Op: "mkdir", Path: "/data/state", Err: syscall.ENOSPC},
			folder{"/data", fs.ModeDir | 0o700, 7, 7, 7, 7}, "free some space on that disk", "the user"},
		{"too many open files", &fs.PathError{Op: "open", Path: "/data/.probe", Err: syscall.EMFILE},
			folder{"/data", fs.ModeDir | 0o700, 7, 7, 7, 7}, "too many files open", "the user"},
		{"too many open files of the system", &fs.PathError{Op: "open", Path: "/data/.probe", Err: syscall.ENFILE},
			folder{"/data", fs.ModeDir | 0o700, 7, 7, 7, 7}, "whole system has too many files open", "the user"},
		{"a file above", &fs.PathError{Op: "mkdir", Path: "/data/file", Err: syscall.ENOTDIR},
			folder{"/data", fs.ModeDir | 0o700, 7, 7, 7, 7}, "a file is where a folder must be", "fix"},
		{"something else", &fs.PathError{Op: "mkdir", Path: "/data/state", Err: syscall.EIO},
			folder{"/data", fs.ModeDir | 0o700, 7, 7, 7, 7}, "fix that at /data", "write"},
		{"a system without numbers of users", denied, folder{`C:\state`, fs.ModeDir | 0o777, -1, -1, -1, -1},
			`allow the user running this program to write to C:\state`, "chown"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := advise(c.err, c.folder)
			if !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q in it", got, c.want)
			}
			if c.not != "" && strings.Contains(got, c.not) {
				t.Errorf("got %q, want no %q in it", got, c.not)
			}
		})
	}
}

func TestAFolderOfTheSystemIsNeverToBeGivenAway(t *testing.T) {
	denied := &fs.PathError{Op: "mkdir", Path: "/var/lib/withings", Err: syscall.EACCES}
	for owner, want := range map[int]string{
		0: "this program runs as user 70007, but /var/lib belongs to user 0 and group 0 with mode 0755: make the folder for it " +
			"(as root: install -d -m 700 -o 70007 -g 70008 /var/lib/withings), or choose another with --state.dir",
		70007: "owner and mode of /var/lib allow writing, so a security policy must forbid it: with SELinux, mount it with :Z",
	} {
		f := folder{path: "/var/lib", mode: fs.ModeDir | 0o755, owner: owner, uid: 70007, gid: 70008}
		if got := f.adviseMake(denied, "/var/lib/withings"); got != want {
			t.Errorf("owner %d: got %q, want %q", owner, got, want)
		}
	}
}

func TestAFolderWithASpaceIsOneWordOfACommand(t *testing.T) {
	own := folder{path: "/my data", mode: fs.ModeDir | 0o500, owner: 7, group: 7, uid: 7, gid: 7}
	system := folder{path: "/my data", mode: fs.ModeDir | 0o755, uid: 70007, gid: 70007}
	file := filepath.Join(t.TempDir(), "its own")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, got := range map[string]string{
		"run chmod 700 '/my data'":                                 advise(fs.ErrPermission, own),
		"install -d -m 700 -o 70007 -g 70007 '/my data/withings')": system.adviseMake(fs.ErrPermission, "/my data/withings"),
		"chmod 600 '" + file + "'":                                 readHint(file, fs.ErrPermission),
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want %q in it", got, want)
		}
	}
}

func TestTheStateOfAServiceIsGivenToNobodyElse(t *testing.T) {
	usual := ofService
	t.Cleanup(func() { ofService = usual })
	ofService = func(string) string { return "run it as the service" }
	anna := folder{path: "/x", mode: fs.ModeDir | 0o700, owner: 70008, group: 70008, uid: 70007, gid: 70007}
	for name, got := range map[string]string{
		"a folder": advise(fs.ErrPermission, anna),
		"a file":   readHint("/x/+ben.token.json", fs.ErrPermission),
		"a lock":   hintFor("/x/+ben.token.lock", fs.ErrPermission),
	} {
		if got != "run it as the service" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestAUserWithANameIsGivenAFolderByName(t *testing.T) {
	usual := own
	t.Cleanup(func() { own = usual })
	own = func(folder string, user, _ int) string {
		if user != 70007 {
			return ""
		}
		return "sudo chown -R anna: " + folder
	}
	roots := folder{path: "/x", mode: fs.ModeDir | 0o700, owner: 0, group: 0, uid: 70007, gid: 70007}
	for got, want := range map[string]string{
		advise(fs.ErrPermission, roots): "this program runs as user 70007, but /x belongs to user 0 and group 0 with mode 0700: run: sudo chown -R anna: /x",
		giveTo("/x", 70007, 70007):      "run: sudo chown -R anna: /x",
		giveTo("/a b", 70008, 70009):    "as root, run chown -R 70008:70009 '/a b'",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
