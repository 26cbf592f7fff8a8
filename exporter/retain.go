package exporter

import (
	"cmp"
	"slices"
	"strings"
)

const (
	// keptDates is how many dates of days and nights are kept: those of the window
	// that is read again, and a few more, since rows of a date change for weeks.
	keptDates = 36
	// keptRows bounds the rows of all these dates; two trackers and naps make
	// three or four a date.
	keptRows = 400
	// keptWorkouts are enough to show the one before a deleted one without asking
	// Withings again.
	keptWorkouts = 8
	// keptRecordings is the same for recordings of the heart, and more, since the curves
	// of those that are kept can be looked at: three a week for half a year.
	keptRecordings = 80
	// keptDevices bounds the devices; people have under ten.
	keptDevices = 100
)

func keepAll(records []Record) []Record { return records }

// keepNewest keeps the n newest records.
func keepNewest(n int) func([]Record) []Record {
	return func(records []Record) []Record {
		if len(records) <= n {
			return records
		}
		slices.SortFunc(records, func(a, b Record) int { return b.compare(&a) })
		return records[:n]
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
			return records[:i]
		}
	}
	return records
}
