//go:build unix

package daemon

import (
	"os"
	"os/signal"
	"syscall"
)

// notifyHangup passes SIGHUP on: it asks to read the configuration again.
func notifyHangup(c chan<- os.Signal) { signal.Notify(c, syscall.SIGHUP) }
