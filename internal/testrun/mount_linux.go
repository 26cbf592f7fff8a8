package testrun

import (
	"os"
	"syscall"
)

// mounts tries to mount a small disk.
func mounts() bool {
	path, err := os.MkdirTemp("", "mount")
	if err != nil {
		return false
	}
	defer os.Remove(path)
	if syscall.Mount("tmpfs", path, "tmpfs", 0, "size=4096") != nil {
		return false
	}
	return syscall.Unmount(path, syscall.MNT_DETACH) == nil
}
