//go:build !linux

package testrun

func mounts() bool   { return false }
func memory() string { return "" }
