//go:build unix

package statedir

import (
	"io/fs"
	"syscall"
)

// Owner gives the numbers of user and group that a file belongs to.
func Owner(info fs.FileInfo) (user, group int) {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid), int(stat.Gid)
	}
	return -1, -1
}
