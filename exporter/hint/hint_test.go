package hint_test

import (
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"testing"

	"withings-exporter/exporter/hint"
)

// full is an error type that carries advice by itself.
type full struct{}

func (full) Error() string { return "the disk is full; free some space" }
func (full) Hint() string  { return "free some space" }

// hidden is an error that does not show the text of its cause.
type hidden struct{ error }

func (hidden) Error() string   { return "it failed" }
func (h hidden) Unwrap() error { return h.error }

func TestAdviceIsPartOfTheTextAndCanBeTakenOutOfIt(t *testing.T) {
	refused := errors.New("connection refused")
	network := hint.Wrap(refused, "check the network")
	for _, c := range []struct {
		name string
		err  error
		all  string
		want []hint.Line
	}{
		{"no error", nil, "<nil>", nil},
		{"no advice", hint.Wrap(refused, ""), "connection refused", []hint.Line{{"connection refused", ""}}},
		{"advice without an error", hint.Wrap(nil, "check"), "<nil>", nil},
		{"advice", network, "connection refused; check the network", []hint.Line{{"connection refused", "check the network"}}},
		{"wrapped", fmt.Errorf("ask %q: %w (3 times)", "x", network), `ask "x": connection refused; check the network (3 times)`,
			[]hint.Line{{`ask "x": connection refused (3 times)`, "check the network"}}},
		{"advice at two depths", hint.Wrap(fmt.Errorf("ask: %w", network), "run it again"),
			"ask: connection refused; check the network; run it again", []hint.Line{{"ask: connection refused", "check the network; run it again"}}},
		{"the same advice at two depths", hint.Wrap(fmt.Errorf("ask: %w", network), "check the network"),
			"ask: connection refused; check the network; check the network", []hint.Line{{"ask: connection refused", "check the network"}}},
		{"several errors", fmt.Errorf("ask: %w", errors.Join(network, refused, full{})),
			"ask: connection refused; check the network\nconnection refused\nthe disk is full; free some space",
			[]hint.Line{{"ask: connection refused", "check the network"}, {"connection refused", ""}, {"the disk is full", "free some space"}}},
		{"one error on indented lines", hint.Wrap(errors.New("errors:\n  line 1: x\n  line 2: y"), "check the format"),
			"errors:\n  line 1: x\n  line 2: y; check the format", []hint.Line{{"errors: line 1: x line 2: y", "check the format"}}},
		{"two errors in one line", fmt.Errorf("%w, then %w", full{}, network),
			"the disk is full; free some space, then connection refused; check the network",
			[]hint.Line{{"the disk is full, then connection refused", "free some space; check the network"}}},
		{"a cause that is not shown", hidden{network}, "it failed", []hint.Line{{"it failed", ""}}},
		{"a semicolon in the text", errors.New("a; b"), "a; b", []hint.Line{{"a; b", ""}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := fmt.Sprint(c.err); got != c.all {
				t.Errorf("all of it is %q, want %q", got, c.all)
			}
			if got := hint.Lines(c.err); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got the lines %q, want %q", got, c.want)
			}
		})
	}
}

func TestTextAndAdviceOfSeveralErrors(t *testing.T) {
	full := hint.Wrap(errors.New("full"), "free some space")
	err := errors.Join(fmt.Errorf("a: %w", full), hint.Wrap(errors.New("b"), "run it again"), fmt.Errorf("c: %w", full))
	if got, want := hint.Text(err), "a: full\nb\nc: full"; got != want {
		t.Errorf("the text is %q, want %q", got, want)
	}
	if got, want := hint.Of(err), "free some space; run it again"; got != want {
		t.Errorf("the advice is %q, want %q", got, want)
	}
}

func TestAnErrorWithAdviceIsStillTheErrorItWas(t *testing.T) {
	if err := hint.Wrap(fs.ErrNotExist, "make it"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not what it was", err)
	}
}
