package prom

import (
	"slices"
	"time"

	"withings-exporter/exporter"
)

// people keeps the part of every profile, and writes one again when something in it
// has changed.
type people struct {
	all     map[string]*entry
	round   uint64 // counts the scrapes
	parts   []part // by name of the profile; nil: to be listed again. A list is never modified
	written int    // how many parts were written so far
}

// entry is a profile's part, and what it was written from.
type entry struct {
	part  part
	round uint64 // of the last scrape that the profile was shown in

	state   *exporter.State
	version uint64
	moved   uint64
	until   time.Time // after this the same state has to be shown differently
	status  *exporter.Status
	polled  uint64 // the version of the status
	expiry  time.Time
	token   bool
}

// update returns the parts of the given profiles.
func (all *people) update(profiles []Profile, now time.Time) []part {
	all.round++
	for _, p := range profiles {
		all.refresh(p, now)
	}
	for name, is := range all.all {
		if is.round != all.round {
			delete(all.all, name)
			all.parts = nil
		}
	}
	if all.parts == nil {
		all.parts = all.list()
	}
	return all.parts
}

// refresh makes the entry of a profile as it is at date.
func (all *people) refresh(p Profile, now time.Time) *entry {
	name := p.State.Profile()
	is := all.all[name]
	if is == nil {
		is = &entry{}
		all.all[name] = is
		all.parts = nil
	}
	is.round = all.round
	if is.update(p, now) {
		all.parts = nil
		all.written++
	}
	return is
}

// list is every part, by name of the profile.
func (all *people) list() []part {
	names := make([]string, 0, len(all.all))
	for name := range all.all {
		names = append(names, name)
	}
	slices.Sort(names)
	parts := make([]part, len(names))
	for i, name := range names {
		parts[i] = all.all[name].part
	}
	return parts
}

// update writes the part again if something may have changed, and reports whether it did.
func (is *entry) update(p Profile, now time.Time) bool {
	// What is compared is read before what is written: a change in between shows next time.
	version, moved, polled := p.State.Version(), p.State.Moved(), p.Status.Version()
	expiry, token := p.TokenExpiry()
	if is.state == p.State && is.version == version && is.moved == moved && now.Before(is.until) &&
		is.status == p.Status && is.polled == polled && is.token == token && is.expiry.Equal(expiry) {
		return false
	}
	shot := p.State.Snapshot(now)
	is.part = newPart(p, shot.Samples)
	is.state, is.version, is.moved, is.until = p.State, version, moved, shot.Until
	is.status, is.polled, is.expiry, is.token = p.Status, polled, expiry, token
	return true
}
