package auth

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/testrun"
)

func TestRealDiskThatIsFullIsWaitedFor(t *testing.T) {
	for name, fill := range map[string]func(*testrun.Disk){"no bytes": (*testrun.Disk).Fill, "no inodes": (*testrun.Disk).UseInodes} {
		t.Run(name, func(t *testing.T) {
			disk := testrun.SmallDisk(t, 256<<10, 20)
			dir, err := statedir.Open(disk.Path)
			if err != nil {
				t.Fatal(err)
			}
			h := &fixture{newCloud(t), dir}
			h.authorize(t)
			s := h.source()
			h.mustWork(t, s)
			fill(disk)
			h.clock.pass(3 * time.Hour)
			_, err = s.Token(t.Context())
			blamesDisk(t, err, syscall.ENOSPC)
			disk.Free()
			h.clock.pass(diskRetry)
			if !s.Reload() {
				t.Error("the disk that is free again was not noticed")
			}
			h.mustWork(t, s)
			fill(disk)
			if err := s.Flush(t.Context()); err != nil && !errors.Is(err, syscall.ENOSPC) {
				t.Error(err)
			}
			h.mustWork(t, s) // nothing is to be written
		})
	}
}
