package notify

import (
	"maps"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"withings-exporter/exporter"
)

const (
	// burst is how many notifications of a profile are read at once. All that Withings repeats after an outage of hours is
	// less: one for each weigh-in, night or walk.
	burst = 120
	// perSecond is how many are read in the long run. Ten devices have fewer in a minute.
	perSecond = 1
)

// Taker takes what notifications say. Its functions must not block.
type Taker struct {
	// Owner is Withings' number of the person whose notifications are taken; "" if it is not known, which lets all pass.
	Owner func() string
	// Tell is told that services have something new.
	Tell func(exporter.Hint)
	// Bed is told that somebody got in or out of bed, with Withings' number of the person.
	Bed func(user string, e exporter.BedEvent)
	// All are the services to tell of when the person has changed something about the account.
	All func() []exporter.Service
}

// Box is where the notifications of one profile arrive. It outlives a reload of the configuration, and is safe for
// concurrent use.
type Box struct {
	profile string
	rate    *rate.Limiter

	mu        sync.Mutex // guards what follows
	taker     Taker
	secret    Secret            // "" until there is one
	asked     time.Time         // when the address was last asked with HEAD
	arrived   map[int]time.Time // when a notification of a category last arrived
	confirmed map[int]time.Time // since when Withings is known to send a category
	refused   map[int]refusal   // categories that Withings does not send
	of        string            // the person of whom that is known
	forLinks  bool              // the address is not one for notifications, and nobody expects it to be
}

// NewBox makes the box of a profile.
func NewBox(profile string) *Box {
	return &Box{profile: profile, rate: rate.NewLimiter(perSecond, burst), arrived: map[int]time.Time{}, confirmed: map[int]time.Time{}, refused: map[int]refusal{}}
}

// Give sets who takes what arrives from now on.
func (b *Box) Give(t Taker) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.taker = t
}

// Asked is when the address was last asked with HEAD, as Withings does before it confirms a subscription; zero: never.
func (b *Box) Asked() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.asked
}

// Arrived is when notifications of each category last arrived.
func (b *Box) Arrived() map[int]time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.arrived)
}

// Expected reports whether notifications are to be expected: not if the address is there for links alone.
func (b *Box) Expected() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.forLinks
}

// expect notes whether they are.
func (b *Box) expect(some bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forLinks = !some
}

// head notes that the address was asked.
func (b *Box) head(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = now
}

// Why a notification is refused: the reason label of withings_notifications_refused_total.
const (
	UnknownPath = "unknown_path"
	OtherUser   = "other_user"
	TooLarge    = "too_large"
	TooMany     = "too_many"
	Malformed   = "malformed"
	Method      = "method"
)

// Refusals lists every reason for which a notification may be refused.
func Refusals() []string {
	return []string{UnknownPath, OtherUser, TooLarge, TooMany, Malformed, Method}
}

// take passes on what a notification says, and returns its category, or why it is refused.
func (b *Box) take(body string, now time.Time) (category int, refused string) {
	m, ok := read(body)
	if !ok || Words(m.category) == "" {
		return 0, Malformed
	}
	b.mu.Lock()
	to := b.taker
	b.mu.Unlock()
	if owner := to.Owner(); owner != "" && owner != m.user {
		return 0, OtherUser
	}
	if !to.pass(m, now) {
		return 0, Malformed
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.arrived[m.category] = now
	return m.category, ""
}

// pass tells what a message means. It is false for a bed event without a time.
func (t Taker) pass(m message, now time.Time) bool {
	switch m.category {
	case profileChanged:
		if m.action != "update" { // polling notices that the token is refused
			t.Tell(exporter.Hint{Services: t.All(), At: now})
		}
		return true
	case gotIn, gotOut:
		at, ok := m.event(now)
		if !ok {
			return false
		}
		t.Bed(m.user, exporter.BedEvent{In: m.category == gotIn, At: at, Device: m.device})
	}
	if services := Services(m.category); len(services) > 0 {
		t.Tell(exporter.Hint{Services: services, Span: m.span, At: now})
	}
	return true
}

// event is the moment of an event. Of one that has only a date, it is when the notification arrived, if that may be the date
// somewhere: Withings sends it within minutes.
func (m message) event(now time.Time) (time.Time, bool) {
	if !m.day {
		return m.at, !m.at.IsZero()
	}
	return now, m.span.Has(now)
}
