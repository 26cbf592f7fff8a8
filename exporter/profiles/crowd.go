package profiles

import (
	"fmt"
	"math"
	"time"

	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter/withings"
	"withings-exporter/exporter/words"
)

// crowd is everybody who is polled, seen as requests.
type crowd struct {
	profiles  int
	services  int // the most that are asked of one of them: the requests of a poll
	interval  time.Duration
	rateLimit int // a minute
}

// fit is how many profiles can be polled as often as they are to be.
func (c crowd) fit() int {
	return int(withings.Pace(c.rateLimit) * c.interval.Minutes() / float64(c.services))
}

// enough is the shortest interval at which all profiles fit, in whole minutes.
func (c crowd) enough() time.Duration {
	minutes := float64(c.profiles*c.services) / withings.Pace(c.rateLimit)
	return time.Duration(math.Ceil(minutes)) * time.Minute
}

// remark says, with figures and what to change, that the profiles cannot be
// polled as often as they are to be; it is empty when they can.
func (c crowd) remark() string {
	if c.interval <= 0 || c.profiles <= c.fit() {
		return ""
	}
	fit := "no profile fits"
	switch n := c.fit(); {
	case n == 1:
		fit = "1 profile fits"
	case n > 1:
		fit = fmt.Sprintf("%d profiles fit", n)
	}
	return fmt.Sprintf("%s cannot be polled every %s: that takes %.0f requests a minute, %d a poll, and --api.rate-limit=%d lets %.0f a minute through "+
		"for long. %s at this pace; the others wait, so everybody is polled about every %s. Set --poll-interval=%s or longer",
		english.Plural(c.profiles, "profile", ""), words.Short(c.interval), float64(c.profiles*c.services)/c.interval.Minutes(), c.services, c.rateLimit,
		withings.Pace(c.rateLimit), fit, words.Short(c.enough()), words.Short(c.enough()))
}
