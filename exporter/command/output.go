package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"syscall"

	"withings-exporter/exporter/hint"
)

// Output is standard output. It remembers that something could not be written, so that no command needs to look at
// each of its lines, and its exit code says nothing of a result that nobody can read.
type Output struct {
	file *os.File

	mu  sync.Mutex // guards what follows
	err error
}

// NewOutput is the output to a file.
func NewOutput(file *os.File) *Output { return &Output{file: file} }

// Write writes to the file.
func (o *Output) Write(p []byte) (int, error) {
	n, err := o.file.Write(p)
	if err != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.err == nil {
			o.err = err
		}
	}
	return n, err
}

// Fd is that of the file, which may be a terminal.
func (o *Output) Fd() uintptr { return o.file.Fd() }

// Result is the error of a command with this output: err, or that what it had to say could not be written. Then that is told
// alone, since the advice of another error may lead to lines that are lost.
func (o *Output) Result(err error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		return err
	}
	why := o.err
	if of, ok := errors.AsType[*fs.PathError](why); ok {
		why = of.Err
	}
	advice := "send it elsewhere"
	if errors.Is(why, syscall.ENOSPC) || errors.Is(why, syscall.EDQUOT) {
		advice = "free some space, or send it elsewhere"
	}
	return hint.Wrap(fmt.Errorf("the output cannot be written: %w", why), advice)
}
