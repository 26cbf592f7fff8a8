package transfer_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/internal/truth"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/testserver"
	"withings-exporter/exporter/transfer"
)

// rowsByField finds a row of the catalogue by what it is called in InfluxDB.
var rowsByField = func() map[string]*exporter.Metric {
	all := map[string]*exporter.Metric{}
	for _, m := range exporter.Catalog() {
		all[exporter.Prefix+string(m.Group)+" "+m.Field()] = m
	}
	return all
}()

// shownPast is what an OpenMetrics file holds of a household, by the rules of
// package openmetrics: what the gauges would have shown, when they would first
// have shown all of it, up to three hours ago.
func shownPast(sim *simulator.Cloud) []tally.Point {
	var all []tally.Point
	for _, p := range sim.People() {
		f := newFiled(sim, p)
		for _, point := range truth.Points(sim, p, time.Time{}, time.Time{}) {
			if f.move(&point) {
				all = append(all, truth.Series(point))
			}
		}
	}
	return slices.DeleteFunc(all, func(p tally.Point) bool { return p.Time.After(sim.Now().Add(-3 * time.Hour)) })
}

// filedPast is that of the untouched household, in floats.
var filedPast = sync.OnceValue(func() []tally.Point {
	return floats(shownPast(simulator.New(stage.Options(stage.AnnaAndBen()))))
})

// filed knows when the records of a person are filed in an OpenMetrics file, by
// the moment at which they began.
type filed struct {
	person   simulator.Person
	nights   map[int64]int64 // the ends of those that count
	naps     map[int64]int64 // the same, by where the naps of the date are
	workouts map[int64]int64 // their ends
}

func newFiled(sim *simulator.Cloud, p simulator.Person) *filed {
	f := &filed{person: p, nights: map[int64]int64{}, naps: map[int64]int64{}, workouts: map[int64]int64{}}
	from, to := p.Since.AddDate(0, 0, -2), sim.Now().AddDate(0, 0, 2)
	for _, w := range sim.Workouts(p.ID, from, to) {
		f.workouts[w.Start] = w.End
	}
	for _, n := range truth.Nights(sim, p, from, to) {
		f.nights[n.Start] = n.End
		f.naps[n.Midnight()] = n.End
	}
	return f
}

// move puts a point to where it is filed; false when it is not.
func (f *filed) move(p *tally.Point) bool {
	start := p.Time.Unix()
	switch rowsByField[p.Measurement+" "+p.Field].Service {
	case exporter.Activity:
		zone, err := time.LoadLocation(f.person.Timezone)
		if err != nil {
			panic(err)
		}
		p.Time = p.Time.In(zone).AddDate(0, 0, 1).UTC()
		p.Tags = maps.Clone(p.Tags)
		p.Tags["day"] = "yesterday"
	case exporter.Sleep:
		ends := f.nights
		if p.Field == "naps" || p.Field == "naps_seconds" {
			ends = f.naps
		}
		end, counts := ends[start]
		if !counts {
			return false
		}
		p.Time = time.Unix(end, 0).UTC()
	case exporter.Workout:
		p.Time = time.Unix(f.workouts[start], 0).UTC()
	}
	return true
}

// floats are points as a database has them that knows floats only.
func floats(points []tally.Point) []tally.Point {
	all := slices.Clone(points)
	for i := range all {
		f, _ := all[i].Value.Float64()
		value, err := tally.Parse(strconv.FormatFloat(f, 'g', -1, 64))
		if err != nil {
			panic(err)
		}
		all[i].Value = value
	}
	return all
}

func TestVictoriaMetricsTakesAHistoryAsLinesAndAsOpenMetrics(t *testing.T) {
	testrun.Unraced(t, "what is ours of it is a backfill as in the other tests")
	t.Parallel()
	h := stage.NewHistory(t)
	t.Run("lines", func(t *testing.T) {
		db := testserver.Victoria(t)
		h.Settings.Influx = command.Influx{URL: db.URL, Org: "any", Bucket: "any", Token: "any"}
		h.MustBring(transfer.Options{})
		known := map[string]bool{}
		var want []tally.Point
		for _, p := range stage.Untouched().Points {
			p = testserver.Flat(p)
			known[p.Field] = true
			want = append(want, p)
		}
		got := db.Sums("").Of(func(k tally.Key) bool { return known[k.Field] })
		stage.Complain(t, got.Differences(tally.Sum(floats(want))))
	})
	t.Run("openmetrics", func(t *testing.T) {
		db := testserver.Victoria(t)
		h.MustBring(transfer.Options{To: "openmetrics=" + db.URL + "/api/v1/import/prometheus"})
		stage.Complain(t, db.Sums("").Differences(tally.Sum(filedPast())))
	})
}

// TestWhatIsPrintedBringsAllYearsIntoARunningPrometheus pastes the commands into a
// shell, like somebody whose Prometheus is running, and waits until it shows them.
func TestWhatIsPrintedBringsAllYearsIntoARunningPrometheus(t *testing.T) {
	testrun.Unraced(t, "what is ours of it is a backfill as in the other tests")
	t.Parallel()
	promtool := testrun.Promtool.Path(t)
	dir := t.TempDir()
	db := testserver.Prometheus(t, filepath.Join(dir, "data"))
	h := stage.NewHistory(t)
	file := filepath.Join(dir, "Anna's history.om")
	told := h.MustBring(transfer.Options{To: "openmetrics=" + file})
	// Where Debian's Prometheus is installed, they are for that: another folder and user.
	paste := strings.ReplaceAll(strings.Join(commandsIn(told), "\n"), "/var/lib/prometheus/metrics2", "data")
	shell := exec.CommandContext(t.Context(), "sh", "-ec", `sudo() { test "$1" = chown || "$@"; }`+"\n"+paste)
	shell.Dir, shell.Env = dir, append(os.Environ(), "PATH="+filepath.Dir(promtool)+":"+os.Getenv("PATH"))
	if out, err := shell.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, paste, out)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	from := h.Sim.Now().AddDate(-stage.HistoryYears-1, 0, 0)
	weights := fmt.Sprintf("sum(count_over_time(withings_weight_grams[%ds]))", int(h.Sim.Now().Sub(from).Seconds()))
	want := strconv.Itoa(len(slices.DeleteFunc(slices.Clone(filedPast()), func(p tally.Point) bool { return p.Field != "withings_weight_grams" })))
	retry := time.NewTicker(time.Second)
	defer retry.Stop()
	promised := time.After(2 * time.Minute)
	for shown := ""; shown != want; {
		select {
		case <-retry.C:
			if found := db.Query(weights, h.Sim.Now()); len(found) > 0 {
				shown = fmt.Sprint(found[0].Value[1])
			}
		case <-promised:
			t.Fatalf("after two minutes it shows %s weights, want %s", shown, want)
		}
	}
	stage.Complain(t, tally.Differences(db.Export(`{__name__!=""}`, from, h.Sim.Now()), filedPast()))
}

// commandsIn are the commands of a text: its indented lines.
func commandsIn(told string) (commands []string) {
	for line := range strings.Lines(told) {
		if command, indented := strings.CutPrefix(strings.TrimRight(line, "\n"), "  "); indented {
			commands = append(commands, command)
		}
	}
	return commands
}
