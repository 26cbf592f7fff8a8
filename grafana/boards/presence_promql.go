package boards

import "fmt"

// Gauges about beds are those of the newest event, and there is no import: of several
// exporters, the one that knows the newest event counts.

// newestBed is what the exporter that knows the newest event shows, for each line.
func newestBed() string {
	s := series{row: mustRow(isInBed)}
	return fmt.Sprintf("(%s and on (%s) topk by (profile) (1, %s))", selector(s.row), exporterLabels, s.measured())
}

// bedState has no labels, as that of result.
func (promQL) bedState(series) string {
	return fmt.Sprintf("max(%s) or vector(%d)", newestBed(), notRecorded)
}

func (promQL) inBedSince(in bool) string {
	row, is := gotOut, 0
	if in {
		row, is = gotIn, 1
	}
	return fmt.Sprintf("max by (profile) (%s and on (%s) %s == %d) * %d", selector(mustRow(row)), exporterLabels, newestBed(), is, millisInSecond)
}

// ofNight is the first time in bed, or the last time out, of those from noon to noon
// around the midnight with which a day begins. A gauge that still shows the night
// before does not count.
func (s series) ofNight(d day) string {
	w := d.window(-noon, hoursOfDay)
	function, pick := "max_over_time", "max"
	if s.row.Name == gotIn {
		function, pick = "min_over_time", "min"
	}
	sinceNoon := fmt.Sprintf("(time() - (time() - ${midnight} + %d) %% %d)", noon*secondsInHour, secondsOfDay)
	return fmt.Sprintf("%s by (profile) (%s((%s >= %s)[%s:%s]%s))", pick, function, selector(s.row), sinceNoon, w.length, lookback, w.offset)
}
