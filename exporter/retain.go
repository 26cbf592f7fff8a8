package exporter

import (
	"cmp"
	"slices"
	"strings"
)

const (
	// keptDates is how many dates of days and nights are kept: those of the window
	// that is read again, and a few more, since what a date comes to depends on
	// all of its rows and these change for weeks.
	keptDates = 36
	// keptRows bounds the rows of all these dates; two trackers and naps make
	// three or four a date.
	keptRows = 400
	// keptWorkouts are enough for a deleted one to uncover the one before it
	// without asking Withings again.
	keptWorkouts = 8
	// keptBeside is how many of the latest measure groups are kept besides those
	// that show, for the same reason, and so that the deletion of one is not taken
	// for the loss of most of what is known.
	keptBeside = 8
	// keptDevices bounds the devices; people have under ten.
	keptDevices = 100
)

// MostUnknown is how many series there may be of a profile whose measure type
// nobody knows.
const MostUnknown = 100

type series struct {
	metric *Metric
	labels Labels
}

// retain drops the records that no gauge can need. What is dropped leaves the
// memory too: the rest is copied.
func retain(service Service, records []Record) []Record {
	switch service {
	case Measure, Objective:
		return winners(bounded(records))
	case Activity, Sleep:
		return newestDates(records)
	case Workout:
		return newest(records, keptWorkouts)
	case Device:
		return newest(records, keptDevices)
	}
	return records
}

// newest keeps so many records.
func newest(records []Record, n int) []Record {
	if len(records) <= n {
		return records
	}
	slices.SortFunc(records, func(a, b Record) int { return b.compare(&a) })
	return slices.Clone(records[:n])
}

// newestDates keeps the rows of the newest dates.
func newestDates(records []Record) []Record {
	slices.SortFunc(records, func(a, b Record) int { return cmp.Or(strings.Compare(b.Date, a.Date), b.compare(&a)) })
	dates, last := 0, ""
	for i := range records {
		if i == 0 || records[i].Date != last {
			dates++
			last = records[i].Date
		}
		if dates > keptDates || i == keptRows {
			return slices.Clone(records[:i])
		}
	}
	return records
}

// winners keeps each record that is the latest for at least one series, and the
// latest of the others.
func winners(records []Record) []Record {
	wins := map[*Record]bool{}
	for _, w := range latestBySeries(records) {
		wins[w.record] = true
	}
	if len(records) <= len(wins)+keptBeside {
		return records
	}
	rest := make([]Record, 0, len(wins)+keptBeside)
	var others []*Record
	for i := range records {
		if r := &records[i]; wins[r] {
			rest = append(rest, *r)
		} else {
			others = append(others, r)
		}
	}
	slices.SortFunc(others, func(a, b *Record) int { return b.compare(a) })
	for _, r := range others[:keptBeside] {
		rest = append(rest, *r)
	}
	return rest
}

// bounded leaves out readings of types nobody knows when there are too many
// series of them; those measured latest stay.
func bounded(records []Record) []Record {
	unknown := map[Labels]*Record{}
	of := ByOrigin(Measure, "unknown")
	for key, w := range latestBySeries(records) {
		if key.metric == of {
			unknown[key.labels] = w.record
		}
	}
	if len(unknown) <= MostUnknown {
		return records
	}
	kept := make([]Labels, 0, len(unknown))
	for labels := range unknown {
		kept = append(kept, labels)
	}
	slices.SortFunc(kept, func(a, b Labels) int {
		return cmp.Or(unknown[b].compare(unknown[a]), strings.Compare(string(a), string(b)))
	})
	for _, labels := range kept[MostUnknown:] {
		delete(unknown, labels)
	}
	all := make([]Record, 0, len(records))
	for _, r := range records {
		r.Readings = slices.DeleteFunc(slices.Clone(r.Readings), func(is Reading) bool {
			return is.Metric == of && unknown[is.Labels] == nil
		})
		if !r.void() {
			all = append(all, r)
		}
	}
	return all
}

type winner struct {
	record *Record
	value  Decimal
}

func latestBySeries(records []Record) map[series]winner {
	latest := map[series]winner{}
	for i := range records {
		r := &records[i]
		for _, reading := range r.Readings {
			key := series{reading.Metric, reading.Labels}
			if held, ok := latest[key]; !ok || held.record == r || r.compare(held.record) > 0 {
				latest[key] = winner{r, reading.Value}
			}
		}
	}
	return latest
}
