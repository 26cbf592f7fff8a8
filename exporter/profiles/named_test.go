package profiles

import (
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"withings-exporter/exporter/command"
)

// TestWhoeverLeavesForGoodIsTakenOutByACommand: on a page, "reload" would be taken for the page.
func TestWhoeverLeavesForGoodIsTakenOutByACommand(t *testing.T) {
	again := command.Settings{}.ReadAgain(os.Getpid())
	dir := opened(t)
	synctest.Test(t, func(t *testing.T) {
		looker := &Set{Dir: dir, place: "the profiles in withings.yaml", readAgain: command.Settings{}.ReadAgain}
		if got, want := looker.Without(t.Context(), "Ben"), `remove "Ben" from the profiles in withings.yaml`; got != want {
			t.Errorf("while nobody serves: %q, want %q", got, want)
		}
		set, _, _ := held(t, dir, "Ben")
		pass()
		if got, want := looker.Without(t.Context(), "Ben"), `remove "Ben" from the profiles in withings.yaml, and run: `+again; got != want {
			t.Errorf("while it serves: %q, want %q", got, want)
		}
		set.place, set.ownAgain = looker.place, again
		want := "If that is to last, remove \"Ben\" from the profiles in withings.yaml, and run `" + again + "`. If not, authorise the profile again:"
		if got := set.Leaving("Ben"); got != want {
			t.Errorf("the page: %q, want %q", got, want)
		}
		set.place = ""
		if got := set.Leaving("Ben"); !strings.HasPrefix(got, "If that is to last, restart the exporter") {
			t.Errorf("where nobody is configured: %q", got)
		}
	})
}
