package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// pipeTime is how long a pipe may take to give its content: whoever starts the
// program with --config.file=<(pass show withings) has a command run at its end.
const pipeTime = 10 * time.Second

// errNobody is the error of a pipe that no process has open for writing.
var errNobody = errors.New("is a named pipe that nobody writes to")

// content returns what is in a file, at most limit bytes and one, and what kind
// of file it is. It waits for nothing but a pipe that somebody has opened for
// writing, and for that pipeTime at most.
func content(path string, limit int64) ([]byte, fs.FileMode, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, 0, err
	}
	mode := info.Mode()
	if mode.IsDir() {
		return nil, mode, nil
	}
	if !mode.IsRegular() {
		// What cannot have a deadline, such as /dev/null, does not wait.
		_ = file.SetReadDeadline(time.Now().Add(pipeTime))
	}
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, mode, fmt.Errorf("is a pipe that was not closed within %v", pipeTime)
	case err == nil && len(data) == 0 && mode&fs.ModeNamedPipe != 0:
		return nil, mode, errNobody
	}
	return data, mode, err
}
