package testserver

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestAServerEndsWhenItsTestProgramIsKilled runs this program once more, lets it
// start a server, and kills it.
func TestAServerEndsWhenItsTestProgramIsKilled(t *testing.T) {
	const asked = "TESTSERVER_START_AND_WAIT"
	if os.Getenv(asked) != "" {
		s := Victoria(t)
		_, _ = os.Stdout.WriteString("address " + s.address + "\n")
		select {}
	}
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends a program with the one that started it")
	}
	victoria.find(t)
	inner := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.timeout=1m")
	inner.Env = append(os.Environ(), asked+"=1", "TMPDIR="+t.TempDir())
	out, err := inner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := inner.Start(); err != nil {
		t.Fatal(err)
	}
	address := ""
	for lines := bufio.NewScanner(out); address == "" && lines.Scan(); {
		address, _ = strings.CutPrefix(lines.Text(), "address ")
	}
	if !listens(address) {
		t.Errorf("the server at %q does not run", address)
	}
	if err := inner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = inner.Wait() // it was killed
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	limit := time.After(30 * time.Second)
	for listens(address) {
		select {
		case <-again.C:
		case <-limit:
			t.Fatalf("the server at %s outlives its test program", address)
		}
	}
}

func listens(address string) bool {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

func TestAProgramThatEndsBeforeItIsReadyIsToldApart(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	p, err := startProcess(log, os.Args[0], "-test.run=^$", "-no-such-flag")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.await(func() error { return os.ErrNotExist }); err != errEnded {
		t.Errorf("await returns %v, want %v", err, errEnded)
	}
	if said := tail(log); !strings.Contains(said, "no-such-flag") {
		t.Errorf("the log is %q, which does not tell what was wrong", said)
	}
}

func TestAMissingProgramNamesTheCommandThatGetsIt(t *testing.T) {
	t.Setenv("PATH", "")
	t.Setenv("SERVERS_DIR", t.TempDir())
	for _, c := range []struct{ ci, verdict string }{{"true", "fatal"}, {"", "skip"}} {
		t.Setenv("CI", c.ci)
		r := &recorder{TB: t}
		influxd.find(r)
		if want := c.verdict + ": influxd 1.x is missing; get it with: .ci/servers"; !strings.HasPrefix(r.said, want) {
			t.Errorf("with CI=%q the test is told %q, want %q", c.ci, r.said, want)
		}
	}
}

// TestAProgramIsFoundByWhatItSaysOfItsVersion has the two InfluxDBs, which are both
// called influxd, in PATH and in the cache.
func TestAProgramIsFoundByWhatItSaysOfItsVersion(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the programs here are shell scripts")
	}
	place := func(folder, says string) string {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, "influxd")
		if err := os.WriteFile(path, []byte("#!/bin/sh\necho "+says+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		name, first, second string // in PATH
		one, two            string // where InfluxDB 1.8 and 2.7 are to be found
	}{
		{"none in PATH", "", "", "cache", "cache"},
		{"both in PATH", "InfluxDB v1.8.10 '(git: x y)'", "InfluxDB 2.7.12 '(git: x)'", "first", "second"},
		{"the other way round", "InfluxDB v2.7.12 '(git: x)'", "InfluxDB v1.8.10 '(git: x y)'", "second", "first"},
		{"another version 2 alone", "InfluxDB v2.9.0", "", "cache", "first"},
		{"a version that is neither", "InfluxDB v3.1.0", "influxd, v1.2", "cache", "cache"},
	} {
		t.Run(c.name, func(t *testing.T) {
			home := t.TempDir()
			at := map[string]string{
				"first":  place(filepath.Join(home, "first"), c.first),
				"second": place(filepath.Join(home, "second"), c.second),
				"one":    place(filepath.Join(home, "influxdb-1.8.10"), "InfluxDB v1.8.10"),
				"two":    place(filepath.Join(home, "influxdb-2.7.12"), "InfluxDB 2.7.12"),
			}
			t.Setenv("SERVERS_DIR", home)
			t.Setenv("PATH", filepath.Join(home, "first")+string(os.PathListSeparator)+filepath.Join(home, "second"))
			if c.one == "cache" {
				c.one = "one"
			}
			if c.two == "cache" {
				c.two = "two"
			}
			for what, p := range map[string]program{c.one: influxd, c.two: influxd2} {
				if got := p.find(t); got != at[what] {
					t.Errorf("influxd %sx is found at %q, want %q", p.says, got, at[what])
				}
			}
		})
	}
}

// recorder notes how a test would have ended, and lets it go on.
type recorder struct {
	testing.TB
	said string
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.said += "fatal: " + fmt.Sprintf(format, args...)
}
func (r *recorder) Skipf(format string, args ...any) {
	r.said += "skip: " + fmt.Sprintf(format, args...)
}
