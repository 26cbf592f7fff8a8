package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"withings-exporter/exporter/hint"
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
		{"failed", t.Context(), errors.New("write x: no room"), 1, "withings-exporter: error: write x: no room\n"},
		{"usage", t.Context(), Usagef("give --to", "no place"), 2, "withings-exporter: error: no place\nwithings-exporter: hint: give --to\n"},
		{"usage in two lines", t.Context(), Usage(errors.New("give --to\ngive --since")), 2, "withings-exporter: error: give --to\nwithings-exporter: error: give --since\n"},
		{"a person is needed, said once", t.Context(), fmt.Errorf("run auth Anna: %w", ErrNeedsAuthorization), 3, "withings-exporter: error: run auth Anna\n"},
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

func TestWhatToDoIsOnALineOfItsOwn(t *testing.T) {
	refused := hint.Wrap(errors.New("connection refused"), "check the network; polling continues")
	err := errors.Join(fmt.Errorf("cannot reach Withings: %w", refused), fmt.Errorf("cannot reach InfluxDB: %w", refused), errors.New("no room"))
	var talk strings.Builder
	Exit(t.Context(), err, &talk)
	const want = `withings-exporter: error: cannot reach Withings: connection refused
withings-exporter: hint: check the network; polling continues
withings-exporter: error: cannot reach InfluxDB: connection refused
withings-exporter: error: no room
`
	if talk.String() != want {
		t.Errorf("told %q, want %q", &talk, want)
	}
}

func TestWhatWentWrongFitsATerminalAndStaysOneLineInAPipe(t *testing.T) {
	const text, advice = "no Withings application is configured", "register one with Withings, then give --client-id and --client-secret-file"
	const label = "withings-exporter: "
	err := Usage(hint.Wrap(errors.New(text), advice))
	var wide, narrow strings.Builder
	tell(&wide, false, err)
	if want := label + "error: " + text + "\n" + label + "hint: " + advice + "\n"; wide.String() != want {
		t.Errorf("in a pipe: %q, want %q", &wide, want)
	}
	tell(&narrow, true, err)
	for line := range strings.Lines(narrow.String()) {
		if len(line) > words.Columns+1 {
			t.Errorf("on a terminal a line has %d columns: %s", len(line)-1, line)
		}
	}
	if got, want := strings.Fields(narrow.String()), strings.Fields(wide.String()); !slices.Equal(got, want) {
		t.Errorf("on a terminal it says %q", got)
	}
}
