package daemon

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/words"
)

// asking says when the services of a profile are asked, in words; "" while that is not known.
func asking(is exporter.Condition, now time.Time) string {
	if is.Polled.IsZero() || is.Denied != "" {
		return ""
	}
	if !is.Sign.Known {
		return "all at every poll, since no device tells when it synchronised"
	}
	text := "when a device has synchronised"
	if some := profiles.Listed(is.Sign.Unheeded); some != "" {
		text += "; " + some + " at every poll, since data arrive without that"
		if !is.Sign.Since.IsZero() {
			text += fmt.Sprintf(" (noticed %s ago)", words.Span(now.Sub(is.Sign.Since)))
		}
	}
	if some := profiles.Listed(is.Sign.Unproven); some != "" {
		text += "; " + some + " often, until it is known that this is enough"
	}
	if busy := busyHours(is.Sign.Quiet); busy != "" {
		text += "; data arrive mostly at " + busy
	}
	return text
}

// busyHours are the times of day that are not quiet; "" if none is quiet, or all are.
func busyHours(quiet [48]bool) string {
	start := slices.Index(quiet[:], true)
	if start < 0 {
		return ""
	}
	clock := func(half int) string { return fmt.Sprintf("%d:%02d", half/2%24, half%2*30) }
	var busy []string
	for i := start; i < start+len(quiet); i++ {
		if quiet[i%48] {
			continue
		}
		from := i
		for i < start+len(quiet) && !quiet[i%48] {
			i++
		}
		busy = append(busy, clock(from%48)+"–"+clock(i%48))
	}
	return strings.Join(busy, ", ")
}
