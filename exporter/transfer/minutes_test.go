package transfer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/internal/truth"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/testserver"
	"withings-exporter/exporter/transfer"
)

// minutesPast is what a file must hold of the minutes of everybody between two moments.
func minutesPast(sim *simulator.Cloud, from, to time.Time) []tally.Point {
	to = exporter.Earlier(to, sim.Now().Add(-3*time.Hour).Add(time.Second))
	var all []tally.Point
	for _, p := range sim.People() {
		for _, point := range truth.Minutes(sim, p, from, to) {
			all = append(all, truth.Series(point))
		}
	}
	tally.Sort(all)
	return all
}

// fileLine is a line of an OpenMetrics file: series, labels, value, time.
var fileLine = regexp.MustCompile(`^(\w+)\{(.*)\} (\S+) (\d+)$`)

// minutesOf are the samples of minutes in a file, in order of time.
func minutesOf(t *testing.T, text string) []tally.Point {
	t.Helper()
	var all []tally.Point
	for line := range strings.Lines(text) {
		m := fileLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil || !isMinute(m[1]) {
			continue
		}
		value, err := tally.Parse(m[3])
		at, err2 := strconv.ParseInt(m[4], 10, 64)
		if err := errors.Join(err, err2); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		p := tally.Point{Field: m[1], Tags: map[string]string{}, Value: value, Time: time.Unix(at, 0).UTC()}
		for label := range strings.SplitSeq(m[2], `",`) {
			name, of, _ := strings.Cut(strings.TrimSuffix(label, `"`), `="`)
			p.Tags[name] = of
		}
		all = append(all, p)
	}
	tally.Sort(all)
	return all
}

func isMinute(name string) bool {
	m := exporter.ByName(strings.TrimPrefix(name, exporter.Prefix))
	return m != nil && m.Service.Row().Minutes
}

// stretch is some days of a history: both dates are in it.
type stretch struct{ since, until string }

func (s stretch) options(to string) transfer.Options {
	return transfer.Options{Since: s.since, Until: s.until, To: to, Minutes: true}
}

// span is the same as moments; of the tests, days begin at midnight UTC.
func (s stretch) span() (from, to time.Time) {
	from, _ = time.Parse(time.DateOnly, s.since)
	if to, _ = time.Parse(time.DateOnly, s.until); to.IsZero() {
		return from, stage.CloudStart.AddDate(1, 0, 0)
	}
	return from, to.AddDate(0, 0, 1)
}

func TestAFileHasEveryMinute(t *testing.T) {
	t.Parallel()
	const week = 7 * 24 * time.Hour
	for _, at := range testrun.Few([]struct {
		name     string
		switches simulator.Switches
		stretch
	}{
		{"around a day of 25 hours", simulator.Switches{}, stretch{"2025-10-25", "2025-10-27"}},
		{"around a day of 23 hours", simulator.Switches{SleepRx: true}, stretch{"2026-03-28", "2026-03-30"}},
		{"until three hours ago", simulator.Switches{}, stretch{since: "2026-07-13"}},
		{"where sleep of a week is told at once", simulator.Switches{SleepSpan: week}, stretch{"2026-06-01", "2026-06-09"}},
		{"where longer spans are refused, and nothing is []", simulator.Switches{RefuseLongSleep: true, EmptySeriesAsArray: true}, stretch{"2026-06-01", "2026-06-09"}},
		{"where minutes contradict their nights", simulator.Switches{NightsDisagree: true, Order: simulator.Shuffled}, stretch{"2026-06-01", "2026-06-04"}},
		{"of all days of some weeks", simulator.Switches{Order: simulator.OldestFirst}, stretch{"2026-01-01", "2026-01-18"}},
	}) {
		t.Run(at.name, func(t *testing.T) {
			t.Parallel()
			h := minutely(t, at.switches)
			file := filepath.Join(t.TempDir(), "history.om")
			told := h.MustBring(at.options("openmetrics=" + file))
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := minutesPast(h.Sim, first(at.span()), second(at.span()))
			stage.Complain(t, tally.Differences(minutesOf(t, string(text)), want))
			devices := map[string]bool{}
			for _, p := range want {
				devices[p.Tags["profile"]+" "+p.Tags["model"]] = true
			}
			if len(want) < 10_000 || len(devices) < 2 {
				t.Errorf("the truth has only %d values of %d devices", len(want), len(devices))
			}
			t.Logf("%d requests, %d values of %d devices\n%s", h.Gate.Count(), len(want), len(devices), told)
		})
	}
}

func first(from, _ time.Time) time.Time { return from }
func second(_, to time.Time) time.Time  { return to }

// minutely is a history with switches.
func minutely(t *testing.T, switches simulator.Switches) *stage.History {
	t.Helper()
	o := stage.AnnaAndBen()
	switches.Limiter = o.Switches.Limiter
	o.Switches, o.Years = switches, 1
	s := stage.NewOf(t, o)
	s.Settings.Profiles = []string{"Anna", "Ben"}
	if err := signin.SignIn(t.Context(), s.Settings); err != nil {
		t.Fatal(err)
	}
	h := &stage.History{Stage: s, Gate: &stage.Gate{To: s.Sim}}
	s.Settings.APIURL = h.Gate.Open(t)
	return h
}

func TestAFileOfMinutesIsTheSameWhateverInterruptedIt(t *testing.T) {
	t.Parallel()
	const kills = 4
	days := stretch{"2026-06-20", "2026-07-01"}
	clean, killed := minutely(t, simulator.Switches{}), minutely(t, simulator.Switches{})
	file := func(h *stage.History) string { return filepath.Join(filepath.Dir(h.Settings.StateDir), "history.om") }
	clean.MustBring(days.options("openmetrics=" + file(clean)))
	killer := newReaper(t, (clean.Gate.Count()-1)/kills/2)
	killed.Gate.Meddle(killer.strike)
	bringThroughKills(killed, days.options("openmetrics="+file(killed)), kills, killer)
	want, err := os.ReadFile(file(clean))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file(killed))
	if err != nil {
		t.Fatal(err)
	}
	if len(want) < 1<<20 || !bytes.Equal(got, want) {
		t.Errorf("the file of a backfill that was killed has %d bytes, that of a clean one %d; or they differ", len(got), len(want))
	}
	t.Logf("%d requests, %d of a clean run", killed.Gate.Count(), clean.Gate.Count())
}

// TestANightRevisedBetweenTwoRunsIsInTheFileAsItIsNow: the first run had its minutes,
// and was interrupted before it had the others.
func TestANightRevisedBetweenTwoRunsIsInTheFileAsItIsNow(t *testing.T) {
	t.Parallel()
	h := minutely(t, simulator.Switches{})
	h.Settings.Profiles = []string{"Anna"}
	anna := h.Person("Anna")
	days := stretch{since: "2026-07-01"}
	file := filepath.Join(t.TempDir(), "history.om")
	ctx, cancel := context.WithCancel(t.Context())
	minutes := 0
	h.Gate.Meddle(func(_ int, w http.ResponseWriter, r *http.Request, to http.Handler) {
		if err := r.ParseForm(); err == nil && strings.HasSuffix(r.URL.Path, "/sleep") && r.PostForm.Get("action") == "get" {
			if minutes++; minutes == 10 { // the seventh night, since three were read to tell how many points there are
				cancel()
			}
		}
		to.ServeHTTP(w, again(r))
	})
	talk := stage.NewTranscript()
	if err := transfer.Run(ctx, h.Settings, days.options("openmetrics="+file), talk, talk); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v\n%s", err, talk)
	}
	h.Gate.Meddle(nil)
	h.Sim.Advance(time.Hour)
	night := h.Sim.Nights(anna.ID, stage.CloudStart.AddDate(0, 0, -3), stage.CloudStart.AddDate(0, 0, -3))[0]
	before := truth.Minutes(h.Sim, anna, time.Unix(night.Start, 0), time.Unix(night.End, 0))
	if err := h.Sim.ReviseNight(anna.ID, night.ID, -25*time.Minute); err != nil {
		t.Fatal(err)
	}
	if len(tally.Differences(before, truth.Minutes(h.Sim, anna, time.Unix(night.Start, 0), time.Unix(night.End, 0)))) < 100 {
		t.Fatal("the revised night has the same minutes")
	}
	h.Sim.Advance(time.Hour)
	h.MustBring(days.options("openmetrics=" + file))
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := slices.DeleteFunc(minutesPast(h.Sim, first(days.span()), second(days.span())), func(p tally.Point) bool { return p.Tags["profile"] != "Anna" })
	stage.Complain(t, tally.Differences(alike(minutesOf(t, string(text)), want), want))
}

// again is a request whose form was read.
func again(r *http.Request) *http.Request {
	body := r.PostForm.Encode()
	r.Body = readCloser{strings.NewReader(body)}
	r.ContentLength, r.Form, r.PostForm = int64(len(body)), nil, nil
	return r
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

func TestInfluxHasEveryMinuteAndASecondRunAsksLittle(t *testing.T) {
	t.Parallel()
	db := testserver.Influx(t)
	h := minutely(t, simulator.Switches{})
	h.Into(db.URL, db)
	days := stretch{since: "2026-07-06"}
	told := h.MustBring(days.options(""))
	var want []tally.Point
	for _, p := range h.Sim.People() {
		want = append(want, truth.Minutes(h.Sim, p, first(days.span()), h.Sim.Now())...)
	}
	got := slices.DeleteFunc(db.Points(), func(p tally.Point) bool {
		m := rowsByField[p.Measurement+" "+p.Field]
		return !m.Service.Row().Minutes
	})
	tally.Sort(want)
	stage.Complain(t, tally.Differences(got, want))
	stage.Says(t, "the run", told, "Anna intraday: ", " records since 2026-07-06, 10 requests", "minutes take about ", " at 100000 per minute")
	first := h.Gate.Count()
	told = h.MustBring(days.options(""))
	if again := h.Gate.Count() - first; again != 0 {
		t.Errorf("the second run makes %d requests after %d of the first", again, first)
	}
	stage.Says(t, "the second run", told, "InfluxDB is already up to date")
	ledgers, err := filepath.Glob(filepath.Join(h.Settings.StateDir, "*influx*"))
	if err != nil || len(ledgers) == 0 {
		t.Fatal(ledgers, err)
	}
	for _, ledger := range ledgers {
		text, err := os.ReadFile(ledger)
		if err != nil {
			t.Fatal(err)
		}
		if part := regexp.MustCompile(`"(night|intraday)":\{[^{}]*("covered":\[[^\]]*\])`).FindAllString(string(text), -1); strings.Contains(ledger, "+anna") && len(part) > 0 && len(part[0]) > 2000 {
			t.Errorf("%s says much about minutes: %s", ledger, part)
		}
		if strings.Contains(string(text), `-ScanWatch`) || strings.Contains(string(text), fmt.Sprint(want[100].Time.Unix(), "-")) {
			t.Errorf("%s remembers minutes", ledger)
		}
	}
}

func TestADryRunTellsWhatMinutesTake(t *testing.T) {
	t.Parallel()
	h := minutely(t, simulator.Switches{})
	told := h.MustBring(transfer.Options{Since: "2026-01-01", DryRun: true, Minutes: true, To: "openmetrics=" + filepath.Join(t.TempDir(), "x.om")})
	asked := h.Gate.Count()
	row := regexp.MustCompile(`(?m)^(Anna|Ben) +(intraday|night) +(\d+) +(\d+)  20`)
	rows := row.FindAllStringSubmatch(told, -1)
	if len(rows) < 2 {
		t.Fatalf("no estimate of minutes:\n%s", told)
	}
	for _, r := range rows {
		points, _ := strconv.Atoi(r[3])
		requests, _ := strconv.Atoi(r[4])
		if requests < 100 || requests > 197 || points < 100*requests {
			t.Errorf("%q is not what half a year takes", r[0])
		}
	}
	if asked > 40 {
		t.Errorf("the estimate takes %d requests", asked)
	}
	if left := h.MustBring(transfer.Options{Since: "2026-01-01", DryRun: true}); strings.Contains(left, "night") {
		t.Errorf("minutes are estimated without being asked for:\n%s", left)
	}
	t.Logf("%d requests\n%s", asked, told)
}

func TestVictoriaMetricsTakesMinutes(t *testing.T) {
	testrun.Unraced(t, "what is ours of it is a backfill as in the other tests")
	t.Parallel()
	h := minutely(t, simulator.Switches{})
	days := stretch{"2025-10-25", "2025-10-26"}
	db := testserver.Victoria(t)
	h.MustBring(days.options("openmetrics=" + db.URL + "/api/v1/import/prometheus"))
	got := slices.DeleteFunc(db.Points(""), func(p tally.Point) bool { return !isMinute(p.Field) })
	stage.Complain(t, tally.Differences(got, floats(minutesPast(h.Sim, first(days.span()), second(days.span())))))
}
