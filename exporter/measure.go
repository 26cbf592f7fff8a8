package exporter

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// keptBeside is how many more of the latest measure groups are kept than are shown:
// when one is deleted, the one before it shows without asking Withings again, and
// a deletion does not look like the loss of most records.
const keptBeside = 8

// For charts, the values of daily metrics are kept for keptDays before the latest record,
// and of keptDaily records at most: three a day and a few more.
const (
	keptDays  = 32
	keptDaily = 100
)

// MostUnknown limits the series of a profile that have an unknown measure type.
const MostUnknown = 100

type series struct {
	metric *Metric
	labels Labels
}

// keepLatest keeps the records that are shown, and a few more.
func keepLatest(records []Record) []Record { return winners(bounded(records)) }

// winners keeps each record that is the latest of at least one series, and the
// keptBeside latest others. Of those before, daily values of the last month remain.
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
	return append(rest, daily(others[keptBeside:], records)...)
}

// daily are the values of daily metrics in some records, sorted from the latest, of the
// month before the latest of all.
func daily(some []*Record, all []Record) []Record {
	since := newest(all).End.AddDate(0, 0, -keptDays)
	var kept []Record
	for _, r := range some {
		if r.End.Before(since) || len(kept) == keptDaily {
			break
		}
		day := *r
		day.Readings = nil
		for _, reading := range r.Readings {
			if reading.Metric.Daily && reading.Labels == "" {
				day.Readings = append(day.Readings, reading)
			}
		}
		if !day.void() {
			kept = append(kept, day)
		}
	}
	return kept
}

// bounded keeps at most MostUnknown series of unknown types, those measured last.
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
