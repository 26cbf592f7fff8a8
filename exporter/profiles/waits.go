package profiles

import (
	"fmt"
	"time"

	"withings-exporter/exporter/withings"
	"withings-exporter/exporter/words"
)

// TellFrom is the shortest wait for the rate limit that is told.
const TellFrom = 5 * time.Second

// Waits says how long requests wait for the rate limit, and why.
func Waits(o withings.Outlook, requests, perMinute int) string {
	takes := words.Short(o.Takes.Round(time.Second))
	switch {
	case o.Others:
		return fmt.Sprintf("Waiting for up to %s: another command, such as serve, uses the rate limit too.", takes)
	case o.Takes >= o.Quiet+TellFrom:
		return fmt.Sprintf("Waiting for up to %s: most of the rate limit was used in the last minute.", takes)
	}
	return fmt.Sprintf("Waiting for up to %s: the rate limit allows %d per minute, and this takes %d.", takes, perMinute, requests)
}
