package testserver

import (
	"os/exec"
	"syscall"
)

// dieWithParent lets a program be killed when the one that starts it is gone,
// whatever ended that.
func dieWithParent(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
