//go:build !linux

package testserver

import "os/exec"

// dieWithParent does nothing on systems that cannot do this: a program keeps running
// when the test program is killed.
func dieWithParent(*exec.Cmd) {}
