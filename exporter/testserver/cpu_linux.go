package testserver

import (
	"time"

	"withings-exporter/exporter/testrun"
)

// CPU is how much processor time the server has used since it was started; 0 while
// it is stopped.
func (s *server) CPU() time.Duration {
	s.t.Helper()
	if s.process == nil {
		return 0
	}
	return testrun.Spent(s.t, s.process.command.Process.Pid)
}
