package demo

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/testserver"
	"withings-exporter/grafana"
	"withings-exporter/grafana/queries"
)

// people of the demo, by what they own.
var people = []string{"Anna", "Ben", "Carla"}

type lack struct {
	person, reason string
	board, panels  string
}

// lacks are the panels that stay empty for a person of the demo, by board, and
// what that person does not own. Everybody's other panels must have data.
var lacks = []lack{
	{"Ben", "neither a sleep mat nor a watch", "sleep", nights},
	{"Ben", "the same", "overview", "Last night; Nights, past weeks; Resting heart rate"},
	{"Ben", "the same", "together", "Sleep"},
	{"Ben", "the same", "longview", "Sleep and heart rate at night; Sleep by month, h; Time asleep, years compared; Resting heart rate, years compared; " + nightCalendar},
	{"Ben", "a phone has no pulse", "activity", "Heart rate"},
	{"Ben", "no blood-pressure monitor", "heart", "Systolic; Diastolic; Pulse pressure; Morning against evening; " +
		"Readings of 30 days, by range; Mean of 7 days, mmHg; Class of 7 days; At or above 135/85; Pulse; Everything about heart and vessels"},
	{"Ben", "the same", "doctor", "Means; Course; Range of 30 days; Class of 7 days; At or above 135/85; Last 30 readings"},
	{"Ben", "no nights", "signals", signals},
	{"Ben", "no nights", "minutes", nightMinutes},
	{"Ben", "a phone only counts steps", "minutes", "Heart rate; " + watchMinutes},
	{"Ben", "the same", "overview", "Blood pressure"},
	{"Ben", "the same", "together", "Blood pressure"},
	{"Ben", "the same", "longview", "Blood pressure; Systolic pressure by month, mmHg; Systolic pressure, years compared"},
	{"Ben", "no ECG and no oxygen", "heart", "ECG intervals; Blood oxygen; ECG recordings; ECGs one by one"},
	{"Ben", "no urine analyser", "body", urine},
	{"Ben", "a scale without segments and vessels", "composition", segments + "; Visceral fat; Estimated ages"},
	{"Ben", "the same", "heart", "Pulse wave velocity"},
	{"Ben", "no thermometer", "body", "Temperature"},
	{"Ben", "no goal", "body", "Goal reached; Left to the goal"},
	{"Ben", "no goal", "overview", "Goals of 7 days"},
	{"Ben", "no goal", "activity", "Step goal in a row"},
	{"Carla", "no sleep mat and no watch", "sleep", nights},
	{"Carla", "the same", "signals", signals},
	{"Carla", "no device that tells minutes", "minutes", nightMinutes + "; Heart rate; Steps, five minutes each; Steps by the hour; " + watchMinutes},
	{"Carla", "the same", "overview", "Last night; Nights, past weeks; Resting heart rate; Steps; Steps, past weeks"},
	{"Carla", "the same", "together", "Sleep; Steps"},
	{"Carla", "the same", "longview", "Sleep and heart rate at night; Sleep by month, h; Time asleep, years compared; Resting heart rate, years compared; " + nightCalendar +
		"; Steps; Steps by month, thousands; Steps a day, years compared; " + stepCalendar},
	{"Carla", "no watch", "activity", "Activity of a week; Climbed; Climbed today; Distance today; Distance; Energy; " +
		"Everything about the last workout; Heart rate; Heart-rate zones; Intensity; Steps today; Workouts; Workouts by kind; Steps; Best days; Best weeks; " +
		"Steps this year; Distance this year; Climbed this year; Active energy this year"},
	{"Carla", "a scale that only weighs", "composition", segments + "; Body fat; Estimated ages; Now, kg; Visceral fat; Water; " +
		"Change since ${__from:date:D MMM YYYY}; Since ${__from:date:D MMM YYYY}"},
	{"Carla", "the same", "longview", "Body fat; Body fat, years compared"},
	{"Carla", "the same", "overview", "Body fat"},
	{"Carla", "the same", "heart", "Pulse wave velocity"},
	{"Carla", "no thermometer", "body", "Temperature"},
	{"Carla", "no goal", "body", "Goal reached; Left to the goal"},
	{"Carla", "no goal of what she measures", "overview", "Goals of 7 days"},
	{"Carla", "no ECG and no oxygen", "heart", "ECG intervals; Blood oxygen; ECG recordings; ECGs one by one"},
	{"Carla", "no urine analyser", "body", urine},
}

// lacksIn are panels that stay empty over one data source only.
var lacksIn = map[string][]lack{
	grafana.InfluxDB: {
		{"Ben", "no reading of the heart at all, where Prometheus says that there is none", "heart", "Rhythm"},
		{"Ben", "no sleep mat, where Prometheus says that nothing is known", "sleep", "In bed, past week"},
		{"Carla", "the same", "sleep", "In bed, past week"},
	},
}

const (
	nights = "Breathing disturbances; Breathing; Efficiency; Everything about the last night; Falling asleep and waking up; Heart rate; " +
		"Heart-rate variability; Naps; Nights; Regularity; Score; Last score; Snoring; Temperature; Time in bed; " +
		"Waking up and getting up; Bedtimes; Weekdays and weekends; Sleep debt; Now; Bed times"
	signals       = "Is today unusual?; Deviation from what is usual; Heart rate; Variability; Temperature; Breathing"
	urine         = "pH; Specific gravity; Ketones; Nitrites; Vitamin C; Calcium; Creatinine; Calcium to creatinine"
	segments      = "Fat, kg; Muscle, kg"
	nightMinutes  = "Newest minute; Stages; Heart rate at night; Breathing at night; Snoring; Movement; Variability at night"
	watchMinutes  = "Blood oxygen; Variability; Temperature; Breathing"
	nightCalendar = "Sleep, this year; Sleep, last year; Sleep, 2 years ago; Sleep, 3 years ago; Sleep, 4 years ago; Sleep, 5 years ago"
	stepCalendar  = "Steps, this year; Steps, last year; Steps, 2 years ago; Steps, 3 years ago; Steps, 4 years ago; Steps, 5 years ago"
)

// unneeded are panels about the exporter that may well stay empty.
var unneeded = map[string]string{
	"minutes: Newest minute":       "the night may be more than twelve hours ago",
	"exporter: Errors by status":   "nothing fails in the demo",
	"exporter: Rate limited":       "nor is anything limited",
	"exporter: Readings left out":  "they were left out before the first scrape",
	"exporter: Last: activity":     "InfluxDB has a panel for each group, also those a person has nothing of",
	"exporter: Last: heart":        "the same",
	"exporter: Last: sleep":        "the same",
	"exporter: Last: workout":      "the same",
	"longview: Steps, 2 years ago": "the demo of this test is younger",
	"longview: Steps, 3 years ago": "the demo of this test is younger",
	"longview: Steps, 4 years ago": "the demo of this test is younger",
	"longview: Steps, 5 years ago": "the demo of this test is younger",
	"longview: Sleep, 2 years ago": "the demo of this test is younger",
	"longview: Sleep, 3 years ago": "the demo of this test is younger",
	"longview: Sleep, 4 years ago": "the demo of this test is younger",
	"longview: Sleep, 5 years ago": "the demo of this test is younger",
}

// byChance are panels that have data for a person on some days only.
var byChance = map[string]string{
	"Ben: activity: Heart-rate zones": "a phone has none, but the row of a day on which it was not carried has zeros for everything",
}

// unneededIn are boards that may well stay empty over one data source.
var unneededIn = map[string]map[string]string{
	grafana.Prometheus: {"minutes": "minutes are not imported, and the few of gauges are seen now and then; grafana/proof has them"},
}

// untilMorning are panels about the night that ended today: there is none until people
// get up.
var untilMorning = map[string]bool{"signals: Is today unusual?": true}

// early tells whether Anna, who lives in Vienna, may still be in bed, or her night not
// be known yet.
func early(t *testing.T, now time.Time) bool {
	t.Helper()
	home, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	return now.In(home).Hour() < 11
}

// serveDemo serves the people of the demo, with years behind them brought to a
// place first, and returns the address of the exporter.
func serveDemo(t *testing.T, to string, influx command.Influx) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	opened, done := make(chan string, 1), make(chan error, 1)
	settings := command.Settings{
		ListenAddresses: []string{"localhost:0"}, TelemetryPath: "/metrics",
		Influx: influx, Log: slog.New(slog.DiscardHandler),
	}
	dir := t.TempDir()
	go func() {
		done <- serve(ctx, settings, Options{
			Seed: 1, Years: testrun.Scale(2, 5), People: len(people), Speed: 1, APIAddress: "localhost:0", To: to, StateDir: dir, Interval: 5 * time.Minute,
		}, &command.Program{Out: io.Discard, Err: io.Discard}, func(addresses []string) { opened <- addresses[0] })
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	select {
	case address := <-opened:
		return address
	case err := <-done:
		done <- err
		t.Fatal(err)
		return ""
	}
}

func influx(s *testserver.InfluxServer) command.Influx {
	return command.Influx{URL: s.URL, Org: s.Org, Bucket: s.Bucket, Token: s.Token}
}

// await asks until the answer is yes.
func await(t *testing.T, what string, asked func() bool) {
	t.Helper()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	end := time.After(2 * time.Minute)
	for !asked() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("%s: not within two minutes", what)
		}
	}
}

// TestEveryPanelOverPrometheusFindsData runs every query of every board against a
// real Prometheus that has loaded the demo's history and scrapes it.
func TestEveryPanelOverPrometheusFindsData(t *testing.T) {
	t.Parallel()
	promtool := testrun.Promtool.Path(t)
	dir := t.TempDir()
	history := filepath.Join(dir, "history.om")
	database := testserver.Influx(t) // for the panels about it
	exporter := serveDemo(t, "openmetrics="+history, influx(database))
	blocks := exec.CommandContext(t.Context(), promtool, "tsdb", "create-blocks-from", "openmetrics",
		"--max-block-duration=8760h", history, filepath.Join(dir, "data"))
	if out, err := blocks.CombinedOutput(); err != nil {
		t.Fatalf("make blocks: %v: %s", err, out)
	}
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf("scrape_configs: [{job_name: withings, scrape_interval: 1s, static_configs: [{targets: [%q]}]}]\n", exporter)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	prometheus := testserver.Prometheus(t, filepath.Join(dir, "data"), "--config.file="+config)
	await(t, "Prometheus has scraped everybody, more than once", func() bool {
		return len(prometheus.Query(`count_over_time(withings_influx_lag_seconds[1m]) > 3`, time.Now())) == len(people)
	})
	now := time.Now()
	for _, person := range testrun.Few(people) {
		found(t, grafana.Prometheus, person, now, func(q queries.Query) int {
			if q.Instant {
				return len(prometheus.Query(q.Text, q.To))
			}
			step := q.Step.Truncate(time.Second)
			whole := q.To.Sub(q.From).Truncate(step) // so that a step falls on this moment
			return len(prometheus.QueryRange(q.Text, q.To.Add(-whole), q.To, step))
		})
	}
}

// TestEveryPanelOverInfluxDBFindsData does so against a real InfluxDB that the
// demo has pushed its history to.
func TestEveryPanelOverInfluxDBFindsData(t *testing.T) {
	t.Parallel()
	database := testserver.Influx(t)
	serveDemo(t, "influx", influx(database))
	await(t, "the exporter has written minutes of Anna and Ben", func() bool {
		return len(database.Query(`SELECT last("minute_state") FROM "withings_sleep"`)) > 0 &&
			len(database.Query(`SELECT last("intraday_steps") FROM "withings_activity" GROUP BY "profile"`)) == 2
	})
	now := time.Now()
	for _, person := range testrun.Few(people) {
		found(t, grafana.InfluxDB, person, now, func(q queries.Query) int { return len(database.Query(q.Text)) })
	}
}

// queriesOf are all queries of the boards for a data source.
func queriesOf(t *testing.T, source, profile string, now time.Time) (all []queries.Query) {
	t.Helper()
	boards, err := grafana.Boards(grafana.Options{Datasource: source})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range boards {
		more, err := queries.Of(b.Name, b.JSON, profile, now)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, more...)
	}
	return all
}

// byRange is the panel that counts blood pressures.
const byRange = "Readings of 30 days, by range"

// found runs the queries of all boards for a person; a panel has data when one of
// its queries has.
func found(t *testing.T, source, person string, now time.Time, ask func(queries.Query) int) {
	t.Run(person, func(t *testing.T) {
		has, ranges := map[string]int{}, 0
		for _, q := range queriesOf(t, source, person, now) {
			n := ask(q)
			has[q.Board+": "+q.Panel] += n
			if q.Panel == byRange && person != "Ben" {
				ranges++
				if n == 0 {
					t.Errorf("a range without a reading is not 0: %s", q.Text)
				}
			}
		}
		for _, l := range slices.Concat(lacks, lacksIn[source]) {
			for panel := range strings.SplitSeq(l.panels, "; ") {
				if panel = l.board + ": " + panel; l.person == person {
					if n, there := has[panel]; !there || n > 0 {
						t.Errorf("%s: there %v, %d results; %s is said to have %s", panel, there, n, person, l.reason)
					}
					delete(has, panel)
				}
			}
		}
		for panel, n := range has {
			board, _, _ := strings.Cut(panel, ": ")
			_, all := unneededIn[source][board]
			_, may := unneeded[panel]
			_, perhaps := byChance[person+": "+panel]
			if n == 0 && !may && !perhaps && !all && !(untilMorning[panel] && early(t, now)) {
				t.Errorf("%s is empty", panel)
			}
		}
		if ranges < 2 && person != "Ben" {
			t.Errorf("%q has %d queries, want one for each range", byRange, ranges)
		}
		if len(has) < 20 {
			t.Errorf("only %d panels were to have data", len(has))
		}
	})
}

// TestMain has files in memory.
func TestMain(m *testing.M) { os.Exit(testrun.InMemory(m).Waiting().Run()) }
