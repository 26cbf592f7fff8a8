package app

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// unmapFile lets go of the pages of the program's own file, code and constants.
// They are clean copies of the disk's: what is used again is mapped again, from
// the page cache, and what is not is the first to go when memory is short.
// That it cannot be done is nothing to report.
func unmapFile() {
	program, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer maps.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to uintptr
		var rights string
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &rights); err != nil {
			continue
		}
		if strings.HasSuffix(lines.Text(), " "+program) && (rights == "r-xp" || rights == "r--p") {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED)
		}
	}
}
