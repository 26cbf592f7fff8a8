//go:build !unix

package daemon

import "os"

// notifyHangup does nothing where there is no SIGHUP; /-/reload does the same.
func notifyHangup(chan<- os.Signal) {}
