package testserver

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"withings-exporter/exporter/testrun"
)

// process is a running program. One goroutine starts it, waits for its end and
// then ends as well.
type process struct {
	command *exec.Cmd
	ended   chan struct{} // closed when the program has ended
}

// startProcess runs a program; its output is appended to a log file.
func startProcess(log, path string, args ...string) (*process, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("log of %s: %w", path, err)
	}
	p := &process{command: exec.Command(path, args...), ended: make(chan struct{})}
	p.command.Stdout, p.command.Stderr = out, out
	p.command.Env = append(os.Environ(), fmt.Sprintf("GOGC=%d", testrun.Collect))
	dieWithParent(p.command)
	started := make(chan error)
	go func() {
		// For Linux, the parent is the thread that started the program: this
		// goroutine keeps it to the end.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(p.ended)
		defer out.Close()
		err := p.command.Start()
		started <- err
		if err == nil {
			_ = p.command.Wait() // the log says how it ended
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return p, nil
}

// kill ends the program at once, like a power cut, and waits until it has ended.
func (p *process) kill() {
	_ = p.command.Process.Kill() // fails only if it has ended
	<-p.ended
}

// patience is how long a server may take to start or to stop. With years of data
// and a busy machine it takes more than seconds.
const patience = 2 * time.Minute

// stop asks the program to end, and kills it if it does not.
func (p *process) stop() {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil { // it has ended, or the system has no signals
		p.kill()
		return
	}
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case <-p.ended:
	case <-limit.C:
		p.kill()
	}
}

// await polls until the program is ready. It fails if the program ends before that,
// or takes too long.
func (p *process) await(ready func() error) error {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		err := ready()
		if err == nil {
			return nil
		}
		select {
		case <-again.C:
		case <-p.ended:
			return errEnded
		case <-limit.C:
			p.kill()
			return fmt.Errorf("not ready after %s: %w", patience, err)
		}
	}
}

// errEnded is for a program that ended before it was ready, most likely because
// another program uses its port.
var errEnded = errors.New("ended before it was ready")

// tail returns the end of a log file.
func tail(log string) string {
	const enough = 16 << 10
	file, err := os.Open(log)
	if err != nil {
		return err.Error()
	}
	defer file.Close()
	if size, err := file.Seek(0, io.SeekEnd); err == nil {
		_, _ = file.Seek(max(0, size-enough), io.SeekStart)
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
