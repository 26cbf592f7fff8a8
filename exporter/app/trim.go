package app

import (
	"runtime/debug"
	"time"
)

// When memory is given back: once the start is over, and then now and again,
// for a poll leaves some behind.
const (
	firstTrim = time.Second
	nextTrim  = 10 * time.Minute
)

// trim gives back to the system what the process no longer needs: freed memory,
// and the pages of its own file that only the start went through. For a program
// that mostly waits these are half of what it occupies.
func trim() {
	debug.FreeOSMemory()
	unmapFile()
}
