package statedir_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/testrun"
)

func TestDiskWithoutSpaceOrInodesIsSaidToBeThat(t *testing.T) {
	uses := map[string]func(path string) error{
		"Write":   func(path string) error { return statedir.Write(path, make([]byte, 8192)) },
		"Room":    func(path string) error { return statedir.Room(path, 8192) },
		"Lock":    func(path string) error { _, err := statedir.Lock(t.Context(), path); return err },
		"TryLock": func(path string) error { _, _, err := statedir.TryLock(path); return err },
		"Open":    func(path string) error { _, err := statedir.Open(filepath.Join(path, "state")); return err },
		"Elsewhere": func(path string) error {
			if err := statedir.Replace(path, make([]byte, 8192)); err != nil {
				return statedir.Elsewhere(err, "the report", path, "choose another folder")
			}
			return nil
		},
	}
	for _, c := range []struct {
		name, says string
		fill       func(*testrun.Disk)
		uses       []string
	}{
		{"no bytes", "free some space on that disk", (*testrun.Disk).Fill, []string{"Write", "Room", "Elsewhere"}},
		{"no inodes", "has no inodes left (df -i)", (*testrun.Disk).UseInodes, []string{"Write", "Room", "Lock", "TryLock", "Open", "Elsewhere"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			disk := testrun.SmallDisk(t, 256<<10, 20)
			c.fill(disk)
			for _, use := range c.uses {
				err := uses[use](filepath.Join(disk.Path, use))
				if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "user running") ||
					strings.Contains(err.Error(), "choose another") || strings.Contains(err.Error(), "tmp-") {
					t.Errorf("%s: got %v, want %q", use, err, c.says)
				}
			}
			disk.Free()
			for use, f := range uses {
				if err := f(filepath.Join(disk.Path, use)); err != nil {
					t.Errorf("%s when the disk is free again: %v", use, err)
				}
			}
		})
	}
}

func TestRoomIsForOneMoreOfTheLargestFile(t *testing.T) {
	disk := testrun.SmallDisk(t, 1<<20, 20)
	dir, err := statedir.Open(disk.Path)
	if err != nil {
		t.Fatal(err)
	}
	if err := statedir.Write(dir.File("Anna", "state"), make([]byte, 400<<10)); err != nil {
		t.Fatal(err)
	}
	if err := dir.Room(); err != nil {
		t.Errorf("with room for it: %v", err)
	}
	rest := filepath.Join(disk.Path, "rest")
	if err := statedir.Write(rest, make([]byte, 400<<10)); err != nil {
		t.Fatal(err)
	}
	err = dir.Room()
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), disk.Path+`": no space left on device; free some space on that disk`) {
		t.Errorf("with room for a token, not for a state: %v", err)
	}
	if err := os.Remove(rest); err != nil {
		t.Fatal(err)
	}
	if err := dir.Room(); err != nil {
		t.Errorf("with room again: %v", err)
	}
}
