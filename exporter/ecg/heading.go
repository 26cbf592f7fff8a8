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

// Finding is a result in words, by Withings' code.
func Finding(code int64) string {
	switch code {
	case 0:
		return "No atrial fibrillation found"
	case 1:
		return "Atrial fibrillation found"
	case 2:
		return "Inconclusive"
	}
	return fmt.Sprintf("Result: code %d", code)
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
