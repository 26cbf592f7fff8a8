//go:build !unix

package statedir

import "io/fs"

// Owner has no ids to return on this system.
func Owner(fs.FileInfo) (user, group int) { return -1, -1 }
