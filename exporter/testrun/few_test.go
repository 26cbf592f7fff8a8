package testrun

import (
	"maps"
	"slices"
	"testing"
)

func TestTheRaceDetectorSeesEveryFourthCase(t *testing.T) {
	cases := []string{"a", "b", "c", "d", "e", "f"}
	if got := some(cases, true); !slices.Equal(got, []string{"a", "e"}) {
		t.Errorf("with the race detector it is %q", got)
	}
	if got := some(cases, false); !slices.Equal(got, cases) {
		t.Errorf("without the race detector it is %q", got)
	}
	if got := some([]string{"a"}, true); len(got) != 1 {
		t.Errorf("of one case it is %q", got)
	}
	named := map[string]int{"a": 0, "b": 1, "c": 2, "d": 3, "e": 4}
	got := maps.Collect(FewOf(named))
	if want := map[bool]int{true: 2, false: 5}[racing]; len(got) != want || got["a"] != 0 || got["e"] != 4 {
		t.Errorf("of a table by name it is %v", got)
	}
	for name := range FewOf(named) {
		if name != "a" {
			t.Errorf("the first is %q", name)
		}
		break
	}
}

func TestWhatTheRaceDetectorDoesNotSeeSaysWhy(t *testing.T) {
	for _, c := range []struct {
		racing bool
		want   string
	}{{true, "skip: left out with the race detector: nothing runs at the same time"}, {false, ""}} {
		r := &recorder{TB: t}
		unraced(r, "nothing runs at the same time", c.racing)
		if r.said != c.want {
			t.Errorf("with the race detector %v the test is told %q, want %q", c.racing, r.said, c.want)
		}
	}
}
