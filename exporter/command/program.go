package command

import (
	"io"
	"time"
)

// Program is what a command is run with.
type Program struct {
	Now      func() time.Time
	In       io.Reader
	Out, Err io.Writer // results, and everything else a person should know

	Warnings []string                 // about the configuration file, for the log
	Again    func() (Settings, error) // reads command line, environment and file once more, for serve
}
