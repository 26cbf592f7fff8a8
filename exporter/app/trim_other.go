//go:build !linux

package app

// unmapFile does nothing where the system has no such way.
func unmapFile() {}
