package exporter

import (
	"slices"
	"sort"
)

// How many records of a service are kept: enough that a deleted or shortened
// one uncovers the one before it without asking Withings again.
var kept = map[Service]int{Activity: 8, Sleep: 8, Workout: 4}

type series struct {
	metric *Metric
	labels Labels
}

// retain drops the records that no gauge can need. What is dropped leaves the
// memory too: the rest is copied.
func retain(service Service, records []Record) []Record {
	switch service {
	case Measure, Objective:
		return winners(records)
	case Activity, Sleep, Workout:
		sort.Slice(records, func(i, j int) bool { return records[i].compare(&records[j]) > 0 })
		if len(records) > kept[service] {
			return slices.Clone(records[:kept[service]])
		}
	}
	return records
}

// winners keeps each record that is the latest for at least one series.
func winners(records []Record) []Record {
	latest := latestBySeries(records)
	wins := map[*Record]bool{}
	for _, w := range latest {
		wins[w.record] = true
	}
	if len(wins) == len(records) {
		return records
	}
	rest := make([]Record, 0, len(wins))
	for i := range records {
		if wins[&records[i]] {
			rest = append(rest, records[i])
		}
	}
	return rest
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
