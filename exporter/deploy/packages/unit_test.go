package packages

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"withings-exporter/exporter/testrun"
)

const unit = "../systemd/withings-exporter.service"

var analyze = testrun.Program("systemd-analyze", "apt-get install systemd")

// TestTheUnitIsHardened asks systemd how exposed the service is, from 0 to 10.
func TestTheUnitIsHardened(t *testing.T) {
	output, err := exec.Command(analyze.Path(t), "security", "--offline=true", "--no-pager", unit).CombinedOutput()
	if err != nil {
		t.Fatalf("systemd-analyze: %v\n%s", err, output)
	}
	level := regexp.MustCompile(`Overall exposure level for withings-exporter\.service: ([0-9.]+) `).FindSubmatch(output)
	if level == nil {
		t.Fatalf("systemd-analyze names no level:\n%s", output)
	}
	if exposed, err := strconv.ParseFloat(string(level[1]), 64); err != nil || exposed >= 2 {
		t.Errorf("the exposure is %s (%v), want less than 2.0:\n%s", level[1], err, output)
	}
}

// TestCommandsToCopyAreThoseOfTheService: what the service and a command that is run as it tell people to run.
func TestCommandsToCopyAreThoseOfTheService(t *testing.T) {
	for path, want := range map[string]string{
		unit:                        `Environment="EXPORTER_PROGRAM=sudo withings-exporter-service"`,
		"withings-exporter-service": `export EXPORTER_PROGRAM="sudo withings-exporter-service"`,
	} {
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), "\n"+want+"\n") {
			t.Errorf("%s is without %s: %v", path, want, err)
		}
	}
}

// TestTheUnitIsUnderstood has systemd read it, with programs that are there.
func TestTheUnitIsUnderstood(t *testing.T) {
	path := analyze.Path(t)
	text, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	here := filepath.Join(t.TempDir(), filepath.Base(unit))
	text = []byte(strings.Replace(string(text), "/usr/bin/withings-exporter", "/bin/sh", 1))
	if err := os.WriteFile(here, text, 0o600); err != nil {
		t.Fatal(err)
	}
	// The man page is where the package is; verify tells of mistakes without failing.
	output, err := exec.Command(path, "verify", "--man=no", here).CombinedOutput()
	if err != nil || strings.Contains(string(output), filepath.Base(unit)) {
		t.Errorf("systemd says (%v):\n%s", err, output)
	}
}

// TestTheServiceComesUpOnceWhatItNeedsIsThere: a secret may be on a disk that comes late, which is exit code 2, or one of systemd
// that cannot load it. No number of failures is the last, and no exit code; a minute apart they do not fill the journal.
func TestTheServiceComesUpOnceWhatItNeedsIsThere(t *testing.T) {
	has := settings(t)
	for name, want := range map[string]string{"Restart": "on-failure", "RestartSec": "1min", "StartLimitIntervalSec": "0"} {
		if has[name] != want {
			t.Errorf("%s is %q, want %q", name, has[name], want)
		}
	}
	for _, name := range []string{"RestartPreventExitStatus", "SuccessExitStatus", "StartLimitBurst"} {
		if value, ok := has[name]; ok {
			t.Errorf("%s=%s may leave it down for good", name, value)
		}
	}
}

// TestACrashIsNoMistakeInTheConfiguration: Go ends with exit code 2 after a crash, and after the signal of systemd's watchdog,
// unless it is told to end by a signal. A 2 in systemctl status is a mistake in the configuration.
func TestACrashIsNoMistakeInTheConfiguration(t *testing.T) {
	text, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"Environment=GOTRACEBACK=crash", "LimitCORE=0"} {
		if !strings.Contains(string(text), "\n"+line+"\n") {
			t.Errorf("the unit has no line %s", line)
		}
	}
}

// settings are those of the unit, each with its last value.
func settings(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(line, "#") {
			all[name] = value
		}
	}
	return all
}
