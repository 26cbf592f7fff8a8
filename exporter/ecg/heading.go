package ecg

import (
	"fmt"
	"strings"
	"time"
)

// Facts are what is known of a recording besides its curve. What is unknown is zero.
type Facts struct {
	Person              string
	At                  time.Time // where the person was
	Device, Position    string    // what recorded it, and where that was worn
	Finding             string    // the result in words
	Rate                int64     // beats per minute
	Systolic, Diastolic int64     // mmHg, at the same time
	Signal              int64     // Withings' number of the curve
}

// results are Withings' codes of an ECG, in a word and in a sentence.
var results = [][2]string{
	{"negative", "No atrial fibrillation found"},
	{"positive", "Atrial fibrillation found"},
	{"inconclusive", "Inconclusive"},
}

// Result is a result in a word, by Withings' code.
func Result(code int64) string {
	if code < 0 || code >= int64(len(results)) {
		return fmt.Sprintf("code %d", code)
	}
	return results[code][0]
}

// Finding is a result in a sentence, by Withings' code.
func Finding(code int64) string {
	if code < 0 || code >= int64(len(results)) {
		return "Result: " + Result(code)
	}
	return results[code][1]
}

// Heading is what stands above the curve.
func (f Facts) Heading(c Curve) Heading {
	var first, second []string
	add := func(to *[]string, text string) {
		if text != "" {
			*to = append(*to, text)
		}
	}
	if !f.At.IsZero() {
		add(&first, f.At.Format("Monday 2 January 2006, 15:04:05 MST"))
	}
	if f.Device != "" && f.Position != "" {
		add(&first, f.Device+", "+f.Position)
	} else {
		add(&first, f.Device)
	}
	add(&second, f.Finding)
	if f.Rate > 0 {
		add(&second, fmt.Sprintf("%d beats per minute", f.Rate))
	}
	if f.Systolic > 0 && f.Diastolic > 0 {
		add(&second, fmt.Sprintf("%d/%d mmHg", f.Systolic, f.Diastolic))
	}
	add(&second, fmt.Sprintf("recording %d", f.Signal))
	add(&second, fmt.Sprintf("%d samples per second", c.Frequency))
	return Heading{Title: "ECG of " + f.Person, Lines: []string{strings.Join(first, " · "), strings.Join(second, " · ")}}
}
