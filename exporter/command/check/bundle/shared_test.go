package bundle

import (
	"path/filepath"
	"strings"
	"testing"

	"withings-exporter/exporter/statedir"
)

// TestNoProfileHasTheFilesOfTheProgram, whatever its name: they would be deleted with those of the person.
func TestNoProfileHasTheFilesOfTheProgram(t *testing.T) {
	dir, err := statedir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range shared {
		profile, _, _ := strings.Cut(name, ".")
		if match, err := filepath.Match(dir.Files(profile), filepath.Join(dir.Path(), name)); match || err != nil {
			t.Errorf("%s is one of the files %s: %v", name, dir.Files(profile), err)
		}
	}
}
