package testserver

import (
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"withings-exporter/exporter/internal/truth"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/testrun"
)

func TestPrometheusAnswersWithTheTruthThatPromtoolMadeBlocksOf(t *testing.T) {
	t.Parallel()
	series := each(history(t), truth.Series)
	s := Prometheus(t, blocks(t, series), longBlocks...)
	expect(t, "exported", tally.Differences(s.Export(`{profile!=""}`, now.AddDate(-3, 0, 0), now), series))

	last := slices.IndexFunc(series, func(p tally.Point) bool { return p.Field == "withings_weight_grams" })
	p := series[last]
	got := s.Query(fmt.Sprintf(`withings_weight_grams{profile=%q}`, p.Tags["profile"]), p.Time)
	if len(got) != 1 || got[0].Value[1] != tally.Text(p.Value) {
		t.Errorf("at %s the weight is %v, want %s", p.Time, got, tally.Text(p.Value))
	}
}

func TestExportOfPrometheusHasEachSampleOnceWhereverTheRangeEnds(t *testing.T) {
	t.Parallel()
	t0 := now.AddDate(0, 0, -400)
	var points []tally.Point
	for i := range 400 { // one per day at the same time of day, so that some are at the ends of ranges
		points = append(points, tally.Point{Tags: map[string]string{"profile": "Anna"}, Field: "withings_steps",
			Time: t0.AddDate(0, 0, i), Value: big.NewRat(int64(i), 1)})
	}
	s := Prometheus(t, blocks(t, points), longBlocks...)
	for _, c := range []struct{ from, to int }{{0, 400}, {0, 399}, {1, 400}, {10, 190}, {10, 191}, {7, 8}, {7, 7}} {
		got := s.Export("withings_steps", t0.AddDate(0, 0, c.from), t0.AddDate(0, 0, c.to))
		expect(t, fmt.Sprintf("from day %d to day %d", c.from, c.to), tally.Differences(got, points[c.from:c.to]))
	}
}

// longBlocks keeps blocks of a year as they are.
var longBlocks = []string{"--storage.tsdb.min-block-duration=2h", "--storage.tsdb.max-block-duration=8760h"}

// blocks creates a data directory from samples with promtool.
func blocks(t *testing.T, points []tally.Point) string {
	t.Helper()
	dir := t.TempDir()
	file, data := filepath.Join(dir, "history.txt"), filepath.Join(dir, "data")
	if err := os.WriteFile(file, openMetrics(points), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(testrun.Promtool.Path(t), "tsdb", "create-blocks-from", "--max-block-duration=8760h", "openmetrics", file, data)
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("promtool: %v\n%s", err, said)
	}
	return data
}

// openMetrics writes samples as OpenMetrics: by family, each in order of time.
func openMetrics(points []tally.Point) []byte {
	sorted := slices.Clone(points)
	slices.SortStableFunc(sorted, func(a, b tally.Point) int { return strings.Compare(a.Key().String(), b.Key().String()) })
	var text strings.Builder
	family := ""
	for _, p := range sorted {
		if p.Field != family {
			family = p.Field
			fmt.Fprintf(&text, "# TYPE %s gauge\n", family)
		}
		fmt.Fprintf(&text, "%s %s %d\n", p.Key(), tally.Text(p.Value), p.Time.Unix())
	}
	text.WriteString("# EOF\n")
	return []byte(text.String())
}
