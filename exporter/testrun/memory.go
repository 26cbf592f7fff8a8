package testrun

import (
	"os"
	"testing"
)

// InMemory runs the tests of a package with their temporary files in memory, where the
// system has a folder for that with room enough. What is under test syncs every file it
// writes: on a disk, the tests wait for little else.
func InMemory(m *testing.M) Runner { return Runner{m} }

// Runner runs the tests of a package.
type Runner struct{ m *testing.M }

// Run does so and returns the exit code.
func (r Runner) Run() int {
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
