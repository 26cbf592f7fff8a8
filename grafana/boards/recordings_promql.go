package boards

import (
	"fmt"
	"strings"

	"withings-exporter/exporter"
)

// begin is the row that says when a record of a service began, nil where none does.
func begin(of exporter.Service) *exporter.Metric {
	if row := exporter.ByOrigin(of, "startdate"); row != nil {
		return row
	}
	return exporter.ByOrigin(of, "timestamp")
}

// recorded is what the series of a row show at a moment, as far as it is of the record
// shown: Prometheus shows an imported sample for five minutes, also beside one of a
// later ECG that lacks such a value.
func (s series) recorded() string {
	row := exporter.ByOrigin(s.row.Service, "timestamp")
	if row == nil || row == s.row {
		return s.gauge()
	}
	return fmt.Sprintf("(%s and on (%s) timestamp(%s) == on (%s) timestamp(%s))", s.gauge(), exporterLabels, s.gauge(), exporterLabels, series{row: row}.gauge())
}

// marks are one query. A row that got its result later counts with that alone.
func (promQL) marks(rate series) []string {
	at := series{row: mustRow(recordedAt)}
	known := func(row string) string {
		return each(series{row: mustRow(row)}.recorded(), "("+at.gauge()+" >= $__from / 1000) * 1000", "$__range")
	}
	const same = "on (profile, " + recordTime + ")"
	var all []string
	for _, f := range findings {
		is := fmt.Sprintf("(%s == %s)", known(recordedFound), number(f.code))
		marks := fmt.Sprintf("%s and %s %s or %s 0 * %s", known(rate.row.Name), same, is, same, is)
		if f.code == failed {
			marks = fmt.Sprintf("0 * (%s unless %s %s)", known(recordedAt), same, known(recordedFound))
		}
		all = append(all, fmt.Sprintf(`label_replace(%s, %q, %q, "profile", ".*")`, marks, findingLabel, f.name))
	}
	return []string{strings.Join(all, " or ")}
}
