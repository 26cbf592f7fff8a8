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
	// keptDevices bounds the devices; people have under ten.
	keptDevices = 100
)

// What is dropped of a service's records leaves the memory too: the rest is copied.

func keepAll(records []Record) []Record { return records }

// keepNewest keeps so many records.
func keepNewest(n int) func([]Record) []Record {
	return func(records []Record) []Record {
		if len(records) <= n {
			return records
		}
		slices.SortFunc(records, func(a, b Record) int { return b.compare(&a) })
		return slices.Clone(records[:n])
	}
}

// keepNewestDates keeps the rows of the newest dates.
func keepNewestDates(records []Record) []Record {
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
