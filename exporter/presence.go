package exporter

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	// keptEvents is how many of the newest bed events are kept. A mat sends four to ten a
	// night, so these are months, which a sink may have been away.
	keptEvents = 1000
	// freshPresence is how long a bed event says who is in bed.
	freshPresence = 36 * time.Hour
	// oldestEvent is how late a bed event may arrive. Withings gives up after some hours.
	oldestEvent = 7 * 24 * time.Hour
	// skew is how far clocks may be apart.
	skew = 5 * time.Minute
)

// Why a bed event is left out: the reason label of withings_skipped_readings_total.
const (
	TooOld = "too_old" // older than a week
	Future = "future"  // not yet
)

// BedEvent is a notification that somebody got in or out of bed.
type BedEvent struct {
	In     bool
	At     time.Time
	Device string // the mat's id; "" if it is not named
}

// Batch is the event, which arrived just now, for State.Apply; otherwise it says why
// the event is left out.
func (e BedEvent) Batch(now time.Time) (b Batch, leftOut string) {
	switch {
	case e.At.After(now.Add(skew)):
		return Batch{}, Future
	case e.At.Before(now.Add(-oldestEvent)):
		return Batch{}, TooOld
	}
	category, is := "51", int64(0)
	if e.In {
		category, is = "50", 1
	}
	at := e.At.UTC().Truncate(time.Second)
	r := Record{
		Service: Presence, ID: fmt.Sprintf("%d-%s-%s", at.Unix(), category, matID(e.Device)),
		Start: at, End: at, Modified: now.UTC(),
		Readings: []Reading{
			{Metric: ByOrigin(Presence, "50 and 51"), Value: Integer(is)},
			{Metric: ByOrigin(Presence, category), Value: Integer(at.Unix())},
		},
	}
	return Batch{Service: Presence, Records: []Record{r}}, ""
}

// matID is a device id that can be saved; those of Withings have forty characters.
func matID(device string) string {
	const longest = 100
	return strings.ToValidUTF8(device[:min(len(device), longest)], "")
}

// bed is what bed events say about a person, who can be in one bed at a time.
type bed struct {
	in      bool
	mat     string  // the one that noticed the person last
	last    *Record // the newest event; nil without events
	cameIn  *Record // the last change from out to in, or to another mat; nil if unknown
	wentOut *Record // the last change from in to out; nil if unknown
}

// bedOf replays events in the order in which they happened, however they arrived. One
// mat alone says when a person left it: a mat that notices late that it is empty does
// not get anybody out of another bed. A repeated event changes nothing. If somebody
// gets in and out in the same second, they are out.
func bedOf(events []Record) bed {
	sorted := make([]*Record, len(events))
	for i := range events {
		sorted[i] = &events[i]
	}
	slices.SortFunc(sorted, func(a, b *Record) int { return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.ID, b.ID)) })
	var is bed
	for _, r := range sorted {
		first, in, mat := is.last == nil, r.Readings[0].Value.Sign() > 0, r.mat()
		same := mat == is.mat || mat == "" || is.mat == ""
		is.last = r
		switch {
		case in && !(is.in && same):
			is.in, is.cameIn, is.mat = true, r, mat
		case !in && (first || is.in && same):
			is.in, is.wentOut, is.mat = false, r, mat
		}
	}
	return is
}

// mat is the device that sent a bed event.
func (r *Record) mat() string {
	_, rest, _ := strings.Cut(r.ID, "-")
	_, mat, _ := strings.Cut(rest, "-")
	return mat
}

// appendPresence shows whether the person is in bed, and the last change of each kind.
// All of it is as recent as the newest event, with which it vanishes.
func appendPresence(samples []Sample, events []Record, _ time.Time) []Sample {
	is := bedOf(events)
	if is.last == nil {
		return samples
	}
	add := func(m *Metric, v Decimal) {
		samples = append(samples, Sample{Metric: m, Value: v, Measured: is.last.End})
	}
	add(is.last.Readings[0].Metric, Integer(int64(rank(is.in))))
	for _, change := range []*Record{is.cameIn, is.wentOut} {
		if change != nil {
			add(change.Readings[1].Metric, change.Readings[1].Value)
		}
	}
	return samples
}

// keepEvents keeps the newest events, and leaves out what is not one.
func keepEvents(events []Record) []Record {
	return keepNewest(keptEvents)(slices.DeleteFunc(events, func(r Record) bool { return len(r.Readings) != 2 }))
}
