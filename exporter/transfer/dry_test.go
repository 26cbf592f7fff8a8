package transfer_test

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/transfer"
)

// TestAnImportTakesAboutWhatTheDryRunSays compares the estimate with the requests that follow, what is new among them.
func TestAnImportTakesAboutWhatTheDryRunSays(t *testing.T) {
	t.Parallel()
	h := stage.NewHistory(t)
	for _, since := range []string{"", "2026-01-01"} { // of a short history, what is new is the larger part
		o := transfer.Options{Since: since, To: "openmetrics=" + filepath.Join(t.TempDir(), "x.om")}
		dry := o
		dry.DryRun = true
		told := strings.Join(strings.Fields(h.MustBring(dry)), " ")
		estimated := number(t, told, `about ([\d,]+) requests, which take `)
		if strings.Contains(told, "what is new") { // of which a first import has as little as of the past
			t.Errorf("of a first import it says\n%s", told)
		}
		made := number(t, h.MustBring(o), `([\d,]+) requests to Withings in`)
		if made > estimated || made < estimated*2/3 {
			t.Errorf("since %q: %d requests were made, and %d estimated", since, made, estimated)
		}
		t.Logf("since %q: %d requests were made, and %d estimated", since, made, estimated)
	}
	told := h.MustBring(transfer.Options{Until: "2026-01-01", To: "openmetrics=" + filepath.Join(t.TempDir(), "x.om"), DryRun: true})
	if !strings.Contains(told, "requests, which take ") || strings.Contains(told, "what is new") {
		t.Errorf("of the past alone it says\n%s", told)
	}
}

// TestADryRunInAnOutageBeginsNoTable: its head would be all of it.
func TestADryRunInAnOutageBeginsNoTable(t *testing.T) {
	t.Parallel()
	h := stage.NewHistory(t)
	h.Sim.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: 2556})
	told := stage.NewTranscript()
	err := transfer.Run(t.Context(), h.Settings, transfer.Options{To: "openmetrics=" + filepath.Join(t.TempDir(), "x.om"), DryRun: true}, told, told)
	if err == nil || strings.Contains(told.String(), "profile") {
		t.Errorf("it says %v, after\n%s", err, told)
	}
}

// number is what a pattern finds in a text.
func number(t *testing.T, text, pattern string) int {
	t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("there is no %s in:\n%s", pattern, text)
	}
	n, err := strconv.Atoi(strings.ReplaceAll(found[1], ",", ""))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
