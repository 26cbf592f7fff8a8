package transfer_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/transfer"
)

// TestASecondImportNamesTheFirst instead of reading everything once more; an estimate for InfluxDB is not held up.
func TestASecondImportNamesTheFirst(t *testing.T) {
	s := stage.New(t)
	s.Settings.Profiles = []string{"Anna"}
	if _, err := statedir.Open(s.Settings.StateDir); err != nil {
		t.Fatal(err)
	}
	for to, lock := range map[string]string{"influx": "influx.lock", "openmetrics=" + filepath.Join(t.TempDir(), "x.om"): "openmetrics.lock"} {
		settings := s.Settings
		settings.Influx = command.Influx{URL: "http://127.0.0.1:1", Bucket: "b"}
		unlock, ok, err := statedir.TryLock(filepath.Join(settings.StateDir, lock))
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		err = transfer.Run(t.Context(), settings, transfer.Options{To: to}, io.Discard, io.Discard)
		if err == nil || !strings.HasPrefix(hint.Text(err), "another import to ") || !strings.Contains(hint.Of(err), "("+filepath.Base(os.Args[0])) {
			t.Errorf("%s: it says %v", to, err)
		}
		if to == "influx" {
			if err := transfer.Run(t.Context(), settings, transfer.Options{To: to, DryRun: true}, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "cannot reach InfluxDB") {
				t.Errorf("an estimate says %v", err)
			}
		}
		unlock()
		if err = transfer.Run(t.Context(), settings, transfer.Options{To: to}, io.Discard, io.Discard); err != nil && strings.Contains(err.Error(), "another import") {
			t.Errorf("%s: after the first has ended it says %v", to, err)
		}
	}
}

// TestAnImportThatCannotKnowOfAnotherRunsWithAWarning, one to InfluxDB; that to a file might spoil what another has read.
func TestAnImportThatCannotKnowOfAnotherRunsWithAWarning(t *testing.T) {
	s := stage.New(t)
	s.Settings.Profiles = []string{"Anna"}
	s.Settings.Influx = command.Influx{URL: "http://127.0.0.1:1", Bucket: "b"}
	dir, err := statedir.Open(s.Settings.StateDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"influx.lock", "openmetrics.lock"} { // which nobody can lock
		if err := os.Mkdir(filepath.Join(dir.Path(), name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	err = transfer.Run(t.Context(), s.Settings, transfer.Options{To: "influx"}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "cannot reach InfluxDB") {
		t.Errorf("it says %v, want it to run as far as to InfluxDB", err)
	}
	if n := strings.Count(s.Log.String(), "second import to InfluxDB from this state directory would not be noticed"); n != 1 {
		t.Errorf("it warns %d times:\n%s", n, s.Log)
	}
	err = transfer.Run(t.Context(), s.Settings, transfer.Options{To: "openmetrics=" + filepath.Join(t.TempDir(), "x.om")}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "openmetrics.lock") {
		t.Errorf("to a file it says %v", err)
	}
}
