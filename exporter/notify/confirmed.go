package notify

import (
	"slices"
	"time"
)

// confirm notes that Withings sends a person's notifications of just these categories.
func (b *Box) confirm(owner string, categories []int, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.of != owner {
		clear(b.confirmed)
		clear(b.arrived)
		clear(b.refused)
		b.of = owner
	}
	for category := range b.confirmed {
		if !slices.Contains(categories, category) {
			delete(b.confirmed, category)
		}
	}
	for _, category := range categories {
		if _, known := b.confirmed[category]; !known && Words(category) != "" {
			b.confirmed[category] = now
		}
	}
}

// subscribed notes that Withings has just confirmed a category.
func (b *Box) subscribed(category int, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.confirmed[category] = now
	delete(b.refused, category)
}

// refusal is why Withings does not send a category, and when it said so.
type refusal struct {
	at  time.Time
	err error
}

// refuse notes that Withings refused a category.
func (b *Box) refuse(category int, why refusal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refused[category] = why
}

// refusal returns why Withings last refused a category.
func (b *Box) refusal(category int) (why refusal, known bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	why, known = b.refused[category]
	return why, known
}

// unsubscribed notes that Withings no longer sends a category.
func (b *Box) unsubscribed(category int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.confirmed, category)
}

// Confirmed reports whether Withings is known to send any category.
func (b *Box) Confirmed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.confirmed) > 0
}

// confirms reports whether Withings is known to send a category.
func (b *Box) confirms(category int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, known := b.confirmed[category]
	return known
}

// silent reports whether a subscription may be dead although Withings lists it: it was confirmed before a moment, and nothing
// has arrived since then, of a category that used to have news or of any.
func (b *Box) silent(category int, since time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	from, known := b.confirmed[category]
	if !known || !from.Before(since) || !b.arrived[category].Before(since) {
		return false
	}
	if !b.arrived[category].IsZero() {
		return true
	}
	for _, at := range b.arrived {
		if !at.Before(since) {
			return false
		}
	}
	return true
}

// confirmedFor are the categories that Withings is known to send for a person.
func (b *Box) confirmedFor(owner string) map[int]bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := map[int]bool{}
	for category := range b.confirmed {
		all[category] = b.of == owner
	}
	return all
}

// is reports whether an address ends in the box's secret.
func (b *Box) is(address string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.secret.has(address)
}
