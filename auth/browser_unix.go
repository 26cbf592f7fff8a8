//go:build unix

package auth

import (
	"os/exec"
	"syscall"
)

// detach gives the command a session of its own, away from this terminal.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
