package check

import (
	"io"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
)

// TestAFullDiskIsAFailedCheck: the state directory can be opened and read, but the next token is lost.
func TestAFullDiskIsAFailedCheck(t *testing.T) {
	for name, fill := range map[string]func(*testrun.Disk){"no bytes": (*testrun.Disk).Fill, "no inodes": (*testrun.Disk).UseInodes} {
		t.Run(name, func(t *testing.T) {
			disk := testrun.SmallDisk(t, 16<<20, 200)
			synctest.Test(t, func(t *testing.T) {
				w := stage.NewWorld(t, filepath.Join(disk.Path, "state"), simulator.Switches{})
				for _, full := range []bool{false, true} {
					if full {
						fill(disk)
					}
					var out strings.Builder
					err := Check(t.Context(), w.Settings, &out, io.Discard)
					told := strings.Contains(out.String(), "FAIL  state directory: no file can be written in ") && strings.Contains(out.String(), "no space left on device; ")
					if (err != nil) != full || told != full {
						t.Errorf("full %v: %v, it says\n%s", full, err, &out)
					}
				}
			})
		})
	}
}
