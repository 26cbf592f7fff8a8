package auth

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/testrun"
)

func TestRealDiskThatIsFullIsWaitedFor(t *testing.T) {
	for name, size := range map[string]int{"no bytes": 1 << 20, "no inodes": 0} {
		t.Run(name, func(t *testing.T) {
			disk := smallDisk(t)
			dir, err := statedir.Open(disk)
			if err != nil {
				t.Fatal(err)
			}
			h := &fixture{newCloud(t), dir}
			h.authorize(t)
			s := h.source()
			h.mustWork(t, s)
			fill(t, disk, size)
			h.clock.pass(3 * time.Hour)
			_, err = s.Token(t.Context())
			blamesDisk(t, err, syscall.ENOSPC)
			if err := os.RemoveAll(filepath.Join(disk, ballast)); err != nil {
				t.Fatal(err)
			}
			h.clock.pass(diskRetry)
			if !s.Reload() {
				t.Error("the disk that is free again was not noticed")
			}
			h.mustWork(t, s)
			fill(t, disk, size)
			if err := s.Flush(t.Context()); err != nil && !errors.Is(err, syscall.ENOSPC) {
				t.Error(err)
			}
			h.mustWork(t, s) // nothing is to be written
		})
	}
}

// ballast is the folder that fill puts files into.
const ballast = "ballast"

// smallDisk mounts a disk of 256 kB and 20 inodes until the test ends.
func smallDisk(t *testing.T) (path string) {
	t.Helper()
	testrun.Mounts.Of(t)
	path = t.TempDir()
	if err := syscall.Mount("tmpfs", path, "tmpfs", 0, "mode=0700,size=262144,nr_inodes=20"); err != nil {
		t.Fatalf("mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(path, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return path
}

// fill writes files of a size until the disk takes no more: what runs out is room
// for one that is too large, or the inodes for empty ones.
func fill(t *testing.T, disk string, size int) {
	t.Helper()
	folder := filepath.Join(disk, ballast)
	err := os.MkdirAll(folder, 0o700)
	for n := 0; err == nil; n++ {
		name := filepath.Join(folder, strconv.Itoa(n))
		err = os.WriteFile(name, make([]byte, size), 0o600)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("fill the disk: %v", err)
	}
}
