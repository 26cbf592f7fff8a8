package openmetrics

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/testrun"
)

// minute is a sample of a device at a moment.
func minute(service exporter.Service, taken time.Time, model string, values ...string) exporter.Record {
	r := exporter.Record{Service: service, ID: fmt.Sprintf("%d-%s", taken.Unix(), model), Start: taken, End: taken}
	for i := 0; i < len(values); i += 2 {
		r.Readings = append(r.Readings, is(values[i], values[i+1], model))
	}
	return r
}

func TestMinutesAreAtTheirOwnTimesForEachDevice(t *testing.T) {
	const watch, mat = "ScanWatch 2", "Sleep Analyzer"
	s := spoolOf(t, "Anna",
		batch(minute(exporter.Night, at("2026-07-02 01:00"), mat, "sleep_minute_state", "2", "sleep_minute_snoring_seconds", "0"),
			minute(exporter.Night, at("2026-07-02 01:00"), watch, "sleep_minute_state", "1"),
			minute(exporter.Night, at("2026-07-02 01:01"), mat, "sleep_minute_state", "2", "sleep_minute_rmssd_seconds", "0.041")),
		batch(minute(exporter.Night, at("2026-07-01 01:00"), mat, "sleep_minute_state", "15")),
		batch(minute(exporter.Night, at("2026-07-02 01:01"), mat, "sleep_minute_state", "3")), // revised
		batch(minute(exporter.Intraday, at("2026-07-14 09:01"), watch, "activity_intraday_steps", "7"), // Prometheus has it
			minute(exporter.Intraday, at("2026-07-14 08:59"), watch, "activity_intraday_steps", "0", "activity_intraday_spo2_ratio", "0.97")))
	text, sum := written(t, Options{}, s)
	expect(t, text,
		`activity_intraday_spo2_ratio{model="ScanWatch 2"} 0.97 @ 2026-07-14 08:59`,
		`activity_intraday_steps{model="ScanWatch 2"} 0 @ 2026-07-14 08:59`,
		`sleep_minute_rmssd_seconds{model="Sleep Analyzer"} 0.041 @ 2026-07-02 01:01`,
		`sleep_minute_snoring_seconds{model="Sleep Analyzer"} 0 @ 2026-07-02 01:00`,
		`sleep_minute_state{model="ScanWatch 2"} 1 @ 2026-07-02 01:00`,
		`sleep_minute_state{model="Sleep Analyzer"} 15 @ 2026-07-01 01:00`,
		`sleep_minute_state{model="Sleep Analyzer"} 2 @ 2026-07-02 01:00`,
		`sleep_minute_state{model="Sleep Analyzer"} 3 @ 2026-07-02 01:01`)
	if sum.Samples != 8 || sum.Groups[exporter.GroupSleep].Samples != 6 {
		t.Errorf("the summary says %+v", sum)
	}
	text, _ = written(t, Options{Since: at("2026-07-02 01:01"), Until: at("2026-07-03 00:00")}, s)
	expect(t, text, `sleep_minute_rmssd_seconds{model="Sleep Analyzer"} 0.041 @ 2026-07-02 01:01`,
		`sleep_minute_state{model="Sleep Analyzer"} 3 @ 2026-07-02 01:01`)
}

func TestASheetThatIsDamagedIsSaid(t *testing.T) {
	for _, line := range []string{
		`{"metric":"sleep_minute_state","at":[1784065560,60],"values":[1]}`,
		`{"metric":"sleep_minute_state","at":[0],"values":[1]}`,
		`{"metric":"sleep_minute_state","at":[1784065560,-1784065560],"values":[1,1]}`,
		`{"metric":"sleep_minute_state","at":[1784065560,9223372036854775807],"values":[1,1]}`,
		`{"metric":"sleep_minute_state","at":[1784065560],"values":["x"]}`,
		`[]`,
	} {
		s := spoolWith(t, `{"service":"night","records":1}`, line)
		if _, err := Write(t.Context(), &bytes.Buffer{}, []*Spool{s}, Options{Now: noon, Temp: t.TempDir()}); !errors.Is(err, errDamaged) {
			t.Errorf("%s: error %v", line, err)
		}
	}
	for _, line := range []string{
		`{"metric":"sleep_minute_nothing","at":[1784065560],"values":[1]}`,
		`{"metric":"weight_grams","at":[1784065560],"values":[1]}`,
		`{"metric":"sleep_minute_state","labels":["mat","two"],"at":[1784065560],"values":[1]}`,
		`{}`,
	} {
		if text, _ := written(t, Options{}, spoolWith(t, `{"service":"night","records":1}`, line)); len(samplesOf(text)) > 0 {
			t.Errorf("%s: got %q", line, text)
		}
	}
}

// spoolWith is a spool whose records are some lines.
func spoolWith(t testing.TB, lines ...string) *Spool {
	t.Helper()
	path := filepath.Join(t.TempDir(), "history.json")
	s := openAt(t, path, "Anna")
	if err := errors.Join(s.Advance(exporter.Sleep, func(*exporter.Progress) {}), s.Close()); err != nil {
		t.Fatal(err)
	}
	var text []byte
	for _, line := range lines {
		text = appendLine(text, []byte(line))
	}
	write(t, path+recordsEnding, text)
	return openAt(t, path, "Anna")
}

// FuzzSheet lets any line be read as one, and what one has come back.
func FuzzSheet(f *testing.F) {
	f.Add([]byte(`{"metric":"sleep_minute_state","labels":["Sleep Analyzer"],"at":[1784065560,60,60],"values":[0,1,15]}`))
	f.Add([]byte(`{"metric":"activity_intraday_spo2_ratio","at":[1],"values":[0.97]}`))
	f.Add([]byte(`{"at":[null],"values":[null]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		p := past{options: Options{Now: noon}, samples: newSorter(t.TempDir())}
		if err := p.sheet("Anna", exporter.Night, line); err != nil && !errors.Is(err, errDamaged) {
			t.Errorf("error %v", err)
		}
		for _, e := range p.samples.entries {
			key := p.samples.arena[e.at : e.at+e.key]
			if m, _, measured := splitSampleKey(key); m.Service != exporter.Night || !p.options.has(measured) {
				t.Errorf("sample of %s at %s", m.Name, measured)
			}
		}
	})
}

// fillMinutes puts days of somebody with a watch and a mat into a spool, the newest
// first, a window of 24 hours after the other: 1,440 samples of a day and 480 of a night.
func fillMinutes(t testing.TB, s *Spool, days int) {
	t.Helper()
	random := rand.New(rand.NewPCG(3, 4))
	text := func(n int) string { return fmt.Sprint(random.IntN(n)) }
	for back := 1; back <= days; back++ {
		var day, night []exporter.Record
		from := noon.AddDate(0, 0, -back)
		for i := range 1440 {
			r := minute(exporter.Intraday, from.Add(time.Duration(i)*time.Minute), "ScanWatch 2", "activity_intraday_steps", text(120),
				"activity_intraday_distance_meters", text(90)+"."+text(10), "activity_intraday_energy_joules", text(9000))
			if i%10 == 0 {
				r.Readings = append(r.Readings, is("activity_intraday_heart_rate_beats_per_minute", text(150), "ScanWatch 2"))
			}
			day = append(day, r)
		}
		for i := range 480 {
			night = append(night, minute(exporter.Night, from.Add(11*time.Hour+time.Duration(i)*time.Minute), "Sleep Analyzer", "sleep_minute_state", text(4),
				"sleep_minute_heart_rate_beats_per_minute", text(90), "sleep_minute_respiratory_rate_breaths_per_minute", text(20),
				"sleep_minute_snoring_seconds", text(60), "sleep_minute_sdnn_seconds", "0.0"+text(90), "sleep_minute_rmssd_seconds", "0.0"+text(90)))
		}
		put(t, s, batch(day...), batch(night...))
	}
}

// TestYearsOfMinutesNeedLittleMemory: what is in use while a file is written does not
// grow with the years.
func TestYearsOfMinutesNeedLittleMemory(t *testing.T) {
	days := testrun.Scale(30, 365)
	s := spoolOf(t, "Anna")
	fillMinutes(t, s, days)
	peak := heapPeak()
	sum, err := Write(t.Context(), &discard{}, []*Spool{s}, Options{Now: noon, Temp: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	const most = 32 << 20 // the collector may be a little late when the machine is busy; a year of samples at once would be over a hundred
	if used := peak(); used > most {
		t.Errorf("%d MB for %d days, want at most %d", used>>20, days, most>>20)
	}
	late := int(lateness/time.Minute) - 1 // minutes that are too new for the file
	if want := days*(3*1440+144+6*480) - 3*late - late/10; sum.Samples != want {
		t.Errorf("%d samples, want %d", sum.Samples, want)
	}
	info, err := os.Stat(s.path)
	if err != nil {
		t.Fatal(err)
	}
	if each := float64(info.Size()) / float64(sum.Samples); each > 8 {
		t.Errorf("the spool has %.1f bytes for each value", each)
	}
}

// discard is a writer to nowhere.
type discard struct{}

func (*discard) Write(text []byte) (int, error) { return len(text), nil }

// BenchmarkWriteMinutes writes a year of minutes.
func BenchmarkWriteMinutes(b *testing.B) {
	s := spoolOf(b, "Anna")
	fillMinutes(b, s, testrun.Bench(365, 30))
	path := filepath.Join(b.TempDir(), "history.om")
	var sum Summary
	for b.Loop() {
		f, err := os.Create(path)
		if err != nil {
			b.Fatal(err)
		}
		peak := heapPeak()
		if sum, err = Write(b.Context(), f, []*Spool{s}, Options{Now: noon, Temp: b.TempDir()}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(peak())/(1<<20), "heap-MB")
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(sum.Bytes)
	b.ReportMetric(float64(sum.Samples), "samples")
	b.ReportMetric(float64(s.length)/float64(sum.Samples), "spool-B/sample")
}

// TestPromtoolTakesMinutes has three days of them.
func TestPromtoolTakesMinutes(t *testing.T) {
	t.Parallel()
	promtool := testrun.Promtool.Path(t)
	s := spoolOf(t, "Anna")
	fillMinutes(t, s, 3)
	text, sum := written(t, Options{}, s)
	got := strings.Count(outputOf(t, promtool, "tsdb", "dump", blocksOf(t, promtool, text)), "\n")
	if got != sum.Samples || got < 20_000 {
		t.Errorf("the blocks have %d samples, the file %d", got, sum.Samples)
	}
}
