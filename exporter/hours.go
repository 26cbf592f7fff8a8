package exporter

import (
	"slices"
	"time"
)

const (
	// weight is what one arrival counts. Every day a count loses the same part of itself,
	// so that habits of weeks ago are forgotten.
	weight = 32
	// enoughDays and enoughArrivals are how much must be known before a half hour counts as quiet.
	enoughDays, enoughArrivals = 5, 12
	// quietShare is the part of the arrivals, one in so many, that the quiet ones may have together.
	quietShare = 400
	// beside is how many half hours on either side count as much for one as itself: that
	// nothing came just then in a few weeks does not mean that nothing will.
	beside = 2
)

// hours counts at which half hours of the day, in the person's zone, data arrive at Withings.
type hours struct {
	Counts [48]uint32 `json:"counts"`
	From   time.Time  `json:"from"` // when the first arrived
	Aged   time.Time  `json:"aged"` // when the counts were last reduced
}

// add counts an arrival at a local moment.
func (h *hours) add(at time.Time) {
	if h.From.IsZero() {
		h.From, h.Aged = at, at
	}
	h.From = Earlier(h.From, at)
	if h.Aged.Sub(at) > 24*time.Hour { // the clock was set back
		h.Aged = at
	}
	days := int(at.Sub(h.Aged) / (24 * time.Hour))
	if days > 0 {
		h.Aged = h.Aged.Add(time.Duration(days) * 24 * time.Hour)
	}
	for range min(days, 365) {
		for i := range h.Counts {
			h.Counts[i] -= h.Counts[i] / weight
		}
	}
	half := halfHour(at)
	h.Counts[half] = min(h.Counts[half]+weight, 1<<20)
}

// quiet are the half hours of the day at which hardly anything arrives: together less than
// one in quietShare of all. Nothing is quiet until enough is known.
func (h *hours) quiet(now time.Time) (quiet [48]bool) {
	total := uint32(0)
	for _, n := range h.Counts {
		total += n
	}
	if total < enoughArrivals*weight || h.From.IsZero() || now.Sub(h.From) < enoughDays*24*time.Hour {
		return quiet
	}
	var order [48]int
	var likely [48]uint32
	for i := range order {
		order[i] = i
		for near := -beside; near <= beside; near++ {
			likely[i] += h.Counts[(i+near+48)%48]
		}
	}
	slices.SortStableFunc(order[:], func(a, b int) int { return int(likely[a]) - int(likely[b]) })
	sum := uint32(0)
	for _, half := range order {
		if sum += likely[half] / (2*beside + 1); sum > total/quietShare {
			break
		}
		quiet[half] = true
	}
	return quiet
}

// halfHour is which half hour of the day a local moment is in.
func halfHour(at time.Time) int { return 2*at.Hour() + at.Minute()/30 }

// sound reports whether hours that were saved can be used: a file may have anything.
func (h *hours) sound() bool {
	return storable(h.From, h.Aged) &&
		!slices.ContainsFunc(h.Counts[:], func(n uint32) bool { return n > 1<<20 })
}
