package command

import (
	"os"
	"os/signal"
	"syscall"
)

// Hangups passes SIGHUP on from now on, until signal.Stop or Release: it asks to read the configuration again. One that comes
// before somebody listens is kept. Where there is no SIGHUP, /-/reload does the same.
func Hangups() chan os.Signal {
	came := make(chan os.Signal, 1)
	signal.Notify(came, syscall.SIGHUP)
	return came
}

// Release has SIGHUP do what it did before, such as to end a command with its terminal; also one that has come meanwhile.
func Release(hangups chan os.Signal) {
	signal.Stop(hangups)
	select {
	case came := <-hangups:
		if own, err := os.FindProcess(os.Getpid()); err == nil {
			_ = own.Signal(came) // to itself, which nothing forbids
		}
	default:
	}
}
