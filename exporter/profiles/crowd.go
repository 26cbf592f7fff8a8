package profiles

import (
	"fmt"
	"math"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter/withings"
	"withings-exporter/exporter/words"
)

// busyHours is the part of the rate limit that profiles may take on average: people get
// up at the same hours, and whoever is new is read at once.
const busyHours = 0.9

// pace is how often profiles are polled, and what Withings allows.
type pace struct {
	interval  time.Duration // 0: nothing is polled
	rateLimit int           // per minute
}

// room is how many requests a minute profiles may take.
func (p pace) room() float64 { return busyHours * withings.Pace(p.rateLimit) }

// crowd is what polling a number of profiles takes.
type crowd struct {
	pace
	profiles int
	requests float64 // of all of them, in a day
}

// crowd is what the members took in the last day. Of those of whom that is not known yet,
// it is what they are expected to take, and of all if the limit has held them back.
func (h *Set) crowd(members []*Member, p pace) crowd {
	is, least := crowd{pace: p, profiles: len(members)}, crowd{pace: p, profiles: len(members)}
	for _, m := range members {
		took, expected := h.Budget.Usage(m.State.Profile()), m.expected(p.interval)
		cost := expected
		if took.Whole {
			cost = float64(took.Day)
		}
		is.requests += cost
		least.requests += max(cost, expected)
	}
	if is.fits() {
		return is
	}
	return least
}

// expected is how many requests the profile takes in a day if nothing unusual happens.
func (m *Member) expected(interval time.Duration) float64 {
	choice := m.Choose()
	return expected(choice.Asked, m.State.Rare(choice), m.Status.Condition(), interval)
}

// fits reports whether there is room for everybody.
func (c crowd) fits() bool { return c.interval <= 0 || c.requests/minutes <= c.room() }

// minutes are those of a day.
const minutes = 24 * 60

// carries is how many profiles like these there is room for.
func (c crowd) carries() int { return int(c.room() * minutes * float64(c.profiles) / c.requests) }

// enough is the shortest interval at which all profiles fit, in whole minutes.
func (c crowd) enough() time.Duration {
	return time.Duration(math.Ceil(c.interval.Minutes()*c.requests/minutes/c.room())) * time.Minute
}

// remark says, with figures and advice, that the profiles cannot be polled at the
// interval; it is empty if they can.
func (c crowd) remark() string {
	if c.fits() {
		return ""
	}
	return fmt.Sprintf("%s cannot be polled every %s: that takes %.0f requests per minute, but --api.rate-limit=%d has room for %.0f if a tenth is kept for busy hours, "+
		"enough for %s. Polls come late; set --poll-interval=%s or longer",
		english.Plural(c.profiles, "profile", ""), words.Short(c.interval), c.requests/minutes, c.rateLimit,
		c.room(), english.Plural(c.carries(), "profile", ""), words.Short(c.enough()))
}

// summary says how many profiles there is room for; it is empty if nothing is polled, or
// if there is none.
func (c crowd) summary() string {
	if c.interval <= 0 || c.requests == 0 || !c.fits() {
		return ""
	}
	return fmt.Sprintf("at --poll-interval=%s %s about %s requests a day; --api.rate-limit=%d is enough for about %s like %s",
		words.Short(c.interval), takes(c.profiles), humanize.Comma(int64(math.Round(c.requests))), c.rateLimit,
		humanize.Comma(int64(c.carries()))+" "+english.PluralWord(c.carries(), "profile", ""), those(c.profiles))
}

func takes(profiles int) string {
	if profiles == 1 {
		return "the profile takes"
	}
	return fmt.Sprintf("%d profiles take", profiles)
}

func those(profiles int) string {
	if profiles == 1 {
		return "it"
	}
	return "them"
}

// Crowded says that the profiles cannot be polled at the interval or else, if any is
// polled, how many there is room for.
func (h *Set) Crowded() (remark, summary string) {
	h.mu.Lock()
	members, p := h.members, h.pace
	h.mu.Unlock()
	c := h.crowd(members, p)
	return c.remark(), c.summary()
}

// Spent says how often Withings was asked lately, and how much of the limit that is.
func (h *Set) Spent() string {
	h.mu.Lock()
	limit := h.pace.rateLimit
	h.mu.Unlock()
	sent := h.Budget.Total()
	share := 100 * float64(sent.Hour) / (60 * withings.Pace(limit))
	return fmt.Sprintf("Requests to Withings: %s in the last hour (%.0f %% of what --api.rate-limit=%d allows), %s in the last 24 hours",
		humanize.Comma(int64(sent.Hour)), min(share, 100), limit, humanize.Comma(int64(sent.Day)))
}

// mostLate is how long requests may wait for the limit past their due without notice.
const mostLate = time.Minute

// lateRemark says how long requests have waited.
func lateRemark(late time.Duration) string {
	if late <= mostLate {
		return ""
	}
	return fmt.Sprintf("Requests to Withings have waited for --api.rate-limit up to %s longer than planned, so readings came that much later; "+
		"if this lasts, set a longer --poll-interval", words.Span(late))
}
