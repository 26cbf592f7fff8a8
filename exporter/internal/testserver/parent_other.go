//go:build !linux

package testserver

import "os/exec"

// dieWithParent does nothing where the system has no such way: a program stays
// behind when the test program is killed.
func dieWithParent(*exec.Cmd) {}
