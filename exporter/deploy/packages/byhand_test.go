package packages

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestWhatIsInstalledByHandIsThereAndInTheArchive: the commands for a clone name each file of the service that a package installs, and
// the archive for Linux has it in its folder "service".
func TestWhatIsInstalledByHandIsThereAndInTheArchive(t *testing.T) {
	const top = "../../.."
	read := func(path string) string {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(top, path))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	_, section, _ := strings.Cut(read("exporter/docs/service.md"), "\n## systemd without a package\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var byHand []string
	for _, pattern := range regexp.MustCompile(`exporter/deploy/\S+/\S+`).FindAllString(section, -1) {
		found, err := filepath.Glob(filepath.Join(top, pattern))
		if err != nil || len(found) == 0 {
			t.Errorf("%s is not there: %v", pattern, err)
		}
		for _, path := range found {
			byHand = append(byHand, filepath.Base(path))
		}
	}
	copies := regexp.MustCompile(`linux\) install [^;]*/service" ([^;]*) ;;`).FindStringSubmatch(read(".ci/release"))
	if copies == nil {
		t.Fatal(".ci/release fills no folder service for Linux")
	}
	list := exec.Command("bash", "-c", "ls "+copies[1])
	list.Dir = top
	output, err := list.Output()
	if err != nil {
		t.Fatalf("what .ci/release copies is not there: %v", err)
	}
	var archive []string
	for path := range strings.FieldsSeq(string(output)) {
		archive = append(archive, filepath.Base(path))
	}
	slices.Sort(byHand)
	slices.Sort(archive)
	if want := []string{"example.yaml", "withings-exporter-service", "withings-exporter.service", "withings-exporter.socket"}; !slices.Equal(byHand, want) || !slices.Equal(archive, want) {
		t.Errorf("installed by hand are %q, and in the archive %q; want both to be %q", byHand, archive, want)
	}
}
