package daemon

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/words"
)

// asking says in sentences when the services of a profile are asked; "" before that is known: the list of its devices must have been
// read, and everything else once, before it can be said that no device tells when it has synchronised.
func asking(state *exporter.State, is exporter.Condition, now time.Time) string {
	unread := slices.Contains(is.Asked, exporter.Device) && state.Progress(exporter.Device).Success.IsZero()
	if is.Polled.IsZero() || is.Denied != "" || unread || is.Sign.Unread {
		return ""
	}
	if !is.Sign.Known {
		if slices.ContainsFunc(is.Asked, func(service exporter.Service) bool {
			return service.Row().Follows == "" && !state.Progress(service).Done
		}) {
			return ""
		}
		if _, failing := is.Problems[exporter.Device]; failing { // for now, as in an outage
			return "As long as the list of devices cannot be read, every poll asks for everything."
		}
		if !state.Progress(exporter.Device).Doubted.IsZero() {
			return "As long as Withings' list of devices lacks known ones, every poll asks for everything."
		}
		return "Every poll asks for everything, since Withings does not tell when a device of this person has synchronised."
	}
	text := []string{"A poll asks whether a device has synchronised, and then for what that device may have sent."}
	if some := profiles.Listed(is.Sign.Unheeded); some != "" {
		why := "since new readings came without that"
		if !is.Sign.Since.IsZero() {
			why += fmt.Sprintf(", the last time %s ago", words.Span(now.Sub(is.Sign.Since)))
		}
		text = append(text, fmt.Sprintf("Every poll asks for %s, %s.", some, why))
	}
	if some := profiles.Listed(is.Sign.Unproven); some != "" {
		text = append(text, fmt.Sprintf("In the first days, %s %s asked for every quarter of an hour, too, to see whether anything comes without that.",
			some, english.PluralWord(len(is.Sign.Unproven), "is", "are")))
	}
	if busy := busyHours(is.Sign.Quiet); busy != "" {
		text = append(text, "Most readings come at "+busy+"; at other hours polls are fewer.")
	}
	return strings.Join(text, " ")
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
