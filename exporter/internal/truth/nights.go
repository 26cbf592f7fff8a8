package truth

import (
	"cmp"
	"slices"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/simulator"
)

// Night is the sleep session that counts for a date, and the naps.
type Night struct {
	simulator.Night
	Naps []simulator.Night
}

// Midnight returns the start of the date, in UNIX seconds.
func (n *Night) Midnight() int64 { return midnight(n.Date, n.Timezone) }

// Asleep returns how long the naps were, in seconds.
func (n *Night) Asleep() (seconds int64) {
	for _, nap := range n.Naps {
		seconds += nap.End - nap.Start
	}
	return seconds
}

// Nights returns the night of every date of a person that has one. Among the
// sessions that overlap the longest one or are at least half as long, those with
// stages come first, then the longest. A session that overlaps neither the night nor
// another nap is a nap.
func Nights(sim *simulator.Cloud, person simulator.Person, from, to time.Time) []Night {
	dates := map[string][]simulator.Night{}
	for _, n := range sim.Nights(person.ID, from, to) {
		dates[n.Date] = append(dates[n.Date], n)
	}
	var all []Night
	for _, sessions := range dates {
		all = append(all, nightOf(sessions))
	}
	slices.SortFunc(all, func(a, b Night) int { return cmp.Compare(a.Start, b.Start) })
	return all
}

func nightOf(sessions []simulator.Night) Night {
	length := func(n simulator.Night) int64 { return n.End - n.Start }
	staged := func(n simulator.Night) int {
		for _, key := range []string{"lightsleepduration", "deepsleepduration", "remsleepduration"} {
			if seconds, ok := n.Data.Get(key); ok && seconds != nil && seconds != 0 {
				return 1
			}
		}
		return 0
	}
	apart := func(a, b simulator.Night) bool { return a.End <= b.Start || b.End <= a.Start }
	byLength := func(a, b simulator.Night) int {
		return cmp.Or(cmp.Compare(length(b), length(a)), cmp.Compare(b.End, a.End), cmp.Compare(b.Modified, a.Modified), cmp.Compare(b.ID, a.ID))
	}
	best := func(a, b simulator.Night) int { return cmp.Or(cmp.Compare(staged(b), staged(a)), byLength(a, b)) }
	longest := slices.MinFunc(sessions, byLength)
	slices.SortFunc(sessions, best)
	i := slices.IndexFunc(sessions, func(n simulator.Night) bool { return !apart(n, longest) || 2*length(n) >= length(longest) })
	night := Night{Night: sessions[i]}
	for j, nap := range sessions {
		if j != i && apart(nap, night.Night) && !slices.ContainsFunc(night.Naps, func(n simulator.Night) bool { return !apart(n, nap) }) {
			night.Naps = append(night.Naps, nap)
		}
	}
	return night
}

// naps writes the number of naps of a date and their length, at the midnight at
// which the date begins.
func (b *book) naps(n *Night) {
	r := record{start: n.Midnight(), end: n.End, modified: n.Modified, id: n.ID}
	if b.has(r) {
		b.put(r, exporter.ByOrigin(exporter.Sleep, "naps"), "", integer(int64(len(n.Naps))))
		b.put(r, exporter.ByOrigin(exporter.Sleep, "naps_duration"), "", integer(n.Asleep()))
	}
}
