package config_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"withings-exporter/exporter/config"
	"withings-exporter/exporter/testrun"
)

// home gives the test an empty working directory and configuration folder of its own, and returns both.
func home(t *testing.T) (work, configured string) {
	t.Helper()
	work, home := t.TempDir(), t.TempDir()
	t.Chdir(work)
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv("AppData", home)
	dir, err := os.UserConfigDir()
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(dir, "withings-exporter")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return work, filepath.Join(dir, "withings.yaml")
}

func TestFindTakesTheGivenThenTheWorkingDirectoryThenTheConfigurationFolder(t *testing.T) {
	work, configured := home(t)
	expect := func(given, want string) {
		t.Helper()
		if got, err := config.Find(given); err != nil || got != want {
			t.Errorf("got %q and %v, want %q", got, err, want)
		}
	}
	expect("", "")
	short := strings.TrimSuffix(configured, "yaml") + "yml"
	put(t, short, "", 0o600)
	expect("", short)
	move(t, short, configured)
	expect("", configured)
	put(t, filepath.Join(work, "withings.yml"), "", 0o600)
	expect("", "withings.yml")
	move(t, filepath.Join(work, "withings.yml"), filepath.Join(work, "withings.yaml"))
	expect("", "withings.yaml")
	put(t, filepath.Join(work, "other.yaml"), "", 0o600)
	expect("other.yaml", "other.yaml")
}

func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func TestFindDoesNotChooseBetweenTwoFilesOfAFolder(t *testing.T) {
	work, configured := home(t)
	short := strings.TrimSuffix(configured, "yaml") + "yml"
	put(t, configured, "", 0o600)
	put(t, short, "", 0o600)
	want := configured + ": is there, and " + short + " as well; keep one of them: copy to " + configured + " what only " + short + " has, and remove " + short
	if _, err := config.Find(""); err == nil || err.Error() != want {
		t.Errorf("in the configuration folder:\n got %v\nwant %s", err, want)
	}
	put(t, filepath.Join(work, "withings.yml"), "", 0o600)
	if path, err := config.Find(""); err != nil || path != "withings.yml" {
		t.Errorf("got %q and %v, want withings.yml, since the folder that has two is not asked", path, err)
	}
	put(t, filepath.Join(work, "withings.yaml"), "", 0o600)
	want = "withings.yaml: is there, and withings.yml as well; keep one of them: copy to withings.yaml what only withings.yml has, and remove withings.yml"
	if _, err := config.Find(""); err == nil || err.Error() != want {
		t.Errorf("in the working directory:\n got %v\nwant %s", err, want)
	}
	if path, err := config.Find(short); err != nil || path != short {
		t.Errorf("got %q and %v, want the file that is given", path, err)
	}
}

func TestFindDoesNotPassOverAGivenFileThatIsNotThere(t *testing.T) {
	work, configured := home(t)
	put(t, configured, "", 0o600)
	put(t, filepath.Join(work, "withings.yaml"), "", 0o600)
	_, err := config.Find("missing.yaml")
	var e *config.Error
	if !errors.As(err, &e) || e.Path != "missing.yaml" || e.Advice == "" || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want an *Error about missing.yaml that is fs.ErrNotExist", err)
	}
}

func TestFindDoesNotPassOverALinkThatLeadsNowhere(t *testing.T) {
	testrun.Unix.Of(t) // others may have no symbolic links
	home(t)
	if err := os.Symlink("gone", "withings.yaml"); err != nil {
		t.Fatal(err)
	}
	path, err := config.Find("")
	if err != nil || path != "withings.yaml" {
		t.Errorf("got %q and %v, want withings.yaml", path, err)
	}
}

func TestFindNeedsNoHome(t *testing.T) {
	home(t)
	t.Setenv("HOME", "")
	t.Setenv("AppData", "")
	if path, err := config.Find(""); err != nil || path != "" {
		t.Errorf("got %q and %v, want nothing", path, err)
	}
}

func TestStateDirFollowsTheBaseDirectorySpecification(t *testing.T) {
	testrun.Unix.Of(t)
	cases := []struct{ name, xdg, home, want string }{
		{"XDG_STATE_HOME", "/var/state", "/home/anna", "/var/state/withings-exporter"},
		{"home", "", "/home/anna", "/home/anna/.local/state/withings-exporter"},
		{"a relative XDG_STATE_HOME is ignored", "state", "/home/anna", "/home/anna/.local/state/withings-exporter"},
		{"neither", "", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("XDG_STATE_HOME", c.xdg)
			t.Setenv("HOME", c.home)
			got, err := config.StateDir()
			if got != c.want || (err != nil) != (c.want == "") {
				t.Errorf("got %q and %v, want %q", got, err, c.want)
			}
			if err != nil && !strings.Contains(err.Error(), "--state.dir") {
				t.Errorf("got %v, want an error that says what to set", err)
			}
		})
	}
}
