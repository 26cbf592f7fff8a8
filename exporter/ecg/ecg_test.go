package ecg

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"withings-exporter/exporter/testrun"
)

// beats is a made-up rhythm: a P wave, a QRS complex and a T wave each second.
func beats(seconds, frequency int) Curve {
	c := Curve{Frequency: frequency, Microvolts: make([]int64, seconds*frequency)}
	wave := func(x, at, width, height float64) float64 { return height * math.Exp(-math.Pow((x-at)/width, 2)) }
	for i := range c.Microvolts {
		x := math.Mod(float64(i)/float64(frequency), 1)
		c.Microvolts[i] = int64(math.Round(wave(x, 0.12, 0.03, 90) + wave(x, 0.25, 0.008, -110) + wave(x, 0.27, 0.012, 900) +
			wave(x, 0.295, 0.01, -190) + wave(x, 0.5, 0.05, 220)))
	}
	return c
}

var heading = Heading{Title: "ECG of Anna", Lines: []string{"Tuesday 14 July 2026, 08:40:00 CEST · ScanWatch 2", "No atrial fibrillation · 60 beats per minute"}}

func TestADrawingIsThisOne(t *testing.T) {
	got, err := SVG(beats(12, 50), heading)
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/two-rows.svg"
	if *testrun.Update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is not what is drawn; run with -update and look at it", golden)
	}
}

// point is a place on the paper in millimetres.
type point struct{ x, y float64 }

// lines are the points of the curve in each row.
func lines(t *testing.T, svg []byte) (rows [][]point) {
	t.Helper()
	for _, found := range regexp.MustCompile(`points="([^"]*)"`).FindAllSubmatch(svg, -1) {
		var row []point
		for pair := range strings.FieldsSeq(string(found[1])) {
			x, y, _ := strings.Cut(pair, ",")
			row = append(row, point{parsed(t, x), parsed(t, y)})
		}
		rows = append(rows, row)
	}
	return rows
}

func parsed(t *testing.T, s string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func near(a, b float64) bool { return math.Abs(a-b) < 0.001 }

func TestASecondIs25MillimetresAndAMillivolt10(t *testing.T) {
	for _, frequency := range []int{50, 250, 300, 333, 500, 5000} {
		c := Curve{Frequency: frequency, Microvolts: make([]int64, 20*frequency)}
		c.Microvolts[frequency] = 1000        // after a second
		c.Microvolts[11*frequency] = -500     // in the second row
		c.Microvolts[19*frequency+1] = 12_345 // far outside
		svg, err := SVG(c, heading)
		if err != nil {
			t.Fatal(err)
		}
		// An SVG whose width in millimetres is that of its viewBox has millimetres as
		// its unit.
		if !strings.Contains(string(svg), `width="297mm" height="210mm" viewBox="0 0 297 210"`) {
			t.Errorf("%d Hz: the sheet is not A4 in millimetres: %.200s", frequency, svg)
		}
		rows := lines(t, svg)
		if len(rows) != 2 || len(rows[0]) != 10*frequency || len(rows[1]) != 10*frequency {
			t.Fatalf("%d Hz: %d rows, want two of ten seconds", frequency, len(rows))
		}
		first, second := rows[0], rows[1]
		if got := first[frequency].x - first[0].x; !near(got, 25) {
			t.Errorf("%d Hz: a second is %.4f mm wide", frequency, got)
		}
		if got := first[0].y - first[frequency].y; !near(got, 10) {
			t.Errorf("%d Hz: a millivolt goes up %.4f mm", frequency, got)
		}
		if got := second[0].y - second[frequency].y; !near(got, -5) {
			t.Errorf("%d Hz: half a millivolt below zero goes up %.4f mm", frequency, got)
		}
		if got := second[0]; !near(got.x, first[0].x) || !near(got.y, first[0].y+50) {
			t.Errorf("%d Hz: the second row begins at %v, the first at %v", frequency, got, first[0])
		}
		if got := second[0].y - second[9*frequency+1].y; !near(got, 123.45) {
			t.Errorf("%d Hz: 12.345 mV go up %.4f mm before they are cut", frequency, got)
		}
	}
}

func TestTheGridIsOfMillimetresAndTheCurveLiesOnIt(t *testing.T) {
	svg, err := SVG(beats(30, 300), heading)
	if err != nil {
		t.Fatal(err)
	}
	grids := regexp.MustCompile(`stroke-width="(0\.[12])" d="([^"]*)"`).FindAllSubmatch(svg, -1)
	if len(grids) != 2 {
		t.Fatalf("%d grids, want one of small and one of big squares", len(grids))
	}
	for i, step := range []int{1, 5} {
		path := string(grids[i][2])
		var want strings.Builder
		for x := 16; x <= 281; x += step {
			fmt.Fprintf(&want, "M%d 38v150", x)
		}
		for y := 38; y <= 188; y += step {
			fmt.Fprintf(&want, "M16 %dh265", y)
		}
		if path != want.String() {
			t.Errorf("the grid of %d mm is %.60s…", step, path)
		}
	}
	if got := lines(t, svg)[0][0]; got.x != 31 || math.Mod(got.x-16, 5) != 0 {
		t.Errorf("the curve begins at %v, want a line of the big squares", got)
	}
	if want := `id="calibration" fill="none" stroke="#222" stroke-width="0.25" d="M19 63h2v-10h5v10h2"`; !strings.Contains(string(svg), want) {
		t.Errorf("there is no pulse of a millivolt for 0.2 s: %s", want)
	}
}

func TestWhatIsFarOutIsCutOffAndToldAndConstantVoltagesAreNot(t *testing.T) {
	const cutOff = "cut off"
	far := beats(10, 300)
	far.Microvolts[700] = math.MaxInt64
	far.Microvolts[701] = math.MinInt64
	constant := beats(10, 300)
	for i := range constant.Microvolts {
		constant.Microvolts[i] += 8_000_000
	}
	for _, c := range []struct {
		name  string
		curve Curve
		cut   bool
	}{{"a usual curve", beats(10, 300), false}, {"peaks of any size", far, true}, {"a constant voltage", constant, false}} {
		svg, err := SVG(c.curve, heading)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(svg), cutOff) != c.cut {
			t.Errorf("%s: it says that something was cut off: %t", c.name, !c.cut)
		}
		for _, p := range lines(t, svg)[0] {
			if math.Abs(p.y) > 2000 {
				t.Errorf("%s: a point is at %v", c.name, p)
			}
		}
		if !strings.Contains(string(svg), `<polyline clip-path="url(#row0)"`) || !strings.Contains(string(svg), `<clipPath id="row0"><rect x="16" y="38" width="265" height="50"/>`) {
			t.Errorf("%s: the row is not clipped", c.name)
		}
	}
}

func TestALongRecordingHasAllItsRows(t *testing.T) {
	for seconds, want := range map[int]struct{ rows, high int }{1: {1, 210}, 10: {1, 210}, 11: {2, 210}, 30: {3, 210}, 31: {4, 260}, 120: {12, 660}} {
		svg, err := SVG(beats(seconds, 300), heading)
		if err != nil {
			t.Fatal(err)
		}
		rows, points := lines(t, svg), 0
		for _, row := range rows {
			points += len(row)
		}
		if len(rows) != want.rows || points != seconds*300 || !strings.Contains(string(svg), fmt.Sprintf(`height="%dmm"`, want.high)) {
			t.Errorf("%d seconds: %d rows with %d points, want %d rows on %d mm", seconds, len(rows), points, want.rows, want.high)
		}
	}
}

func TestAnyTextIsSafeInADrawing(t *testing.T) {
	svg, err := SVG(beats(1, 50), Heading{Title: `A<n>&"a` + "\x00\xff", Lines: []string{"</text><script>alert(1)</script>"}})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(svg), "<script") {
		t.Error("a script got in")
	}
	for d := xml.NewDecoder(strings.NewReader(string(svg))); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("it is not XML: %v", err)
		}
	}
}

func TestNumbersAreWrittenAsTheyWereMeasured(t *testing.T) {
	for _, c := range []struct {
		frequency int
		want      string
	}{
		{300, "0.000000,-14\n0.003333,0\n0.006667,9223372036854775807\n0.010000,61\n"},
		{500, "0.000000,-14\n0.002000,0\n0.004000,9223372036854775807\n0.006000,61\n"},
	} {
		got, err := CSV(Curve{Frequency: c.frequency, Microvolts: []int64{-14, 0, math.MaxInt64, 61}})
		if err != nil || string(got) != "seconds,microvolts\n"+c.want {
			t.Errorf("%v\n%s\nwant\n%s", err, got, c.want)
		}
	}
	got, err := CSV(Curve{Frequency: 333, Microvolts: make([]int64, 199_800)})
	if want := "\n599.996997,0\n"; err != nil || !strings.HasSuffix(string(got), want) { // 199,799 / 333
		t.Errorf("%v, the last of ten minutes is %q, want %q: errors must not add up", err, got[max(len(got)-20, 0):], want)
	}
}

func TestWhatCannotBeWrittenSaysWhy(t *testing.T) {
	for _, c := range []struct {
		name  string
		curve Curve
		want  string
	}{
		{"no samples", Curve{Frequency: 300}, "has no samples"},
		{"too many", Curve{Frequency: 500, Microvolts: make([]int64, MostSamples+1)}, "200001 samples; at most 200000"},
		{"no frequency", Curve{Microvolts: make([]int64, 10)}, "0 samples a second; from 50 to 5000"},
		{"a frequency below zero", Curve{Frequency: -300, Microvolts: make([]int64, 10)}, "-300 samples a second"},
		{"a high frequency", Curve{Frequency: 5001, Microvolts: make([]int64, 10)}, "5001 samples a second"},
		{"half an hour", Curve{Frequency: 100, Microvolts: make([]int64, 180_000)}, "30m0s long; at most 10m0s"},
	} {
		for format, write := range map[string]func() ([]byte, error){
			"CSV": func() ([]byte, error) { return CSV(c.curve) }, "SVG": func() ([]byte, error) { return SVG(c.curve, heading) },
		} {
			if data, err := write(); err == nil || !strings.Contains(err.Error(), c.want) || data != nil {
				t.Errorf("%s, %s: %v, want %q", c.name, format, err, c.want)
			}
		}
	}
}

func FuzzSVG(f *testing.F) {
	f.Add([]byte{1, 2, 3}, 300, "ECG of Anna")
	f.Add([]byte{}, 0, "<")
	f.Fuzz(func(t *testing.T, signal []byte, frequency int, title string) {
		c := Curve{Frequency: frequency}
		for i, b := range signal {
			c.Microvolts = append(c.Microvolts, int64(int8(b))<<(i%57))
		}
		svg, err := SVG(c, Heading{Title: title, Lines: []string{title}})
		if (err == nil) != (c.Check() == nil) {
			t.Fatalf("drawn: %v, check: %v", err, c.Check())
		}
		if err != nil {
			return
		}
		n := 0
		for _, row := range lines(t, svg) {
			n += len(row)
		}
		if n != len(signal) {
			t.Errorf("%d points of %d samples", n, len(signal))
		}
		for d := xml.NewDecoder(strings.NewReader(string(svg))); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	})
}
