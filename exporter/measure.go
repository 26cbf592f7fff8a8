package exporter

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// keptBeside is how many of the latest measure groups are kept besides those that
// show: the deletion of one uncovers the one before it without asking Withings
// again, and is not taken for the loss of most of what is known.
const keptBeside = 8

// MostUnknown is how many series there may be of a profile whose measure type
// nobody knows.
const MostUnknown = 100

type series struct {
	metric *Metric
	labels Labels
}

// keepLatest keeps what shows, and a few more.
func keepLatest(records []Record) []Record { return winners(bounded(records)) }

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

// appendLatest shows the latest value of each series.
func appendLatest(samples []Sample, records []Record, _ time.Time) []Sample {
	for key, w := range latestBySeries(records) {
		samples = append(samples, Sample{Metric: key.metric, Labels: key.labels, Value: w.value, Measured: w.record.End})
	}
	return samples
}
