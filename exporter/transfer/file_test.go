package transfer_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/transfer"
)

// TestNoRequestIsMadeForAFileThatCannotBeWritten gives names that would fail at the
// end, or cost somebody another file.
func TestNoRequestIsMadeForAFileThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	h := stage.NewHistory(t)
	dir := t.TempDir()
	notes, half := filepath.Join(dir, "notes.txt"), filepath.Join(dir, "half.om")
	keep := map[string]string{notes: "precious", half: "# TYPE withings_weight_grams gauge\nwithings_weight_grams 1"}
	for name, text := range keep {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		file, says string
		usage      bool
	}{
		"a folder":              {dir, "this is a folder", true},
		"another file":          {notes, "is not a history", true},
		"half a history":        {half, "is not a history", true},
		"a device":              {os.DevNull, "not a regular file", true},
		"a folder that is gone": {filepath.Join(dir, "gone", "a.om"), "there is no folder", true},
		"a file as a folder":    {filepath.Join(notes, "a.om"), "there is no folder", true},
		"too long a name":       {filepath.Join(dir, strings.Repeat("x", 300)), "too long", false},
	} {
		for _, dry := range []bool{false, true} {
			err := transfer.Run(t.Context(), h.Settings, transfer.Options{To: "openmetrics=" + c.file, DryRun: dry}, stage.NewTranscript(), stage.NewTranscript())
			if err == nil || !strings.Contains(err.Error(), c.says) || errors.Is(err, command.ErrUsage) != c.usage || strings.Contains(err.Error(), ".tmp-") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if n := h.Gate.Count(); n != 0 {
		t.Errorf("Withings was asked %d times", n)
	}
	for name, want := range keep {
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s is %q, %v", name, got, err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != len(keep) {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestTheFileOfTheOthersIsOneCommandAway when somebody cannot be read, which may take a person: until then there is no file.
func TestTheFileOfTheOthersIsOneCommandAway(t *testing.T) {
	testrun.Unraced(t, "what runs beside one another is a backfill as in the other tests")
	t.Parallel()
	h := stage.NewHistory(t)
	both := "openmetrics=" + filepath.Join(t.TempDir(), "both.om")
	h.MustBring(transfer.Options{To: both, Since: "2026-06-01"})
	h.Sim.Inject(simulator.Fault{UserID: h.Person("Ben").ID, Kind: simulator.FaultStatus, Status: 2555})
	file := filepath.Join(t.TempDir(), "history.om")
	o := transfer.Options{To: "openmetrics=" + file, Since: "2026-06-01"}
	err := transfer.Run(t.Context(), h.Settings, o, stage.NewTranscript(), stage.NewTranscript())
	want := "run the same command to resume; to write the file of the others at once, run: withings-exporter backfill --since=2026-06-01 --to=openmetrics=" + file + " Anna"
	if err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v, want it to end with %q", err, want)
	}
	o.Who = []string{"Anna"}
	if err := transfer.Run(t.Context(), h.Settings, o, stage.NewTranscript(), stage.NewTranscript()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
	for name, o := range map[string]transfer.Options{ // without such a command
		"alone":                         {To: o.To + ".ben", Who: []string{"Ben"}},
		"into a file that has both":     {To: both},
		"to an address with a secret":   {To: "openmetrics=http://anna:s3cret@127.0.0.1:1/import"},
		"to standard output":            {To: "openmetrics"},
		"into a file beside the demo's": {To: o.To + ".demo", Simulated: true},
	} {
		o.Since = "2026-06-01"
		err := transfer.Run(t.Context(), h.Settings, o, stage.NewTranscript(), stage.NewTranscript())
		if err == nil || !strings.HasSuffix(err.Error(), "run the same command to resume") {
			t.Errorf("%s, got %v", name, err)
		}
	}
}

var announced = regexp.MustCompile(`is complete, as of \d{4}-\d\d-\d\d \d\d:\d\d, for Anna and Ben\. It is written again: about (\d+) requests, .*Until that is done, it stays as it is\.`)

// TestAFinishedFileStaysUntilItIsWrittenAgain interrupts the second of three runs into
// one file; a day passes before the third.
func TestAFinishedFileStaysUntilItIsWrittenAgain(t *testing.T) {
	testrun.Unraced(t, "what runs beside one another is a backfill as in the other tests")
	t.Parallel()
	h := stage.NewHistory(t)
	file := filepath.Join(t.TempDir(), "history.om")
	content := func() string {
		t.Helper()
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	run := func(ctx context.Context) (string, error) {
		told := stage.NewTranscript()
		err := transfer.Run(ctx, h.Settings, transfer.Options{To: "openmetrics=" + file}, told, told)
		return strings.Join(strings.Fields(told.String()), " "), err
	}
	if told, err := run(t.Context()); err != nil || announced.MatchString(told) {
		t.Fatalf("the first run: %v\n%s", err, told)
	}
	all, first := h.Gate.Count(), content()

	ctx, interrupt := context.WithCancel(t.Context())
	h.Gate.Meddle(func(n int, w http.ResponseWriter, r *http.Request, to http.Handler) {
		if n == all+all*3/4 {
			if content() != first {
				t.Error("while a file is written again, the old one is gone")
			}
			interrupt()
		}
		to.ServeHTTP(w, r)
	})
	told, err := run(ctx)
	if !errors.Is(err, context.Canceled) || content() != first {
		t.Fatalf("an interrupted run ends with %v, or has changed the file\n%s", err, told)
	}
	m := announced.FindStringSubmatch(told)
	if m == nil {
		t.Fatalf("the second run does not say what it will do:\n%s", told)
	}
	if about, err := strconv.Atoi(m[1]); err != nil || about < all/2 || about > 2*all {
		t.Errorf("it says about %s requests, and the first run took %d", m[1], all)
	}

	h.Sim.Advance(27 * time.Hour)
	told, err = run(t.Context())
	if err != nil || !announced.MatchString(told) || !strings.Contains(told, "promtool") {
		t.Errorf("the third run: %v\n%s", err, told)
	}
	if content() == first {
		t.Error("the file is the old one after it was written again")
	}

	h.Settings.RateLimit = 4
	ctx, interrupt = context.WithTimeout(t.Context(), 20*time.Second)
	defer interrupt()
	var said strings.Builder
	_ = transfer.Run(ctx, h.Settings, transfer.Options{To: "openmetrics=" + file}, io.Discard, writerFunc(func(text []byte) (int, error) {
		interrupt() // it waits after the first line
		return said.Write(text)
	}))
	const waits = "Waiting for up to "
	if !strings.HasPrefix(said.String(), waits) || !strings.Contains(said.String(), ": the rate limit allows 4 per minute, and this takes ") {
		t.Errorf("with a small limit its first words are %q, want %q", said.String(), waits)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(text []byte) (int, error) { return f(text) }
