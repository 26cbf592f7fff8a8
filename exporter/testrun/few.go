package testrun

import (
	"iter"
	"maps"
	"slices"
	"testing"
)

// every is which of the cases of a table the race detector sees.
const every = 4

// Few are the cases of a table whose data differ and whose code does not. The race
// detector, with which everything takes several times as long and which finds nothing
// new in the fortieth case, sees the first and every fourth after it. Without the race
// detector it is all of them.
func Few[C any](cases []C) []C { return some(cases, racing) }

// FewOf does so for a table by name, in the order of the names.
func FewOf[C any](cases map[string]C) iter.Seq2[string, C] {
	return func(yield func(string, C) bool) {
		for _, name := range Few(slices.Sorted(maps.Keys(cases))) {
			if !yield(name, cases[name]) {
				return
			}
		}
	}
}

// Raced tells whether the race detector watches.
func Raced() bool { return racing }

// Unraced leaves a test out when the race detector watches, since it would find nothing
// for the given reason, and since everything takes several times as long with it. The
// gate runs each such test without the race detector.
func Unraced(t testing.TB, why string) { unraced(t, why, racing) }

func unraced(t testing.TB, why string, racing bool) {
	t.Helper()
	if racing {
		t.Skip("left out with the race detector: " + why)
	}
}

func some[C any](cases []C, racing bool) []C {
	if !racing {
		return cases
	}
	var picked []C
	for i := 0; i < len(cases); i += every {
		picked = append(picked, cases[i])
	}
	return picked
}
