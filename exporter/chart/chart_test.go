package chart

import (
	"encoding/xml"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// days are consecutive days from 1 January; absent is one without a value.
func days(values ...float64) []Day {
	all := make([]Day, len(values))
	for i, v := range values {
		all[i] = Day{Date: time.Date(2026, 1, 1+i, 12, 0, 0, 0, time.UTC), Value: v, Text: strconv.FormatFloat(v, 'f', -1, 64), Known: v != absent}
	}
	return all
}

const absent = -1

func weight(values ...float64) *Chart {
	return &Chart{Label: "Weight", Unit: "kg", Days: days(values...)}
}

func TestTheNumbersOfADrawingAreTold(t *testing.T) {
	pressure := &Chart{Label: "Blood pressure", Unit: "mmHg", Days: days(120, absent, 135), Lower: days(80, absent, 78)}
	steps := &Chart{Label: "Steps", Days: days(0, 9000), Bars: true}
	for _, c := range []struct {
		name             string
		chart            *Chart
		between, details string
		worth            bool
	}{
		{"weights", weight(72.5, 71.9, absent, 73), "71.9–73", "1 January to 4 January: last 73 kg on 4 January, lowest 71.9 kg, highest 73 kg; without a value on 1 of 4 days.", true},
		{"always the same", weight(70, 70), "70", "1 January to 2 January: last 70 kg on 2 January, lowest 70 kg, highest 70 kg.", true},
		{"a single day", weight(absent, 70, absent), "70", "1 January to 3 January: last 70 kg on 2 January, lowest 70 kg, highest 70 kg; without a value on 2 of 3 days.", false},
		{"two lines", pressure, "120–135/78–80", "1 January to 3 January: last 135/78 mmHg on 3 January, lowest 120 and 78 mmHg, highest 135 and 80 mmHg; without a value on 1 of 3 days.", true},
		{"totals without a unit", steps, "0–9000", "1 January to 2 January: last 9000 on 2 January, lowest 0, highest 9000.", true},
		{"totals of which today's grows", &Chart{Label: "Steps", Days: days(7000, 9000, 12), Bars: true, Counting: true}, "7000–9000",
			"1 January to 3 January: last 12 on 3 January, lowest 7000, highest 9000.", true},
		{"only today's", &Chart{Label: "Steps", Days: days(absent, 12), Bars: true, Counting: true}, "12",
			"1 January to 2 January: last 12 on 2 January, lowest 12, highest 12; without a value on 1 of 2 days.", false},
		{"nothing", weight(absent, absent), "", "No value in 2 days.", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.chart.Range(); got != c.between {
				t.Errorf("range: got %q, want %q", got, c.between)
			}
			if got := c.chart.Description(); got != c.details {
				t.Errorf("got  %q\nwant %q", got, c.details)
			}
			if got := c.chart.Worth(); got != c.worth {
				t.Errorf("worth drawing: %v", got)
			}
			if svg := c.chart.SVG(); !strings.Contains(svg, `role="img"`) || !strings.Contains(svg, "<desc>"+c.details+"</desc>") {
				t.Errorf("the drawing is not described: %s", svg)
			}
		})
	}
}

func TestADayWithoutAValueIsAGap(t *testing.T) {
	for _, c := range []struct {
		name  string
		chart *Chart
		want  []string
		not   string
	}{
		// A day is 60 wide; from 60 at 10 kg to 4 at 20 kg.
		{"two pieces and a day between", weight(10, 20, absent, 15, absent),
			[]string{`<path class="line" d="M30.0 60.0L90.0 4.0"/>`, `<path class="line point" d="M210.0 32.0h0"/>`}, "L210"},
		{"the last day of a piece is a point", weight(10, 20, absent, absent, absent),
			[]string{`<path class="line" d="M30.0 60.0L90.0 4.0"/>`, `<path class="line point" d="M90.0 4.0h0"/>`}, "M30.0 60.0h0"},
		{"all the same", weight(7, 7, absent, absent, absent), []string{`d="M30.0 32.0L90.0 32.0"`}, "NaN"},
		{"totals, of which one is zero", &Chart{Label: "Steps", Bars: true, Days: days(50, 0, absent, 100, 25)},
			[]string{`<rect class="bar" x="6.6" y="34.0" width="46.8" height="30.0"/>`, `<rect class="bar" x="186.6" y="4.0"`, `<title>2 January: 0</title>`}, `x="66.6"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			svg := c.chart.SVG()
			for _, want := range c.want {
				if !strings.Contains(svg, want) {
					t.Errorf("no %s in %s", want, svg)
				}
			}
			if strings.Contains(svg, c.not) {
				t.Errorf("%s is in %s", c.not, svg)
			}
		})
	}
}

var number = regexp.MustCompile(`-?[0-9]+(\.[0-9]+)?`)

// FuzzEveryDrawingIsWellFormedAndInItsFrame draws whatever values and names come.
func FuzzEveryDrawingIsWellFormedAndInItsFrame(f *testing.F) {
	f.Add("Weight", "kg", 72.5, 71.9, 0.0, true)
	f.Add(`<b>&"'`, "\x00", 1e15, -1e15, 1e-9, false)
	f.Fuzz(func(t *testing.T, label, unit string, a, b, lower float64, bars bool) {
		for _, v := range []float64{a, b, lower} {
			if math.IsNaN(v) || math.Abs(v) > 1e18 {
				return // no value of a decimal
			}
		}
		c := &Chart{Label: strings.ToValidUTF8(label, "?"), Unit: strings.ToValidUTF8(unit, "?"), Days: days(a, absent, b), Lower: days(lower, lower, absent), Bars: bars}
		svg := c.SVG()
		_ = c.Range()
		decoder, tags := xml.NewDecoder(strings.NewReader(strings.Map(printable, svg))), 0
		for {
			token, err := decoder.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%v in %s", err, svg)
			}
			start, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			tags++
			for _, attribute := range start.Attr {
				switch attribute.Name.Local {
				case "d", "x", "y", "width", "height":
					for _, text := range number.FindAllString(attribute.Value, -1) {
						if v, err := strconv.ParseFloat(text, 64); err != nil || v < 0 || v > wide {
							t.Errorf("%s=%q is outside the frame", attribute.Name.Local, attribute.Value)
						}
					}
				}
			}
		}
		if tags > 20 {
			t.Errorf("%d elements for three days", tags)
		}
	})
}

// printable leaves out what no XML may have; browsers read HTML.
func printable(r rune) rune {
	if r < ' ' || r == '\uFFFE' || r == '\uFFFF' {
		return '?'
	}
	return r
}
