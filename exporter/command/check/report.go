package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/words"
)

const (
	// checkTime is how long a check may take, and checkGrace how much longer it waits
	// for what does not stop then; together less than a minute.
	checkTime  = 55 * time.Second
	checkGrace = 3 * time.Second
	// checkAtOnce is how many checks run at the same time, so that Withings is asked
	// for several profiles at once, as serve does.
	checkAtOnce = 8
	// checkSlack is what is left of checkTime even if every service hangs: the rate
	// limit may hold requests back for that long without more time.
	checkSlack = 10 * time.Second
)

// verdict is one line of the output of check.
type verdict struct {
	mark, what, text string

	about string // of whom or what the text is a part, as before a colon; may be empty
	cause string // what is in the way of everything, in words; "" for what only this line tells
}

// because has the line refer to an earlier one that has failed for the same cause, if there is one.
func (v verdict) because(cause string) verdict {
	v.cause = cause
	return v
}

// of puts what the text is about before it.
func (v verdict) of(about string) verdict {
	v.about = about + ": "
	return v
}

const (
	markGood   = "ok"
	markNote   = "note"
	markBad    = "FAIL"
	markDenied = "AUTH"
)

func good(what, text string) verdict       { return verdict{mark: markGood, what: what, text: text} }
func note(what, text string) verdict       { return verdict{mark: markNote, what: what, text: text} }
func bad(what, text string) verdict        { return verdict{mark: markBad, what: what, text: text} }
func unapproved(what, text string) verdict { return verdict{mark: markDenied, what: what, text: text} }

// report writes the lines and counts them by mark.
type report struct {
	out    io.Writer
	wraps  bool              // out is a terminal, and gets lines that fit; elsewhere a check is one line
	count  map[string]int    // by mark
	causes map[string]string // which line has told of a cause
}

func (r *report) show(lines ...verdict) {
	if r.count == nil {
		r.count, r.causes = map[string]int{}, map[string]string{}
	}
	for _, l := range lines {
		if l.cause != "" {
			if told, is := r.causes[l.cause]; is {
				l.mark, l.text = markNote, l.cause+"; see "+told
			} else {
				r.causes[l.cause] = l.what
			}
		}
		r.count[l.mark]++
		mark, text := fmt.Sprintf("%-5s ", l.mark), l.what+": "+l.about+l.text
		if r.wraps {
			words.Paragraph(r.out, mark, text)
			continue
		}
		fmt.Fprintln(r.out, mark+text)
	}
}

func (r *report) result() error {
	failed, denied := r.count[markBad], r.count[markDenied]
	failures := english.Plural(failed, "check", "") + " failed"
	switch {
	case failed > 0 && denied > 0:
		return hint.Wrap(fmt.Errorf("%w for %s, and %s", command.ErrNeedsAuthorization, english.Plural(denied, "check", ""), failures),
			fmt.Sprintf("see the lines marked %s and %s", markDenied, markBad))
	case denied > 0:
		return hint.Wrap(command.ErrNeedsAuthorization, fmt.Sprintf("see the %s marked %s", english.PluralWord(denied, "line", ""), markDenied))
	case failed > 0:
		return hint.Wrap(errors.New(failures), fmt.Sprintf("see the %s marked %s", english.PluralWord(failed, "line", ""), markBad))
	}
	return nil
}

// task is one check; what names it if it does not end.
type task struct {
	what string
	do   func(context.Context) []verdict
}

// since is the key of the time at which the tasks began.
type since struct{}

// elapsed is how long the tasks have been running, to the second.
func elapsed(ctx context.Context) time.Duration {
	began, _ := ctx.Value(since{}).(time.Time)
	return time.Since(began).Round(time.Second)
}

// run does all tasks within a limit and shows their lines in order, each as soon as
// possible. A task that ignores its context is abandoned after a grace period and
// ends with the program. The error is that of ctx.
func (r *report) run(ctx context.Context, limit time.Duration, tasks []task) error {
	timed, cancel := context.WithTimeout(context.WithValue(ctx, since{}, time.Now()), limit)
	defer cancel()
	ended := make([]chan []verdict, len(tasks))
	slots := make(chan struct{}, checkAtOnce)
	var running sync.WaitGroup
	for i, t := range tasks {
		ended[i] = make(chan []verdict, 1)
		running.Go(func() {
			slots <- struct{}{} // every task ends with the context
			defer func() { <-slots }()
			ended[i] <- t.do(timed)
		})
	}
	hard := time.NewTimer(limit + checkGrace)
	defer hard.Stop()
	defer context.AfterFunc(ctx, func() { hard.Reset(checkGrace) })()
	late := false
	for i, t := range tasks {
		if !late {
			select {
			case lines := <-ended[i]:
				r.show(lines...)
				continue
			case <-hard.C:
				late = true
			}
		}
		select {
		case lines := <-ended[i]:
			r.show(lines...)
		default:
			r.show(bad(t.what, fmt.Sprintf("did not answer within %s", elapsed(timed))))
		}
	}
	if !late {
		running.Wait()
	}
	if err := ctx.Err(); errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
