package testserver

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// CPU is how much processor time the server has used since it was started; 0 while
// it is stopped.
func (s *server) CPU() time.Duration {
	s.t.Helper()
	if s.process == nil {
		return 0
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.process.command.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	// After the name, which may have anything in it, come fields by number: 14 and 15
	// are ticks in user and in system mode.
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			s.t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * (time.Second / 100) // Linux has 100 ticks a second for every program
}
