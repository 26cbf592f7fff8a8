package profiles

import (
	"fmt"

	"withings-exporter/exporter"
)

// LeftOut says what is kept though Withings no longer tells it, and what InfluxDB
// does not have as Withings has it.
func LeftOut(m *Member) (notes []string) {
	for _, service := range m.Choose().Asked {
		if note := doubt(service, m.State.Progress(service).Doubt); note != "" {
			notes = append(notes, note)
		}
	}
	if m.Influx != nil {
		notes = append(notes, m.Influx.Notes()...)
	}
	return notes
}

// doubt says what Withings leaves out that is kept all the same; "" when nothing.
func doubt(service exporter.Service, d exporter.Doubt) string {
	if d.Doubted.IsZero() {
		return ""
	}
	const moment = "2 January 15:04 MST"
	return fmt.Sprintf("Since %s Withings has answered without %d of %d known %s. They are kept until %s unless it answers otherwise.",
		d.Doubted.Format(moment), d.Missing, d.Known, service.Row().Noun, d.Until().Format(moment))
}
