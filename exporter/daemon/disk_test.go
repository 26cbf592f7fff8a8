//go:build linux

package daemon

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/web"
)

func TestFullDiskIsWaitedForByPollsAndBlamed(t *testing.T) {
	for name, fill := range testrun.FewOf(map[string]func(*testrun.Disk){"no bytes": (*testrun.Disk).Fill, "no inodes": (*testrun.Disk).UseInodes}) {
		t.Run(name, func(t *testing.T) {
			disk := testrun.SmallDisk(t, 16<<20, 200)
			synctest.Test(t, func(t *testing.T) {
				w := stage.NewWorld(t, filepath.Join(disk.Path, "state"), simulator.Switches{})
				w.Start()
				defer w.Set.Halt()
				w.Pass(4 * time.Minute)
				fill(disk)
				w.Pass(4 * time.Hour) // a token lasts three
				if got := w.Series()["withings_up{profile=Anna}"]; got != 0 {
					t.Errorf("withings_up is %v without a good token, want 0", got)
				}
				log := w.Log.String()
				if !strings.Contains(log, `level=ERROR msg="token cannot be saved" profile=Anna`) || !strings.Contains(log, "no space left on device") ||
					strings.Contains(log, "token not renewed") {
					t.Errorf("the log does not blame the disk alone: %s", log)
				}
				if n := strings.Count(log, `msg="token cannot be saved" profile=Anna`); n > 2 { // while the old one is good, and then
					t.Errorf("the log says so %d times", n)
				}
				card := pageOf(w).Profiles[0]
				if card.State != web.StateFailing || card.Headline != "Nothing can be saved." {
					t.Errorf("the page says %s, %q", card.State, card.Headline)
				}
				want := fmt.Sprintf("Writing to %q fails: no space left on device; ", w.Set.Dir.Path())
				for _, p := range pageOf(w).Profiles { // neither token nor readings can be saved, and nobody can be read: that is one cause
					if len(p.Causes) != 1 || p.Causes[0] != card.Causes[0] || p.Causes[0].Text != "Nothing can be saved." || !strings.HasPrefix(p.Causes[0].Do, want) {
						t.Errorf("of %s the page says %+v, want the same of everybody, that it begins with %q", p.Name, p.Causes, want)
					}
				}
				disk.Free()
				w.Pass(30 * time.Second) // two looks five seconds apart, and everybody's poll at the shared rate
				if got := w.Series()["withings_up{profile=Anna}"]; got != 1 {
					t.Errorf("withings_up is %v half a minute after the disk was free again, want 1", got)
				}
				if log := w.Log.String(); !strings.Contains(log, `msg="token renewed again" profile=Anna`) {
					t.Error("the log does not say that it is over")
				}
			})
		})
	}
}
