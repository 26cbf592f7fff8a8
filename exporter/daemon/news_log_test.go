package daemon

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
)

// requestLogged is the line of a request; without rows there was no answer, or none with a list.
var (
	requestLogged = regexp.MustCompile(`level=DEBUG msg="request to Withings" (?:profile=(\w+) )?service=(\w+) action=(\w+) status=(\w+)(?: rows=\d+)? milliseconds=\d+\n`)
	renewalLogged = regexp.MustCompile(`level=DEBUG msg="token renewed" profile=(\w+) expires=\S+\n`)
)

// TestTheLogHasEveryRequestAndEveryRenewal compares a day's log with what the simulated Withings was asked, and with the counters.
func TestTheLogHasEveryRequestAndEveryRenewal(t *testing.T) {
	testrun.Unraced(t, "a day of what the tests of polls have hours of")
	t.Parallel()
	stage.InBubbleOf(t, t.TempDir(), func(w *stage.World) {
		w.Settings.Log = slog.New(slog.NewTextHandler(w.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		w.Start()
		w.Sim.Inject(simulator.Fault{Kind: simulator.FaultHTTP, Status: http.StatusInternalServerError, Times: 3})
		w.Pass(24 * time.Hour)
		w.Set.Halt()
		log := w.Log.String()

		logged, rows, renewed := map[string]float64{}, 0, map[string]int{}
		for _, line := range requestLogged.FindAllStringSubmatch(log, -1) {
			logged["withings_api_requests_total{service="+line[2]+",status="+line[4]+"}"]++
			if strings.Contains(line[0], " rows=") {
				rows++
			}
			if (line[1] == "") != (line[2] == "oauth2") {
				t.Errorf("whom it is for: %s", line[0])
			}
		}
		if n := strings.Count(log, "request to Withings"); n != len(requestLogged.FindAllString(log, -1)) || rows < n/2 {
			t.Errorf("of %d lines about requests %d have the usual fields, and %d rows", n, len(requestLogged.FindAllString(log, -1)), rows)
		}
		for series, want := range w.Series() {
			if strings.HasPrefix(series, "withings_api_requests_total") && logged[series] != want {
				t.Errorf("%s is %v, logged are %v", series, want, logged[series])
			}
			delete(logged, series)
		}
		if len(logged) > 0 {
			t.Errorf("logged, but not counted: %v", logged)
		}
		for _, line := range renewalLogged.FindAllStringSubmatch(log, -1) {
			renewed[line[1]]++
		}
		for _, name := range w.Settings.Profiles {
			if renewed[name] < 8 || renewed[name] > 10 { // a token lasts three hours, less 5 to 15 minutes
				t.Errorf("%d renewals of %s are logged", renewed[name], name)
			}
		}
		for _, secret := range secretsOf(t, w.Settings.StateDir, w.Settings.ClientSecret) {
			if strings.Contains(log, secret) {
				t.Errorf("the log tells %q", secret)
			}
		}
	})
}

// secretsOf are the tokens in a state directory, and others.
func secretsOf(t *testing.T, dir string, others ...string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.token.json"))
	if err != nil {
		t.Fatal(err)
	}
	all := others
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var content map[string]any
		if err := json.Unmarshal(data, &content); err != nil {
			t.Fatal(err)
		}
		for name, value := range content {
			if text, is := value.(string); is && strings.Contains(name, "_token") {
				all = append(all, text)
			}
		}
	}
	if len(all) < len(others)+2 {
		t.Fatalf("no tokens are in %s", dir)
	}
	return all
}

// TestAQuietDayIsNotLogged has a person whose scale stays where it is, and asks for a whole day.
func TestAQuietDayIsNotLogged(t *testing.T) {
	t.Parallel()
	stage.InBubbleOf(t, t.TempDir(), func(w *stage.World) {
		w.Allow("Ben", true, "user.info")
		w.Settings.Profiles = []string{"Ben"}
		w.Start()
		w.Pass(4 * time.Minute)
		first := w.Log.String()
		if !regexp.MustCompile(`^time=\S+ level=INFO msg="new records" profile=Ben device=\d+\n$`).MatchString(withoutWarnings(first)) {
			t.Errorf("at first it says\n%s", first)
		}
		w.Pass(24 * time.Hour)
		w.Set.Halt()
		if rest := strings.TrimPrefix(w.Log.String(), first); rest != "" {
			t.Errorf("of a day without news it says\n%s", rest)
		}
		if asked := w.Series()["withings_api_requests_total{service=device,status=0}"]; asked < 20 {
			t.Errorf("he was asked for %v times", asked)
		}
	})
}

// withoutWarnings is a log without what is not as it should be.
func withoutWarnings(log string) string {
	var rest bytes.Buffer
	for line := range strings.Lines(log) {
		if !strings.Contains(line, "level=WARN") {
			rest.WriteString(line)
		}
	}
	return rest.String()
}
