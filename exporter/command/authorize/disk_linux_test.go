package authorize

import (
	"fmt"
	"testing"

	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/testrun"
)

func TestFullDiskIsToldBeforeAnybodyGoesToWithings(t *testing.T) {
	s, disk := stage.New(t), testrun.SmallDisk(t, 256<<10, 20)
	s.Settings.StateDir = disk.Path
	mustAuthorize(s, "Anna", "Anna")
	before := content(s, "Anna")
	disk.Fill()
	a, err := run(s, Options{Profile: "Anna", NoBrowser: true, Listen: anywhere}, nil)
	stage.Says(t, "error", fmt.Sprint(err), "before signing in", disk.Path, "no space left on device; free some space on that disk")
	if a.out.String() != "" || content(s, "Anna") != before {
		t.Errorf("it wrote %q, and the token is changed: %t", a.out, content(s, "Anna") != before)
	}
}
