package profiles

import (
	"fmt"
	"math"
	"time"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter/withings"
	"withings-exporter/exporter/words"
)

// crowd is the number of requests that polling takes.
type crowd struct {
	profiles  int
	services  int // the most of any profile: the requests of a poll
	interval  time.Duration
	rateLimit int // per minute
}

// fit is how many profiles can be polled at the interval.
func (c crowd) fit() int {
	return int(withings.Pace(c.rateLimit) * c.interval.Minutes() / float64(c.services))
}

// enough is the shortest interval at which all profiles fit, in whole minutes.
func (c crowd) enough() time.Duration {
	minutes := float64(c.profiles*c.services) / withings.Pace(c.rateLimit)
	return time.Duration(math.Ceil(minutes)) * time.Minute
}

// remark says, with figures and advice, that the profiles cannot be polled at the
// interval; it is empty if they can.
func (c crowd) remark() string {
	if c.interval <= 0 || c.profiles <= c.fit() {
		return ""
	}
	return fmt.Sprintf("%s cannot be polled every %s: that takes %.0f requests per minute, but --api.rate-limit=%d allows %.0f in the long run, "+
		"enough for %s. Each profile is polled about every %s instead; set --poll-interval=%[7]s or longer",
		english.Plural(c.profiles, "profile", ""), words.Short(c.interval), float64(c.profiles*c.services)/c.interval.Minutes(), c.rateLimit,
		withings.Pace(c.rateLimit), english.Plural(c.fit(), "profile", ""), words.Short(c.enough()))
}
