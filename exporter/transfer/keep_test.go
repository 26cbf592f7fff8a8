package transfer_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/transfer"
)

// TestAFileDoesNotLoseAnybodyUnannounced writes the history of some people over that of others.
func TestAFileDoesNotLoseAnybodyUnannounced(t *testing.T) {
	testrun.Unraced(t, "what runs beside one another is a backfill as in the other tests")
	t.Parallel()
	h := stage.NewHistory(t)
	dir := t.TempDir()
	both, one := filepath.Join(dir, "both.om"), filepath.Join(dir, "one.om")
	h.MustBring(transfer.Options{To: "openmetrics=" + both, Since: "2026-01-01"})
	h.MustBring(transfer.Options{To: "openmetrics=" + one, Since: "2026-01-01", Who: []string{"Ben"}})
	before, err := os.ReadFile(both)
	if err != nil {
		t.Fatal(err)
	}
	const new = "give the name of a new file, or delete that one"
	for name, c := range map[string]struct {
		file            string
		configured, who []string
		simulated       bool
		says            string
	}{
		"one of two": {both, []string{"Anna", "Ben", "Zoe"}, []string{"Ben"}, false, both + " has the history of Anna and Ben, and would lose that of Anna: this writes only that of Ben; " +
			"to have all of them in it, run: withings-exporter backfill --since=2026-01-01 --to=openmetrics=" + both + " --minutes Anna Ben; or " + new},
		"somebody who has left": {both, []string{"Ben"}, nil, false, "would lose that of Anna: this writes only that of Ben; " + new},
		"another": {one, []string{"Anna", "Ben"}, []string{"Anna"}, false, one + " has the history of Ben, and would lose it: this writes only that of Anna; " +
			"to have all of them in it, run: withings-exporter backfill --since=2026-01-01 --to=openmetrics=" + one + " --minutes Ben Anna; or " + new},
		"one of the demo": {both, []string{"Anna", "Ben"}, []string{"Ben"}, true, "would lose that of Anna: this writes only that of Ben; " + new},
	} {
		for _, dry := range []bool{false, true} {
			settings := h.Settings
			settings.Profiles = c.configured
			count := h.Gate.Count()
			err := transfer.Run(t.Context(), settings, transfer.Options{To: "openmetrics=" + c.file, Since: "2026-01-01", Minutes: true, Who: c.who, DryRun: dry, Simulated: c.simulated}, io.Discard, io.Discard)
			if !errors.Is(err, command.ErrUsage) || !strings.HasSuffix(err.Error(), c.says) {
				t.Errorf("%s: %v, want %s", name, err, c.says)
			}
			if n := h.Gate.Count() - count; n > 0 {
				t.Errorf("%s: %d requests before it is refused", name, n)
			}
		}
	}
	if after, err := os.ReadFile(both); err != nil || string(after) != string(before) {
		t.Errorf("the file has changed, %v", err)
	}
	told := h.MustBring(transfer.Options{To: "openmetrics=" + one, Since: "2026-01-01"})
	stage.Says(t, "of one more", strings.Join(strings.Fields(told), " "), ", for Ben. It is written again, with Anna, too")
}

// TestAFileDoesNotBecomeLess writes less of the same people over what a file has of them.
func TestAFileDoesNotBecomeLess(t *testing.T) {
	testrun.Unraced(t, "what runs beside one another is a backfill as in the other tests")
	t.Parallel()
	h := stage.NewHistory(t)
	file := filepath.Join(t.TempDir(), "x.om")
	whole := transfer.Options{To: "openmetrics=" + file, Since: "2026-01-04", Until: "2026-01-06", Minutes: true}
	h.MustBring(whole)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const begin, or = "x.om would be written again as a whole, and would lose ", ", or give the name of a new file, or delete that one"
	for name, c := range map[string]struct {
		change   func(o *transfer.Options, s *command.Settings)
		what, do string
	}{
		"later": {func(o *transfer.Options, _ *command.Settings) { o.Since = "2026-01-05" },
			"what is before 2026-01-05 (its first day is 2026-01-04)", "leave --since out"},
		"shorter": {func(o *transfer.Options, _ *command.Settings) { o.Until = "2026-01-05" },
			"what is after 2026-01-05 (its last day is 2026-01-06)", "leave --until out"},
		"without minutes": {func(o *transfer.Options, _ *command.Settings) { o.Minutes = false },
			"the minutes of days and nights", "add --minutes"},
		"without sleep": {func(_ *transfer.Options, s *command.Settings) {
			s.Services = []string{"measure", "activity", "intraday", "night", "workout"}
		}, "heart and sleep", "give --services=measure,activity,intraday,night,workout,heart,sleep"},
		"in every way": {func(o *transfer.Options, s *command.Settings) {
			*o = transfer.Options{To: o.To, Since: "2026-01-05", Until: "2026-01-05"}
			s.Services = []string{"measure", "sleep", "heart", "workout"}
		}, "what is before 2026-01-05 (its first day is 2026-01-04), what is after 2026-01-05 (its last day is 2026-01-06), " +
			"the minutes of days and nights and activity, intraday and night",
			"leave --since out, leave --until out, add --minutes and give --services=measure,sleep,heart,workout,activity,intraday,night"},
	} {
		for _, dry := range []bool{false, true} {
			o, settings := whole, h.Settings
			o.DryRun = dry
			c.change(&o, &settings)
			count := h.Gate.Count()
			err := transfer.Run(t.Context(), settings, o, io.Discard, io.Discard)
			if want := begin + c.what + "; " + c.do + or; !errors.Is(err, command.ErrUsage) || !strings.HasSuffix(err.Error(), want) {
				t.Errorf("%s: %v, want %s", name, err, want)
			}
			if n := h.Gate.Count() - count; n > 0 {
				t.Errorf("%s: %d requests before it is refused", name, n)
			}
		}
	}
	if after, err := os.ReadFile(file); err != nil || string(after) != string(before) {
		t.Errorf("the file has changed, %v", err)
	}
	whole.Since = "2026-01-05"
	whole.Who = []string{"Ben"}
	err = transfer.Run(t.Context(), h.Settings, whole, io.Discard, io.Discard)
	if want := "run: withings-exporter backfill --until=2026-01-06 --to=openmetrics=" + file + " --minutes Anna Ben; or"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("less of fewer people: %v, want %s", err, want)
	}
	h.MustBring(transfer.Options{To: whole.To, Since: "2026-01-04", Minutes: true})
	h.MustBring(transfer.Options{To: whole.To, Since: "2026-01-03", Until: "2026-12-31", Minutes: true}) // which is later than there is
}

// TestAFileHasOnlyWhatItsServicesTell imports each service alone: what a file has of one that was not asked would be missed in it.
func TestAFileHasOnlyWhatItsServicesTell(t *testing.T) {
	testrun.Unraced(t, "what runs beside one another is a backfill as in the other tests")
	t.Parallel()
	h := stage.NewHistory(t)
	for _, service := range exporter.Historic() {
		file := filepath.Join(t.TempDir(), "x.om")
		h.Settings.Services = []string{string(service)}
		h.MustBring(transfer.Options{To: "openmetrics=" + file, Since: "2026-01-01"})
		h.MustBring(transfer.Options{To: "openmetrics=" + file, Since: "2026-01-01"})
	}
}

// TestAFileDoesNotLoseWhoIsSkipped has somebody sign out between two runs of the same command.
func TestAFileDoesNotLoseWhoIsSkipped(t *testing.T) {
	t.Parallel()
	h := stage.NewHistory(t)
	file := filepath.Join(t.TempDir(), "x.om")
	o := transfer.Options{To: "openmetrics=" + file, Since: "2026-01-01"}
	h.MustBring(o)
	tokens, err := filepath.Glob(filepath.Join(h.Settings.StateDir, "+anna.token.json"))
	if err != nil || len(tokens) != 1 {
		t.Fatalf("%s, %v", tokens, err)
	}
	if err := os.Remove(tokens[0]); err != nil {
		t.Fatal(err)
	}
	var talk strings.Builder
	err = transfer.Run(t.Context(), h.Settings, o, io.Discard, &talk)
	if err == nil || !strings.HasSuffix(err.Error(), "would lose that of Anna: this writes only that of Ben; authorise who was skipped, or give the name of a new file, or delete that one") {
		t.Errorf("%v\n%s", err, &talk)
	}
	stage.Says(t, "before the error", talk.String(), `profile "Anna" is skipped`)
}
