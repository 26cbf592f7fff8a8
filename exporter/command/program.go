package command

import (
	"io"
	"time"
)

// Program is what a command is run with.
type Program struct {
	Now      func() time.Time
	In       io.Reader
	Out, Err io.Writer // for results, and for everything else

	Warnings []string                 // about the configuration file, for the log
	Again    func() (Settings, error) // reads command line, environment and file again, for serve
}
