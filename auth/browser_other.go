//go:build !unix

package auth

import "os/exec"

// detach does nothing: the helper that opens the browser ends by itself here.
func detach(*exec.Cmd) {}
