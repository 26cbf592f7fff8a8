package testserver

import (
	"os/exec"
	"syscall"
)

// dieWithParent makes the system kill a program when the one that started it ends,
// for whatever reason.
func dieWithParent(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
