package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
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
	tell(errw, isTerminal(errw), strings.TrimSuffix(err.Error(), ": "+ErrNeedsAuthorization.Error())) // which the text says already
	switch {
	case errors.Is(err, ErrUsage):
		return exitUsage
	case errors.Is(err, ErrNeedsAuthorization):
		return exitAuthorize
	}
	return exitFailed
}

// tell writes what went wrong: on a terminal in lines that fit, elsewhere in as
// many as there are, for those who search them.
func tell(w io.Writer, terminal bool, text string) {
	label := "withings-exporter: "
	for line := range strings.SplitSeq(text, "\n") {
		if terminal {
			paragraph(w, "", label+line)
		} else {
			fmt.Fprintln(w, label+line)
		}
		label = ""
	}
}
