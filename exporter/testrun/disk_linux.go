package testrun

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// Disk is a small file system of its own, in memory.
type Disk struct {
	Path string
	t    testing.TB
}

// SmallDisk mounts a disk with the given number of bytes and inodes until the test
// ends.
func SmallDisk(t testing.TB, bytes, inodes int) *Disk {
	t.Helper()
	Mounts.Of(t)
	path := t.TempDir()
	options := "mode=0700,size=" + strconv.Itoa(bytes) + ",nr_inodes=" + strconv.Itoa(inodes)
	if err := syscall.Mount("tmpfs", path, "tmpfs", 0, options); err != nil {
		t.Fatalf("mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(path, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return &Disk{path, t}
}

func (d *Disk) ballast() string { return filepath.Join(d.Path, "ballast") }

// Fill uses all bytes.
func (d *Disk) Fill() {
	d.t.Helper()
	f, err := os.Create(d.ballast())
	if err != nil {
		d.t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	if closed := f.Close(); closed != nil || !errors.Is(err, syscall.ENOSPC) {
		d.t.Fatalf("fill the disk: %v, %v", err, closed)
	}
}

// UseInodes uses all inodes but leaves bytes free.
func (d *Disk) UseInodes() {
	d.t.Helper()
	if err := os.Mkdir(d.ballast(), 0o700); err != nil {
		d.t.Fatal(err)
	}
	for n := 0; ; n++ {
		err := os.WriteFile(filepath.Join(d.ballast(), strconv.Itoa(n)), nil, 0o600)
		if errors.Is(err, syscall.ENOSPC) {
			return
		}
		if err != nil {
			d.t.Fatal(err)
		}
	}
}

// Free undoes Fill or UseInodes.
func (d *Disk) Free() {
	d.t.Helper()
	if err := os.RemoveAll(d.ballast()); err != nil {
		d.t.Fatal(err)
	}
}
