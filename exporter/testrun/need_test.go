package testrun

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAMissingProgramNamesTheCommandThatGetsIt(t *testing.T) {
	t.Setenv("PATH", "")
	t.Setenv("SERVERS_DIR", t.TempDir())
	defer func(before place) { here = before }(here)
	here.skipped = ""
	for _, c := range []struct{ ci, verdict string }{{"true", "fatal"}, {"", "skip"}} {
		t.Setenv("CI", c.ci)
		r := &recorder{TB: t}
		Influx1.Path(r)
		if want := c.verdict + ": InfluxDB 1.8 is missing (to get it: .ci/servers)"; !strings.HasPrefix(r.said, want) {
			t.Errorf("with CI=%q the test is told %q, want %q", c.ci, r.said, want)
		}
	}
}

// TestAMissingRightOfRootFailsNowhere has a machine that grants none of them.
func TestAMissingRightOfRootFailsNowhere(t *testing.T) {
	defer func(before place) { here = before }(here)
	here.skipped = ""
	t.Setenv("CI", "true")
	for _, need := range []*Need{Root, Mounts} {
		lacking := *need
		lacking.has = func() bool { return false }
		r := &recorder{TB: t}
		lacking.Of(r)
		if want := "skip: " + need.What + " is missing (to get it: "; !strings.HasPrefix(r.said, want) {
			t.Errorf("the test is told %q, want %q", r.said, want)
		}
	}
}

// TestAProgramIsFoundByWhatItSaysOfItsVersion has the two InfluxDBs, which are both
// called influxd, in PATH and in the cache.
func TestAProgramIsFoundByWhatItSaysOfItsVersion(t *testing.T) {
	Unix.Of(t) // the programs here are shell scripts
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
			for what, n := range map[string]*Need{c.one: Influx1, c.two: Influx2} {
				if got := n.Path(t); got != at[what] {
					t.Errorf("%s is found at %q, want %q", n.What, got, at[what])
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

func (r *recorder) Fatal(args ...any) { r.said += "fatal: " + fmt.Sprint(args...) }
func (r *recorder) Skip(args ...any)  { r.said += "skip: " + fmt.Sprint(args...) }

func TestTheScaleLeadsFromFewToMany(t *testing.T) {
	for _, c := range []struct {
		scale string
		want  int
	}{{"", 5}, {"1", 5}, {"4", 35}, {"10", 95}} {
		t.Setenv(ScaleVar, c.scale)
		if got := Scale(5, 95); got != c.want {
			t.Errorf("at scale %q it is %d, want %d", c.scale, got, c.want)
		}
	}
}
