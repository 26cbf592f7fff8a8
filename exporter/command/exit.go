package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/words"
)

// Exit codes that scripts may rely on.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitAuthorize   = 3
	exitInterrupted = 130
)

// Exit prints an error, if there is one, and returns the exit code: 0 done, 1 failed,
// 2 usage or configuration, 3 a profile must be authorised, 130 interrupted. The
// context is the one that signals end.
func Exit(ctx context.Context, err error, errw io.Writer) int {
	switch {
	case err == nil && ctx.Err() != nil && strings.HasPrefix(context.Cause(ctx).Error(), os.Interrupt.String()):
		return exitInterrupted
	case err == nil:
		return exitDone
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(errw, "withings-exporter: interrupted")
		return exitInterrupted
	}
	tell(errw, IsTerminal(errw), err)
	switch {
	case errors.Is(err, ErrUsage):
		return exitUsage
	case errors.Is(err, ErrNeedsAuthorization):
		return exitAuthorize
	}
	return exitFailed
}

// patience is how long a command may take to stop after a signal. Only a system call
// that does not return takes longer, as on a network disk that hangs; files are safe
// at any moment.
const patience = 4800 * time.Millisecond

// EndSoon ends the process if the command is still running some seconds after ctx
// ended; stop cancels that.
func EndSoon(ctx context.Context, errw io.Writer, exit func(code int)) (stop func()) {
	ended, cancel := context.WithCancel(context.Background())
	take := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case <-ended.Done():
		case <-timer.C:
			fmt.Fprintln(errw, "withings-exporter: error: stopped without waiting for a system call that does not return\n"+
				"withings-exporter: hint: check whether the disk of the state directory responds")
			exit(Exit(ctx, nil, errw))
		}
	})
	return func() {
		take()
		cancel()
	}
}

// tell prints what went wrong and, on a line of its own, what to do about it: wrapped
// on a terminal, elsewhere not, so that it can be searched.
func tell(w io.Writer, terminal bool, err error) {
	write := func(kind, text string) {
		if text = "withings-exporter: " + kind + text; terminal {
			words.Paragraph(w, "", text)
		} else {
			fmt.Fprintln(w, text)
		}
	}
	given := map[string]bool{"": true}
	for _, line := range hint.Lines(err) {
		write("error: ", strings.TrimSuffix(line.Text, ": "+ErrNeedsAuthorization.Error())) // which the text says already
		if !given[line.Advice] {
			write("hint: ", line.Advice)
			given[line.Advice] = true
		}
	}
}
