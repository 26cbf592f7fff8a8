package openmetrics

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/testrun"
)

// blockDuration lets promtool make blocks of about a year instead of two hours,
// as Prometheus itself does in time.
const blockDuration = "--max-block-duration=8760h"

// blocksOf lets promtool make blocks of a file and returns their folder.
func blocksOf(t *testing.T, promtool, text string) string {
	t.Helper()
	file, blocks := filepath.Join(t.TempDir(), "history.om"), filepath.Join(t.TempDir(), "blocks")
	write(t, file, []byte(text))
	outputOf(t, promtool, "tsdb", "create-blocks-from", "openmetrics", "--quiet", blockDuration, file, blocks)
	// promtool tsdb dump looks for a write-ahead log, if only an empty one.
	if err := os.Mkdir(filepath.Join(blocks, "wal"), 0o700); err != nil {
		t.Fatal(err)
	}
	return blocks
}

func outputOf(t *testing.T, name string, args ...string) string {
	t.Helper()
	command := exec.Command(name, args...)
	command.Env = append(os.Environ(), fmt.Sprintf("GOGC=%d", testrun.Collect))
	var problems strings.Builder
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, problems.String())
	}
	return string(out)
}

// sampleText is a sample as text that a file and a dump of promtool share: the
// labels in order, the value as a float64 and the time in milliseconds.
func sampleText(t *testing.T, name, labels, value, moment string, perSecond float64) string {
	t.Helper()
	pairs := strings.Split(labels, ",")
	for i := range pairs {
		pairs[i] = strings.TrimSpace(pairs[i])
	}
	slices.Sort(pairs)
	number, err := strconv.ParseFloat(value, 64)
	at, err2 := strconv.ParseFloat(moment, 64)
	if err != nil || err2 != nil {
		t.Fatalf("%s: value %s, time %s", name, value, moment)
	}
	return fmt.Sprint(name, pairs, " ", number, " ", time.Duration(at*1000/perSecond))
}

func TestPromtoolMakesBlocksWithEveryValueAndTime(t *testing.T) {
	t.Parallel()
	promtool := testrun.Promtool.Path(t)
	for _, c := range []struct {
		name  string
		spool *Spool
	}{
		{"everything", manyKinds(t, "Anna", testrun.Scale(30, 90))},
		{"a revised story", spoolOf(t, "Ben", story()...)},
		{"long ago and recently", spoolOf(t, "Carla", batch(
			group("1", "2009-09-09 07:00", is("weight_grams", "72345"), is("fat_ratio", "0.268")),
			group("2", "2026-07-14 09:00", is("weight_grams", "70000.25"), is("unknown_measure", "123456789012345678", "9999"))))},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, sum := written(t, Options{}, c.spool)
			blocks := blocksOf(t, promtool, text)
			var want, got []string
			for _, line := range samplesOf(text) {
				series, rest, _ := strings.Cut(line, "} ")
				name, labels, _ := strings.Cut(series, "{")
				value, moment, _ := strings.Cut(rest, " ")
				want = append(want, sampleText(t, name, labels, value, moment, 1))
			}
			for line := range strings.Lines(outputOf(t, promtool, "tsdb", "dump", blocks)) {
				series, rest, _ := strings.Cut(strings.TrimPrefix(line, `{__name__="`), "} ")
				name, labels, _ := strings.Cut(series, `", `)
				value, moment, _ := strings.Cut(strings.TrimSpace(rest), " ")
				got = append(got, sampleText(t, name, labels, value, moment, 1000))
			}
			slices.Sort(want)
			slices.Sort(got)
			if len(want) != sum.Samples || !slices.Equal(got, want) {
				t.Errorf("the blocks have %d samples, the file %d, the summary %d; or they differ", len(got), len(want), sum.Samples)
			}
		})
	}
}

func TestPromtoolListsTheYearsInFewBlocks(t *testing.T) {
	t.Parallel()
	promtool := testrun.Promtool.Path(t)
	var batches int
	s := spoolOf(t, "Anna")
	for month := noon.AddDate(-testrun.Scale(3, 12), 0, 0); month.Before(noon); month = month.AddDate(0, 1, 0) {
		put(t, s, batch(group(strconv.Itoa(batches), month.Format("2006-01-02 15:04"), is("weight_grams", "70000"))))
		batches++
	}
	text, _ := written(t, Options{}, s)
	list := strings.Split(strings.TrimSpace(outputOf(t, promtool, "tsdb", "list", blocksOf(t, promtool, text))), "\n")[1:]
	samples := 0
	for _, line := range list {
		fields := strings.Fields(line) // ULID, from, to, duration, samples, chunks, series, size
		n, err := strconv.Atoi(fields[4])
		if err != nil {
			t.Fatalf("line %q of promtool tsdb list: %v", line, err)
		}
		samples += n
	}
	if samples != batches || len(list) > batches {
		t.Errorf("%d samples in %d blocks, want %d in no more", samples, len(list), batches)
	}
}

func TestPromtoolTakesEveryLabelValue(t *testing.T) {
	t.Parallel()
	promtool := testrun.Promtool.Path(t)
	var spools []*Spool
	var want []string
	for _, profile := range []string{`Anna "the \first\"`, "two\nlines", "tab\t, brace } and {", "Анна 🙂", "zero \x00 byte", "not \xff UTF-8", "# EOF", `\n`} {
		spools = append(spools, spoolOf(t, profile, batch(group("1", "2020-01-01 07:00", is("weight_grams", "70000")))))
		want = append(want, `{__name__="withings_weight_grams", profile=`+strconv.Quote(strings.ToValidUTF8(profile, "�"))+`} 70000 1577862000000`)
	}
	text, _ := written(t, Options{}, spools...)
	got := strings.Split(strings.TrimSpace(outputOf(t, promtool, "tsdb", "dump", blocksOf(t, promtool, text))), "\n")
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
