package transfer

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter"
	"withings-exporter/exporter/backfill"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/withings"
	"withings-exporter/exporter/words"
)

// tellEvery is how often a line is written if not to a terminal.
const tellEvery = 15 * time.Second

// progress shows how far a backfill is: a bar on a terminal, else a line now and then.
type progress struct {
	w        io.Writer
	terminal bool
	budget   *withings.Budget

	mu      sync.Mutex // one line at a time, guards what follows
	began   time.Time
	told    time.Time // when the last line was written
	problem string    // why it waits, as shown last; "" if it does not
	waited  string    // what was said last of what waiting means; "" if nothing
	open    bool      // the bar has no line end yet
}

func newProgress(w io.Writer, budget *withings.Budget) *progress {
	return &progress{w: w, terminal: command.IsTerminal(w), budget: budget, began: time.Now()}
}

func (p *progress) report(r backfill.Report) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	switch {
	case r.Problem != "":
		if cause := exporter.Cause(r.Problem); cause != p.problem {
			p.close()
			fmt.Fprintf(p.w, "%s: waiting: %s\n", r.Profile, cause)
			p.problem = cause
		}
		if text := waiting(r.Unkept); p.waited == "" || r.Unkept && p.waited != text {
			words.Paragraph(p.w, "", text)
			p.waited = text
		}
		return
	case p.terminal:
		fmt.Fprintf(p.w, "\r%-79.79s", p.bar(r))
		p.open = true
	case now.Sub(p.told) >= tellEvery:
		fmt.Fprintln(p.w, p.line(r))
		p.told = now
	}
	p.problem = ""
}

// waiting is said the first time that something is in the way, and the first time that what was read is not kept.
func waiting(unkept bool) string {
	stop := "what was read is kept."
	if unkept {
		stop = "what could not be written until then is read again the next time."
	}
	return "It is tried again by itself, more and more rarely, but at least every " + words.Span(backfill.Rarest) +
		", and goes on once that works. Ctrl-C stops it; " + stop
}

// begin has what follows count as the work whose pace is measured.
func (p *progress) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.began = time.Now()
}

// say writes a paragraph of its own.
func (p *progress) say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.close()
	words.Paragraph(p.w, "", text)
}

// end ends the line of the bar.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.close()
}

// close is end. The mutex must be held.
func (p *progress) close() {
	if p.open {
		fmt.Fprintln(p.w)
	}
	p.open = false
}

const barWidth = 20

func (p *progress) bar(r backfill.Report) string {
	share := 0.0 // while what is left is not known
	if r.Left >= 0 {
		share = float64(r.Requests) / float64(r.Requests+r.Left)
	}
	full := int(share * barWidth)
	return fmt.Sprintf("[%s%s] %3.0f%% %s", strings.Repeat("=", full), strings.Repeat(" ", barWidth-full), 100*share, p.line(r))
}

// line is how far the work is, in about sixty columns at most.
func (p *progress) line(r backfill.Report) string {
	reached := "complete"
	if !r.Reached.IsZero() {
		reached = r.Reached.Format("2006-01")
	}
	return fmt.Sprintf("%.12s %s %s, %s, %s", r.Profile, r.Service, reached,
		english.Plural(r.Requests, "request", ""), p.remaining(r))
}

// remaining says how much is left: by the rate limit or by the pace so far, whichever
// is slower.
func (p *progress) remaining(r backfill.Report) string {
	switch r.Left {
	case -1:
		return "reading the newest first"
	case 0:
		return "almost done"
	}
	soFar := time.Since(p.began) / time.Duration(max(r.Requests, 1))
	left := max(p.budget.Duration(r.Requests+r.Left)-p.budget.Duration(r.Requests), soFar*time.Duration(r.Left))
	return fmt.Sprintf("%s left, about %s", humanize.Comma(int64(r.Left)), words.Span(left))
}
