package openmetrics

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"withings-exporter/exporter"
)

// samplesOf are the lines of a file that are no comments.
func samplesOf(text string) []string {
	var samples []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			samples = append(samples, strings.TrimSuffix(line, "\n"))
		}
	}
	return samples
}

// expect compares the samples of a file with those wanted, with the labels of
// profile Anna left out, and time as minutes of UTC.
func expect(t *testing.T, text string, want ...string) {
	t.Helper()
	var all []string
	for _, line := range want {
		series, moment, _ := strings.Cut(line, " @ ")
		space := strings.LastIndex(series, " ")
		value := series[space+1:]
		name, labels, labelled := strings.Cut(series[:space], "{")
		if labelled {
			labels = "," + strings.TrimSuffix(labels, "}")
		}
		all = append(all, "withings_"+name+`{profile="Anna"`+labels+"} "+value+" "+strconv.FormatInt(at(moment).Unix(), 10))
	}
	if got := samplesOf(text); !slices.Equal(got, all) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(all, "\n"))
	}
}

func TestFileIsWhatTheGoldenOneIs(t *testing.T) {
	anna := spoolOf(t, "Anna",
		batch(
			group("2", "2014-03-02 07:00", is("weight_grams", "71800"), is("fat_ratio", "0.268")),
			group("1", "2014-03-01 07:00", is("weight_grams", "72345"), is("segment_fat_mass_grams", "9000.5", "torso"), is("unknown_measure", "12.30", "238")),
		),
		batch(session("7", "2020-01-02", "2020-01-01 22:30", "2020-01-02 06:30", "81")),
		exporter.Batch{Service: exporter.Activity, Timezone: "Europe/Vienna",
			Records: []exporter.Record{day("2019-12-31", zone("Europe/Vienna"), is("activity_steps", "0"), is("activity_energy_joules", "1046000"))}},
		batch(exporter.Record{Service: exporter.Workout, ID: "9", Start: at("2021-05-05 17:00"), End: at("2021-05-05 17:45"),
			Readings: []exporter.Reading{is("workout_info", "1", "walk"), is("workout_end_timestamp_seconds", "1620236700")}}),
		batch(exporter.Record{Service: exporter.Objective, ID: "4", Start: at("2018-01-01 00:00"), End: at("2018-01-01 00:00"),
			Readings: []exporter.Reading{is("objective_weight_grams", "70000")}}),
		batch(exporter.Record{Service: exporter.Goal, ID: "goal", End: at("2018-01-01 00:00"), Readings: []exporter.Reading{is("goal_steps", "10000")}}),
	)
	ben := spoolOf(t, "Ben \"\\\n", batch(group("1", "2014-03-01 07:00", is("weight_grams", "90000"))))
	got, sum := written(t, Options{}, ben, anna)
	path := filepath.Join("testdata", "small.om")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s\n(UPDATE_GOLDEN=1 updates it)", got, want)
	}
	if sum.Records != 7 || sum.Samples != 14 {
		t.Errorf("got %d records and %d samples, want 7 and 14", sum.Records, sum.Samples)
	}
	body := Extent{Samples: 7, First: at("2014-03-01 07:00"), Last: at("2018-01-01 00:00")}
	if got := sum.Groups[exporter.GroupBody]; got != body {
		t.Errorf("the group body is %v, want %v", got, body)
	}
}

func TestTextReadsBackAsWhatItSays(t *testing.T) {
	text, sum := written(t, Options{}, manyKinds(t, "Anna \"\\\n", 3))
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	samples := 0
	for name, family := range families {
		m := exporter.ByName(strings.TrimPrefix(name, exporter.Prefix))
		if m == nil || family.GetType().String() != "GAUGE" || family.GetHelp() != m.Help {
			t.Errorf("family %s has type %s and help %q", name, family.GetType(), family.GetHelp())
		}
		for _, metric := range family.GetMetric() {
			samples++
			for _, label := range metric.GetLabel() {
				if label.GetName() == "profile" && label.GetValue() != "Anna \"\\\n" {
					t.Errorf("profile is %q", label.GetValue())
				}
			}
		}
	}
	if samples != sum.Samples {
		t.Errorf("read %d samples, want the %d of the summary", samples, sum.Samples)
	}
	if !strings.HasSuffix(text, "\n# EOF\n") {
		t.Error("the last line is not # EOF")
	}
}

func TestUnitIsTheEndOfTheName(t *testing.T) {
	for _, m := range exporter.Catalog() {
		unit := unitOf(m)
		if unit != "" && !strings.HasSuffix(m.FullName(), "_"+unit) {
			t.Errorf("%s has unit %s", m.FullName(), unit)
		}
		if unit == "" && strings.Contains(header(m), "# UNIT") {
			t.Errorf("%s has no unit, and a line for it", m.FullName())
		}
	}
}

func TestFamiliesSeriesAndTimesAreInOrderAndOnce(t *testing.T) {
	one, two := manyKinds(t, "Anna", 200), manyKinds(t, "Ben", 200)
	text, _ := written(t, Options{}, two, one)
	family, series, last, seen := "", "", 0.0, map[string]bool{}
	for line := range strings.Lines(text) {
		switch fields := strings.Fields(line); {
		case fields[1] == "HELP":
			if fields[2] <= family {
				t.Errorf("family %s is after %s", fields[2], family)
			}
			family, series = fields[2], ""
		case line[0] != '#':
			if fields[0] != series && (seen[fields[0]] || fields[0] < series) {
				t.Errorf("series %s is apart or after %s", fields[0], series)
			}
			if fields[0] != series {
				last = 0
			}
			now, err := strconv.ParseFloat(fields[2], 64)
			if err != nil || now <= last {
				t.Errorf("%s goes from %f to %s", fields[0], last, fields[2])
			}
			last = now
			series = fields[0]
			seen[series] = true
		}
	}
}

func TestWhatIsTooNewTooOldOrOutsideIsLeftOut(t *testing.T) {
	s := spoolOf(t, "Anna", batch(
		group("1", "2026-07-14 09:00", is("weight_grams", "1")),
		group("2", "2026-07-14 09:01", is("weight_grams", "2")),
		group("3", "2020-01-01 00:00", is("weight_grams", "3")),
		group("4", "2019-12-31 23:59", is("weight_grams", "4")),
		group("5", "1969-12-31 23:59", is("weight_grams", "5")),
		exporter.Record{Service: exporter.Measure, ID: "6", Readings: []exporter.Reading{is("weight_grams", "6")}},
	))
	for _, c := range []struct {
		name string
		o    Options
		want []string
	}{
		{"no bounds but three hours", Options{}, []string{"weight_grams 4 @ 2019-12-31 23:59", "weight_grams 3 @ 2020-01-01 00:00", "weight_grams 1 @ 2026-07-14 09:00"}},
		{"since is in", Options{Since: at("2020-01-01 00:00")}, []string{"weight_grams 3 @ 2020-01-01 00:00", "weight_grams 1 @ 2026-07-14 09:00"}},
		{"until is not", Options{Until: at("2020-01-01 00:00")}, []string{"weight_grams 4 @ 2019-12-31 23:59"}},
		{"nothing at all", Options{Until: at("1980-01-01 00:00")}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, _ := written(t, c.o, s)
			expect(t, text, c.want...)
		})
	}
}

func TestMomentsBetweenSecondsKeepThem(t *testing.T) {
	r := group("1", "2020-01-01 00:00", is("weight_grams", "1"))
	r.End = r.End.Add(1250 * time.Millisecond)
	text, _ := written(t, Options{}, spoolOf(t, "Anna", batch(r)))
	if want := "} 1 1577836801.250\n"; !strings.Contains(text, want) {
		t.Errorf("got %q, want %q in it", text, want)
	}
}

func TestWritingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := spoolOf(t, "Anna", batch(group("1", "2020-01-01 00:00", is("weight_grams", "1"))))
	if _, err := Write(ctx, &strings.Builder{}, []*Spool{s}, Options{Now: noon, Temp: t.TempDir()}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
}

func TestReaderThatHangsUpIsAnError(t *testing.T) {
	s := spoolOf(t, "Anna", batch(group("1", "2020-01-01 00:00", is("weight_grams", "1"))))
	hungUp := errors.New("hung up")
	if _, err := Write(t.Context(), failing{hungUp}, []*Spool{s}, Options{Now: noon, Temp: t.TempDir()}); !errors.Is(err, hungUp) {
		t.Errorf("got %v, want that the reader hung up", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// TestAFileIsWholeOnlyWithItsLastLine cuts a file after every one of its last bytes.
func TestAFileIsWholeOnlyWithItsLastLine(t *testing.T) {
	text, _ := written(t, Options{}, spoolOf(t, "Anna", batch(group("1", "2020-01-01 07:00", is("weight_grams", "70000")))))
	file := filepath.Join(t.TempDir(), "history.om")
	for cut := range 10 {
		write(t, file, []byte(text[:len(text)-cut]))
		if whole, err := Whole(file); err != nil || whole != (cut == 0) {
			t.Errorf("without its last %d bytes: %v, %v", cut, whole, err)
		}
	}
	write(t, file, nil)
	if whole, err := Whole(file); err != nil || whole {
		t.Errorf("an empty file: %v, %v", whole, err)
	}
	if whole, err := Whole(file + "x"); err == nil || whole {
		t.Errorf("no file: %v, %v", whole, err)
	}
}
