package grafana

import (
	"strings"

	"withings-exporter/grafana/queries"
)

// mayBeEmpty is why a query may find nothing although all is well with somebody
// of the demo who owns every device; "" if it must find something.
func mayBeEmpty(q queries.Query) string {
	for part, reason := range map[string]string{
		"effective_seconds":               "only older clients of Withings told it",
		"manual_intensity":                "nobody types intensities in",
		"electrodermal_activity_left":     "an undocumented type, which no simulated scale sends",
		"electrodermal_activity_right":    "an undocumented type, which no simulated scale sends",
		"objective_fat":                   "the objective is a weight alone",
		"unknown_measure":                 "every type has a row",
		"height_meters":                   "entered once, before the time shown",
		"sleep_rmssd_seconds":             "an undocumented field, asked for on demand",
		`max("rmssd_seconds")`:            "an undocumented field, asked for on demand",
		`last("rmssd_seconds")`:           "an undocumented field, asked for on demand",
		"sdnn_seconds":                    "an undocumented field, asked for on demand",
		"heart_rate_variability_quality":  "an undocumented field, asked for on demand",
		"sleep_skin_temperature":          "an undocumented field, asked for on demand",
		`max("skin_temperature_celsius")`: "an undocumented field, asked for on demand",
		`status!="0"`:                     "Withings answered every request",
		"skipped_readings":                "no reading was left out of late",
		"withings_influx_":                "no InfluxDB is configured",
		"sleep_naps":                      "nobody napped of late",
		`"time_in_bed_seconds" < 10800`:   "nobody napped of late",
	} {
		if strings.Contains(q.Text, part) {
			return reason
		}
	}
	if q.Row == "Night in full" && strings.Contains(q.Text, `last("skin_temperature_celsius")`) {
		return "an undocumented field, asked for on demand"
	}
	return ""
}
