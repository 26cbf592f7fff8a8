package boards

import (
	"fmt"

	"withings-exporter/exporter"
)

// begin is the row that says when a record of a service began, nil where none does.
func begin(of exporter.Service) *exporter.Metric {
	if row := exporter.ByOrigin(of, "startdate"); row != nil {
		return row
	}
	return exporter.ByOrigin(of, "timestamp")
}

// marks are one query. A row that got its result later counts with that alone. Of those
// that an import has within five minutes, the last result counts.
func (promQL) marks(rate series) []string {
	at := series{row: mustRow(recordedAt)}
	known := func(row string, without float64) string {
		whole := fmt.Sprintf("(%s or on (%s) 0 * %s + %s)", series{row: mustRow(row)}.gauge(), exporterLabels, at.gauge(), number(without))
		return each(whole, "("+at.gauge()+" >= $__from / 1000) * 1000", "$__range")
	}
	return []string{fmt.Sprintf("%s * on (profile, %s) group_left (%s) count_values by (profile, %[2]s) (%[3]q, %s)",
		known(rate.row.Name, 0), recordTime, findingLabel, known(recordedFound, failed))}
}
