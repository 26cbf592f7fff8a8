//go:build unix

package bundle

import (
	"fmt"
	"io/fs"
	"syscall"
)

// owner is the numbers of user and group of a file.
func owner(info fs.FileInfo) string {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return fmt.Sprintf("uid %d gid %d", stat.Uid, stat.Gid)
	}
	return "owner unknown"
}
