package profiles

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/config"
)

// LeftOut says what is kept although it is missing from Withings' answers, and what
// InfluxDB lacks.
func LeftOut(m *Member) (notes []string) {
	var doubts map[exporter.Service]exporter.Doubt // of most people there are none
	m.State.EachProgress(func(service exporter.Service, known *exporter.Progress) {
		if !known.Doubted.IsZero() {
			if doubts == nil {
				doubts = map[exporter.Service]exporter.Doubt{}
			}
			doubts[service] = known.Doubt
		}
	})
	if doubts != nil {
		for _, service := range m.Choose().Asked {
			if note := doubt(service, doubts[service]); note != "" {
				notes = append(notes, note)
			}
		}
	}
	if m.Influx != nil {
		notes = append(notes, m.Influx.Notes()...)
	}
	return notes
}

// unloadedNote says that the configuration could not be read again; "" without an error. The error itself may have a secret that stands
// in a wrong place, such as that of a key, and whoever sees the page may not see the file: the log has it, and the page the line.
func (h *Set) unloadedNote(err error, now time.Time) string {
	if err == nil {
		return ""
	}
	text := fmt.Sprintf("the configuration was not reloaded on %s, and the one before stays in use: ", now.UTC().Format("2006-01-02 15:04 MST"))
	then := fmt.Sprintf("and run `%s`", h.ReadAgain())
	if file, ok := errors.AsType[*config.Error](err); ok {
		wrong := file.Public()
		if !strings.HasSuffix(wrong, "?") {
			wrong += "."
		}
		return text + wrong + " See the log, correct that, " + then
	}
	return text + "see the log, correct what it names, " + then
}

// unread says which file of a secret could not be read again; "" without an error. It has no secret.
func unread(err error) string {
	if err == nil {
		return ""
	}
	return "a secret cannot be read again, and the one before stays in use: " + err.Error()
}

// Rare is what is said of a service in [exporter.State.Rare].
const Rare = "asked once a day: no device of this account records it"

// doubt says which records are missing from Withings' answers but kept; "" if none.
func doubt(service exporter.Service, d exporter.Doubt) string {
	if d.Doubted.IsZero() {
		return ""
	}
	const moment = "2 January 15:04 MST"
	return fmt.Sprintf("Since %s Withings' answers have lacked %d of %d known %s. They are kept until %s and then removed if still missing.",
		d.Doubted.Format(moment), d.Missing, d.Known, service.Row().Noun, d.Until().Format(moment))
}
