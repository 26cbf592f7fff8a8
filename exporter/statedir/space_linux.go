package statedir

import "syscall"

// noInodes reports whether a full disk has space left, and no inodes for new files.
func noInodes(dir string) bool {
	var disk syscall.Statfs_t
	return syscall.Statfs(dir, &disk) == nil && disk.Files > 0 && disk.Ffree == 0
}
