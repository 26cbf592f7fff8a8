//go:build unix

package statedir

import (
	"io/fs"
	"syscall"
)

// Owner returns the ids of the user and the group that own a file.
func Owner(info fs.FileInfo) (user, group int) {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid), int(stat.Gid)
	}
	return -1, -1
}
