package testrun

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
)

// InMemory runs the tests of a package with their temporary files in memory, where the
// system has a folder for that with room enough. What is under test syncs every file it
// writes: on a disk, the tests wait for little else.
func InMemory(m *testing.M) Runner { return Runner{m: m} }

// Runner runs the tests of a package.
type Runner struct {
	m     *testing.M
	plain string // why the race detector would find nothing
}

// Plain leaves the tests of a package out when the race detector watches, since it would
// find nothing for the given reason. The gate runs them without it.
func (r Runner) Plain(why string) Runner {
	r.plain = why
	return r
}

// Waiting lets twice as many parallel tests run at once, for tests that wait for
// processes more than they compute. The flag -parallel overrides it.
func (r Runner) Waiting() Runner {
	if parallel := flag.Lookup("test.parallel"); parallel != nil {
		_ = parallel.Value.Set(strconv.Itoa(2 * runtime.GOMAXPROCS(0)))
	}
	return r
}

// Collect is GOGC for processes of tests: theirs are short, and collecting garbage as
// often as a server does would be a fifth of their work.
const Collect = 400

// Run does so and returns the exit code. With -bench it only runs them: a benchmark
// measures what is shipped.
func (r Runner) Run() int {
	flag.Parse()
	if racing && r.plain != "" {
		fmt.Println("left out with the race detector: " + r.plain)
		return 0
	}
	if bench := flag.Lookup("test.bench"); bench != nil && bench.Value.String() != "" {
		return r.m.Run()
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(Collect)
	}
	if folder := memory(); folder != "" {
		if folder, err := os.MkdirTemp(folder, "withings-exporter-test-"); err == nil {
			defer os.RemoveAll(folder)
			if os.Setenv("TMPDIR", folder) == nil {
				defer os.Unsetenv("TMPDIR")
			}
		}
	}
	return r.m.Run()
}
