package profiles

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"withings-exporter/exporter"
)

// LeftOut says what is kept although it is missing from Withings' answers, and what
// InfluxDB lacks.
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

// unloaded says that the configuration could not be read again, why, and what to do; "" without an error. Whoever sees the page may not
// see the file, and a secret in the wrong place, such as that of a key, would be in the error.
func unloaded(err error, now time.Time) string {
	if err == nil {
		return ""
	}
	return fmt.Sprintf("the configuration was not reloaded on %s, and the one before stays in use: %s; correct that, and reload again",
		now.UTC().Format("2006-01-02 15:04 MST"), harmless(strings.Join(strings.Fields(err.Error()), " ")))
}

var (
	quoted  = regexp.MustCompile(`"[^"]*"`)
	setting = regexp.MustCompile(`^"[a-z_.-]{1,40}"$`)
	opaque  = regexp.MustCompile(`[0-9A-Za-z+=]{20,}`)
)

// harmless is an error about the configuration without what may be a secret: what it quotes, unless that looks like the name of a
// setting, and long runs of letters and digits. The log has it in full.
func harmless(text string) string {
	text = quoted.ReplaceAllStringFunc(text, func(s string) string {
		if setting.MatchString(s) {
			return s
		}
		return "(see the log)"
	})
	return opaque.ReplaceAllString(text, "(see the log)")
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
