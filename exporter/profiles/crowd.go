package profiles

import (
	"fmt"
	"math"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter"
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
	measured bool    // that is what all of them took, and not what they are expected to take
	unread   bool    // the devices of some have never been read, so that it is not known if their sessions are told
	early    bool    // of some it is not known yet if sessions tell of all news, so that they take more for now
	notified bool    // Withings sends notifications about all of them, so that the interval hardly counts
}

// crowd is what the members took in the last day. Of those of whom that is not known yet,
// it is what they are expected to take, and of all if the limit has held them back. What is expected goes by the files of each, so
// that check says the same as serve.
func (h *Set) crowd(members []*Member, p pace, now time.Time) crowd {
	is := crowd{pace: p, profiles: len(members), measured: true, notified: true}
	least := make([]float64, len(members)) // what each is expected to take, as far as that is known; else 0
	for i, m := range members {
		took := h.Budget.Usage(m.State.Profile())
		cost, notified := float64(took.Day), m.Status.Condition().Notified.Active
		if !took.Whole() {
			is.measured = false
			foreseen := m.Foreseen(now)
			cost, notified = m.expected(&foreseen, p.interval), foreseen.Notified.Active
			least[i] = cost
			is.unread = is.unread || foreseen.Polled.IsZero() && !notified
			is.early = is.early || len(foreseen.Sign.Unproven) > 0 && !notified
		}
		is.requests += cost
		is.notified = is.notified && notified
	}
	if is.fits() {
		return is
	}
	is.requests, is.measured = 0, false
	for i, m := range members {
		cost := least[i]
		if cost == 0 {
			foreseen := m.Foreseen(now)
			cost = max(m.expected(&foreseen, p.interval), float64(h.Budget.Usage(m.State.Profile()).Day))
		}
		is.requests += cost
	}
	return is
}

// expected is how many requests the profile takes in a day if nothing unusual happens.
func (m *Member) expected(foreseen *exporter.Condition, interval time.Duration) float64 {
	return foreseen.Cost(m.Choose().Asked, interval)
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
	return fmt.Sprintf("%s cannot be polled every %s: that takes %.0f requests per minute, but %s has room for %.0f if a tenth is kept for busy hours, "+
		"enough for %s. Polls come late; set --poll-interval=%s or longer",
		english.Plural(c.profiles, "profile", ""), words.Short(c.interval), c.requests/minutes, limited(c.rateLimit),
		c.room(), english.Plural(c.carries(), "profile", ""), words.Short(c.enough()))
}

// limited is the rate limit with its unit.
func limited(perMinute int) string {
	return fmt.Sprintf("--api.rate-limit=%d (%s per minute)", perMinute, english.PluralWord(perMinute, "request", ""))
}

// summary says how many profiles there is room for; it is empty if nothing is polled, or
// if there is none.
func (c crowd) summary() string {
	if c.interval <= 0 || c.requests == 0 || !c.fits() {
		return ""
	}
	pace := "at --poll-interval=" + words.Short(c.interval)
	if c.notified {
		pace = "with notifications"
	}
	return fmt.Sprintf("%s, %s about %s requests a day%s; %s is enough for %s like %s",
		pace, c.takes(), humanize.Comma(int64(c.rough(math.Round, c.requests))), c.condition(), limited(c.rateLimit), c.most(),
		english.PluralWord(c.profiles, "it", "them"))
}

// condition is when what is expected holds; empty if it holds now.
func (c crowd) condition() string {
	told := "if Withings tells when " + english.PluralWord(c.profiles, "its", "their") + " devices synchronise"
	switch {
	case c.measured || c.interval <= 0:
		return ""
	case c.unread:
		return " " + told + ", and more in the first days"
	case c.early:
		return ", and more in the first days"
	}
	return ""
}

// rough rounds what is expected to two digits, as no more of them are known, and what was
// measured to whole numbers.
func (c crowd) rough(round func(float64) float64, n float64) float64 {
	if c.measured || n < 1 {
		return round(n)
	}
	unit := max(math.Pow10(int(math.Log10(n))-1), 1)
	return round(n/unit) * unit
}

func (c crowd) takes() string {
	who := english.Plural(c.profiles, "profile", "")
	switch {
	case c.measured:
		return who + " took"
	case c.profiles == 1:
		return who + " is expected to take"
	}
	return who + " are expected to take"
}

// manyProfiles is how many there may be room for before it does not matter any more: nobody has as many.
const manyProfiles = 10_000

// most is how many profiles there is room for, in words.
func (c crowd) most() string {
	if c.carries() > manyProfiles {
		return "more than " + humanize.Comma(manyProfiles) + " profiles"
	}
	return "about " + humanize.Comma(int64(c.rough(math.Floor, float64(c.carries())))) + " " + english.PluralWord(c.carries(), "profile", "")
}

// Crowded says that the profiles cannot be polled at the interval or else, if any is
// polled, how many there is room for.
func (h *Set) Crowded() (remark, summary string) {
	h.mu.Lock()
	members, p, now, latest := h.members, h.pace, h.now, h.latest
	h.mu.Unlock()
	if now == nil { // nothing is loaded
		return "", ""
	}
	if at := now(); !latest.lasts(members, at) {
		latest = forecast{at: at, members: members, crowd: h.crowd(members, p, at)}
		h.mu.Lock()
		h.latest = latest
		h.mu.Unlock()
	}
	return latest.remark(), latest.summary()
}

const (
	// manyMembers is from how many on it takes a while to say what they take.
	manyMembers = 100
	// crowdLasts is for how long that is true enough: it is of a day.
	crowdLasts = time.Minute
)

// forecast is a crowd as it was at a moment.
type forecast struct {
	crowd
	members []*Member // as they were loaded: each Load has a list of its own
	at      time.Time
}

// lasts reports whether the forecast still holds for members.
func (f *forecast) lasts(members []*Member, now time.Time) bool {
	return len(members) >= manyMembers && len(f.members) == len(members) && &f.members[0] == &members[0] &&
		!now.Before(f.at) && now.Sub(f.at) < crowdLasts
}

// Spent says how often Withings was asked lately.
func (h *Set) Spent() string { return "Requests to Withings: " + Lately(h.Budget.Total()) }

// Lately says how many requests were sent in the last hour and in the last day, or for how long they are counted: what was sent
// before the program started is not known.
func Lately(sent withings.Usage) string {
	text := func(n int, since string) string { return humanize.Comma(int64(n)) + " in the last " + since }
	switch {
	case sent.Counted == 0:
		return "none yet"
	case sent.Counted < 2*time.Second:
		return text(sent.Hour, "second")
	case sent.Counted < time.Hour:
		return text(sent.Hour, words.Span(sent.Counted))
	case sent.Counted < 2*time.Hour:
		return text(sent.Hour, "hour")
	case sent.Whole():
		return text(sent.Hour, "hour") + ", " + text(sent.Day, "24 hours")
	}
	return text(sent.Hour, "hour") + ", " + text(sent.Day, words.Span(sent.Counted))
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
