package boards

import (
	"fmt"
	"strings"
)

// An imported sample lies at its own time. A live gauge shows the newest one until the
// next poll: it is looked for at the end of the step and some times later, by when it was
// measured. Everything is looked at a millisecond early, so that a sample at the very end
// of a step belongs to the next.

// lookAhead is for how long after a step live samples of it are looked for, and how
// often, in minutes: a gauge stays for at least so long between two polls.
const (
	lookAhead      = 30
	lookAheadEvery = 10
)

func (promQL) sampled(which statistic, of series, minutes int) string {
	step := minutes * secondsInMinute * millisInSecond
	all := []string{of.within(which, minutes)}
	if which != sumOf { // of which a few samples say nothing
		for ahead := lookAhead; ahead > 0; ahead -= lookAheadEvery {
			all = append(all, of.seen(step-1+ahead*secondsInMinute*millisInSecond, minutes))
		}
		all = append(all, of.seen(step-1, minutes))
	}
	device := of
	device.by = modelLabel
	expression := device.joined("max", strings.Join(all, " or on ("+device.lines()+") "))
	if of.by == "" {
		expression = of.joined(string(which), expression)
	}
	return of.apply("(" + expression + ")")
}

// within is a statistic over imported samples of each step.
func (s series) within(which statistic, minutes int) string {
	return fmt.Sprintf("%s_over_time(%s[%dm] offset -%dms)", which, s.imported(), minutes, minutes*secondsInMinute*millisInSecond-1)
}

func (promQL) depth() string {
	s := series{row: mustRow(minuteState), by: modelLabel}
	var all []string
	for _, one := range states {
		all = append(all, fmt.Sprintf("0 * (%s == %s) + %s", s.within(lastOf, aMinute), number(one.code), number(one.level)))
	}
	return s.joined("max", strings.Join(all, " or "))
}

// recent is the time in which the newest minute says something.
var recent = window{length: fmt.Sprintf("%dh", stateHours), now: true, long: true, since: fmt.Sprintf("($__to / 1000 - %d)", stateHours*secondsInHour)}

func (promQL) newestState() string {
	return series{row: mustRow(minuteState), by: modelLabel}.newest(recent)
}

func (promQL) newestStateAt() string {
	s := series{row: mustRow(minuteState)}
	imported := fmt.Sprintf("max_over_time(timestamp(%s)[%s:1m])%s", s.imported(), recent.length, recent.bound(">="))
	return fmt.Sprintf("max by (profile) (%s%s or on (%s) %s) * %d", last(s.measured(), recent), recent.bound(">="), s.keys(), imported, millisInSecond)
}

// seen is what gauges show some milliseconds after a step begins, if it was measured
// within the step.
func (s series) seen(after, minutes int) string {
	const live = `instance!=""`
	return fmt.Sprintf("(%s offset -%dms and on (%s) %s offset -%dms >= time() < time() + %d)",
		selector(s.row, live), after, s.keys(), s.measured(live), after, minutes*secondsInMinute)
}
