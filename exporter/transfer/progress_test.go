package transfer

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"withings-exporter/exporter"
	"withings-exporter/exporter/backfill"
	"withings-exporter/exporter/withings"
	"withings-exporter/exporter/words"
)

// reports are a backfill whose estimate is done too early once, and which has to wait.
func reports() []backfill.Report {
	r := backfill.Report{Profile: "Anna Müller-Lüdenscheidt", Service: exporter.Measure, Reached: time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)}
	var all []backfill.Report
	for _, step := range []struct {
		requests, left int
		problem        string
	}{{1, -1, ""}, {2, 2, ""}, {3, 0, ""}, {4, 12, ""}, {4, 12, "getmeas: Withings is busy"}, {4, 12, "getactivity: Withings is busy; tried 3 times"}, {12345, 12345, ""}} {
		r.Requests, r.Left, r.Problem = step.requests, step.left, step.problem
		all = append(all, r)
	}
	return all
}

func TestTheBarOnATerminalStaysOnOneLine(t *testing.T) {
	var out strings.Builder
	p := newProgress(&out, withings.NewBudget(100, time.Now, nil))
	p.terminal = true
	for _, r := range reports() {
		p.report(r)
	}
	p.end()
	p.end()
	lines := strings.Split(out.String(), "\n")
	want := []string{
		"[=====               ]  25% Anna Müller- measure 2024-03, 4 requests, 12 left",
		"Anna Müller-Lüdenscheidt: waiting: Withings is busy",
		"It is tried again by itself, more and more rarely, but at least every 5 minutes,",
		"and goes on once that works. Ctrl-C stops it; what was read is kept.",
		"[==========          ]  50% Anna Müller- measure 2024-03, 12,345 requests, 12,3",
		"",
	}
	if len(lines) != len(want) {
		t.Fatalf("got %d lines, want %d:\n%q", len(lines), len(want), lines)
	}
	for i, line := range lines {
		drawn := strings.Split(line, "\r")
		if last := drawn[len(drawn)-1]; !strings.HasPrefix(last, want[i]) {
			t.Errorf("line %d is %q, want %q", i, last, want[i])
		}
		for _, bar := range drawn[1:] {
			if n := utf8.RuneCountInString(bar); n != 79 {
				t.Errorf("%d columns, want 79 so that nothing of the bar before stays: %q", n, bar)
			}
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("it has escape sequences")
	}
}

// TestWhatIsNotKeptIsNotSaidToBe: while a target takes nothing, as on a full disk, what was read since waits in memory.
func TestWhatIsNotKeptIsNotSaidToBe(t *testing.T) {
	const kept, unkept = "Ctrl-C stops it; what was read is kept.", "Ctrl-C stops it; what could not be written until then is read again the next time."
	var out strings.Builder
	p := newProgress(&out, withings.NewBudget(100, time.Now, nil))
	said := func() string {
		text := strings.Join(strings.Fields(out.String()), " ")
		out.Reset()
		return text
	}
	busy, full := backfill.Report{Profile: "Anna", Problem: "Withings is busy"}, backfill.Report{Profile: "Anna", Problem: "the disk is full", Unkept: true}
	p.report(busy)
	if got := said(); !strings.HasSuffix(got, kept) {
		t.Errorf("while Withings is busy it says %q", got)
	}
	p.report(full)
	if got := said(); !strings.HasSuffix(got, unkept) {
		t.Errorf("while the disk is full it says %q", got)
	}
	p.report(busy)
	p.report(full)
	if got := said(); strings.Contains(got, "Ctrl-C") {
		t.Errorf("it says again what waiting means: %q", got)
	}
}

func TestProgressInAPipeIsALineNowAndThen(t *testing.T) {
	var out strings.Builder
	p := newProgress(&out, withings.NewBudget(100, time.Now, nil))
	for _, r := range reports() {
		p.report(r)
	}
	p.told = p.told.Add(-tellEvery)
	p.report(reports()[3])
	p.report(reports()[4]) // what it means was said
	p.end()
	const want = "Anna Müller- measure 2024-03, 1 request, reading the newest first\n" +
		"Anna Müller-Lüdenscheidt: waiting: Withings is busy\n" +
		"It is tried again by itself, more and more rarely, but at least every 5 minutes,\n" +
		"and goes on once that works. Ctrl-C stops it; what was read is kept.\n" +
		"Anna Müller- measure 2024-03, 4 requests, 12 left, "
	if line := p.line(backfill.Report{Profile: "Ben", Service: exporter.Heart, Requests: 20, Left: 12}); !strings.HasPrefix(line, "Ben heart complete, 20 requests, 12 left, about ") {
		t.Errorf("of what was read to its beginning it says %q", line)
	}
	if got := out.String(); !strings.HasPrefix(got, want) || strings.Count(got, "\n") != 6 || strings.Contains(got, "\r") {
		t.Errorf("got %q, want %q and one line", got, want)
	}
}

func TestWhatIsSaidBesideTheBarHasLinesOfItsOwn(t *testing.T) {
	var out strings.Builder
	p := newProgress(&out, withings.NewBudget(100, time.Now, nil))
	p.terminal = true
	p.report(reports()[0])
	p.say(strings.Repeat("Waiting. ", 20))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) < 3 || !strings.HasPrefix(lines[1], "Waiting.") {
		t.Errorf("got %q", lines)
	}
	for _, line := range lines[1:] {
		if utf8.RuneCountInString(line) > words.Columns {
			t.Errorf("%q is wider than %d columns", line, words.Columns)
		}
	}
}
