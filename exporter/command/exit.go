package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

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

// Exit tells what went wrong, if anything did, and returns the exit code for it:
// 0 done, 1 failed, 2 usage or configuration, 3 a profile must be authorised, 130
// interrupted. The context is the one that signals end.
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
	tell(errw, IsTerminal(errw), strings.TrimSuffix(err.Error(), ": "+ErrNeedsAuthorization.Error())) // which the text says already
	switch {
	case errors.Is(err, ErrUsage):
		return exitUsage
	case errors.Is(err, ErrNeedsAuthorization):
		return exitAuthorize
	}
	return exitFailed
}

// patience is how long a command may take to end in order after a signal. What
// keeps it is a system call that does not return, as on a network disk that hangs;
// every file is safe to leave at any moment.
const patience = 4800 * time.Millisecond

// EndSoon ends the process when a command has not ended by itself in the time
// after ctx ended; stop takes that back.
func EndSoon(ctx context.Context, errw io.Writer, exit func(code int)) (stop func()) {
	ended, cancel := context.WithCancel(context.Background())
	take := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case <-ended.Done():
		case <-timer.C:
			fmt.Fprintln(errw, "withings-exporter: something does not return, probably the disk of the state directory; ended without it")
			exit(Exit(ctx, nil, errw))
		}
	})
	return func() {
		take()
		cancel()
	}
}

// tell writes what went wrong: on a terminal in lines that fit, elsewhere in as
// many as there are, for those who search them.
func tell(w io.Writer, terminal bool, text string) {
	label := "withings-exporter: "
	for line := range strings.SplitSeq(text, "\n") {
		if terminal {
			words.Paragraph(w, "", label+line)
		} else {
			fmt.Fprintln(w, label+line)
		}
		label = ""
	}
}
