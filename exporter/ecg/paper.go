package ecg

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// The paper, in millimetres. It is a sheet of A4 in landscape with room for 30
// seconds; a longer recording has more rows.
const (
	secondWide    = 25
	millivoltHigh = 10

	sheetWide, sheetHigh = 297, 210

	small, big    = 1, 5 // the squares of the grid
	left, top     = 16, 38
	wide          = 265 // of the grid: ten seconds and the pulse before them
	rowHigh       = 50  // 2.5 mV up and down
	rowSeconds    = 10
	curveLeft     = left + wide - rowSeconds*secondWide
	pulseLeft     = left + big
	pulseWide     = big // 0.2 s
	bottom        = 22
	clampedBeyond = 1000 // what lies further away is not on any paper
)

// Heading is what is written above a drawing.
type Heading struct {
	Title string
	Lines []string // two at most
}

// SVG draws a curve on millimetre paper. Zero is the median of the curve, since an
// ECG tells nothing of constant voltages. What lies outside a row is cut off, and
// the drawing says so.
func SVG(c Curve, h Heading) ([]byte, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	perRow := rowSeconds * c.Frequency
	rows := (len(c.Microvolts) + perRow - 1) / perRow
	high := max(sheetHigh, top+rows*rowHigh+bottom)
	d := &drawing{zero: median(c.Microvolts)}
	d.printf(`<?xml version="1.0" encoding="UTF-8"?>`+"\n"+
		`<svg xmlns="http://www.w3.org/2000/svg" width="%dmm" height="%dmm" viewBox="0 0 %[1]d %[2]d" font-family="Helvetica, Arial, sans-serif" fill="#222">`+"\n",
		sheetWide, high)
	d.printf("<title>%s</title>\n", escaped(h.Title))
	d.printf("<style>@page{size:%dmm %dmm;margin:0}</style>\n", sheetWide, high) // for browsers, which print in original size then
	d.printf(`<rect width="%d" height="%d" fill="#fff"/>`+"\n", sheetWide, high)
	d.heading(h)
	d.grid(rows)
	d.pulse()
	for row := range rows {
		d.row(row, c.Microvolts[row*perRow:min((row+1)*perRow, len(c.Microvolts))], c.Frequency)
	}
	d.footer(top + rows*rowHigh)
	d.printf("</svg>\n")
	return d.Bytes(), nil
}

// drawing is an SVG in the making.
type drawing struct {
	bytes.Buffer
	zero float64 // microvolts on the middle line of a row
	cut  bool    // something lies outside its row
}

func (d *drawing) printf(format string, args ...any) { fmt.Fprintf(&d.Buffer, format, args...) }

// text writes a line of text.
func (d *drawing) text(x, y int, attributes, text string) {
	d.printf(`<text x="%d" y="%d" %s>%s</text>`+"\n", x, y, attributes, escaped(text))
}

func (d *drawing) heading(h Heading) {
	d.text(left, 15, `font-size="6" font-weight="bold"`, h.Title)
	for i, line := range h.Lines {
		d.text(left, 23+6*i, `font-size="4"`, line)
	}
}

// grid draws the squares of the paper, as one path each so that the lines are thin
// and evenly spaced in print.
func (d *drawing) grid(rows int) {
	high := rows * rowHigh
	for _, g := range []struct {
		step          int
		color, stroke string
	}{{small, "#f6cccc", "0.1"}, {big, "#e79a9a", "0.2"}} {
		d.printf(`<path fill="none" stroke="%s" stroke-width="%s" d="`, g.color, g.stroke)
		for x := 0; x <= wide; x += g.step {
			d.printf("M%d %dv%d", left+x, top, high)
		}
		for y := 0; y <= high; y += g.step {
			d.printf("M%d %dh%d", left, top+y, wide)
		}
		d.printf("\"/>\n")
	}
}

// middle is the height at which the zero of a row is.
func middle(row int) int { return top + row*rowHigh + rowHigh/2 }

// pulse draws a millivolt for 0.2 seconds before the first row, to compare with.
func (d *drawing) pulse() {
	const step = (curveLeft - pulseLeft - pulseWide) / 2
	d.printf(`<path id="calibration" fill="none" stroke="#222" stroke-width="0.25" d="M%d %dh%dv-%dh%dv%[4]dh%[3]d"/>`+"\n",
		pulseLeft-step, middle(0), step, millivoltHigh, pulseWide)
}

// row draws ten seconds of the curve.
func (d *drawing) row(row int, microvolts []int64, frequency int) {
	y := middle(row)
	d.text(curveLeft+1, y-rowHigh/2+4, `font-size="3" fill="#888"`, strconv.Itoa(row*rowSeconds)+" s")
	d.printf(`<clipPath id="row%d"><rect x="%d" y="%d" width="%d" height="%d"/></clipPath>`+"\n",
		row, left, top+row*rowHigh, wide, rowHigh)
	d.printf(`<polyline clip-path="url(#row%d)" fill="none" stroke="#222" stroke-width="0.25" stroke-linejoin="round" points="`, row)
	for i, v := range microvolts {
		up := (float64(v) - d.zero) * millivoltHigh / 1000
		d.cut = d.cut || math.Abs(up) > rowHigh/2
		up = max(min(up, clampedBeyond), -clampedBeyond)
		if i > 0 {
			d.printf(" ")
		}
		d.printf("%s,%s", decimal(curveLeft+float64(i)*secondWide/float64(frequency)), decimal(float64(y)-up))
	}
	d.printf("\"/>\n")
}

// footer says how to read the paper.
func (d *drawing) footer(y int) {
	d.text(left, y+6, `font-size="4"`, fmt.Sprintf("%d mm/s · %d mm/mV · printed in original size, a small square is 1 mm wide", secondWide, millivoltHigh))
	if d.cut {
		d.text(left, y+12, `font-size="4"`, "Parts of the curve are higher than the paper and were cut off.")
	}
}

// decimal is a length to a thousandth of a millimetre.
func decimal(v float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(v, 'f', 3, 64), "0"), ".")
}

// median is the value in the middle.
func median(values []int64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (float64(sorted[(n-1)/2]) + float64(sorted[n/2])) / 2
}

// escaped is text within XML, which has no control characters.
func escaped(text string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\uFFFE' || r == '\uFFFF' {
			return unicode.ReplacementChar
		}
		return r
	}, text))
}
