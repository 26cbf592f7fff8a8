package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"withings-exporter/exporter/words"
)

func TestExitCodesTellScriptsWhatHappened(t *testing.T) {
	interrupted, stop := context.WithCancelCause(t.Context())
	stop(errors.New("interrupt signal received"))
	for _, test := range []struct {
		name string
		ctx  context.Context
		err  error
		code int
		text string
	}{
		{"done", t.Context(), nil, 0, ""},
		{"done, told to stop", interrupted, nil, 130, ""},
		{"failed", t.Context(), errors.New("write x: no room"), 1, "withings-exporter: write x: no room\n"},
		{"usage", t.Context(), Usagef("give --to"), 2, "withings-exporter: give --to\n"},
		{"usage in two lines", t.Context(), Usage(errors.New("give --to\nsee x -h")), 2, "withings-exporter: give --to\nsee x -h\n"},
		{"a person is needed, said once", t.Context(), fmt.Errorf("run auth Anna: %w", ErrNeedsAuthorization), 3, "withings-exporter: run auth Anna\n"},
		{"interrupted", interrupted, fmt.Errorf("ask: %w", context.Canceled), 130, "withings-exporter: interrupted\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var talk strings.Builder
			if code := Exit(test.ctx, test.err, &talk); code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			if talk.String() != test.text {
				t.Errorf("told %q, want %q", &talk, test.text)
			}
		})
	}
}

func TestWhatWentWrongFitsATerminalAndStaysOneLineInAPipe(t *testing.T) {
	const text = "no Withings application is configured: register one with Withings, then give --client-id and --client-secret-file\nsee withings-exporter -h"
	var wide, narrow strings.Builder
	tell(&wide, false, text)
	if want := "withings-exporter: " + text + "\n"; wide.String() != want {
		t.Errorf("in a pipe: %q, want %q", &wide, want)
	}
	tell(&narrow, true, text)
	for line := range strings.Lines(narrow.String()) {
		if len(line) > words.Columns+1 {
			t.Errorf("on a terminal a line has %d columns: %s", len(line)-1, line)
		}
	}
	if got := strings.Join(strings.Fields(narrow.String()), " "); got != "withings-exporter: "+strings.ReplaceAll(text, "\n", " ") {
		t.Errorf("on a terminal it says %q", got)
	}
}
