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

// memory is the folder for files in memory, "" where no program may lie there, or there
// is no room: containers often give it 64 MB.
func memory() string {
	const folder, enough, noPrograms = "/dev/shm", 4 << 30, 0x8
	var disk syscall.Statfs_t
	if syscall.Statfs(folder, &disk) != nil || disk.Bavail*uint64(disk.Bsize) < enough || disk.Flags&noPrograms != 0 {
		return ""
	}
	return folder
}
