package simulator

import (
	"cmp"
	"slices"
	"sort"
)

// settling is how soon after its creation a change of a record belongs to it: values that the server derives a
// few seconds later are announced together with it.
const settling = 60 // seconds

// moments are when a record is announced: once it is complete, and again when it changes later.
func moments(created, modified int64) []int64 {
	if modified <= created+settling {
		return []int64{max(created, modified)}
	}
	return []int64{created, modified}
}

// span is a time in UNIX seconds, without its first second.
type span struct{ after, until int64 }

func (s span) has(unix int64) bool { return unix > s.after && unix <= s.until }

// foretold is what is known of the news of a person's life: all of a span. It is computed once, since Play looks ahead again and
// again.
type foretold struct {
	key  lifeKey
	span span
	list []news // in order
}

// lifeKey is all that the news of a person's life depend on.
type lifeKey struct {
	changes                       *changes
	zones                         int
	days                          bool
	otherDates, uncertain, anyway bool
}

// lifeAhead is for how long news are computed at once, in seconds.
const lifeAhead = secondsPerDay

// life returns what becomes readable in a span of a person's ordinary life, and what a mat tells. What a test
// has changed is announced by the change itself. Days of activity, which take long to look through, are left out
// unless a subscription is to them. The list must not be changed.
func (c *Cloud) life(p *person, s span, how Notifications, subs []subscription) []news {
	key := lifeKey{
		changes: c.ledger.view(p.ID), zones: len(*p.zones.Load()),
		days:       slices.ContainsFunc(subs, func(sub subscription) bool { return sub.appli == onActivity || sub.appli == onVariability }),
		otherDates: how.OtherDates, uncertain: how.Uncertain, anyway: how.AnnounceAll,
	}
	known := p.foretold.Load()
	if known == nil || known.key != key || s.after < known.span.after || s.after > known.span.until {
		known = &foretold{key: key, span: span{s.after, s.after}}
	}
	if more := (span{known.span.until, max(s.until, known.span.until+lifeAhead)}); s.until > known.span.until {
		left := known.list[known.first(s.after):]
		known = &foretold{key: key, span: span{s.after, more.until}, list: slices.Concat(left, c.foretell(p, more, key, how))}
		p.foretold.Store(known)
	}
	return known.list[known.first(s.after):known.first(s.until)]
}

// first is the place of the first news after a moment.
func (f *foretold) first(after int64) int {
	return sort.Search(len(f.list), func(i int) bool { return f.list[i].at > after })
}

// foretell computes the news of a span.
func (c *Cloud) foretell(p *person, s span, key lifeKey, how Notifications) []news {
	ch := key.changes
	var list []news
	if key.days {
		list = c.newDays(p, ch, s, how)
	}
	first, last := p.dayOf(max(0, ch.earliest(s.after-maxLag)))-1, p.dayOf(s.until)+1
	for _, records := range c.history.days(p, first, last) {
		if records.changed <= s.after && ch.delays == nil {
			continue
		}
		list = append(list, p.newGroups(records, ch, s, how)...)
		for _, n := range records.nights {
			list = append(list, p.newNight(n, ch, s)...)
			list = append(list, p.bedMoves(n, ch, s, how)...)
		}
		for _, w := range records.workouts {
			created := ch.arrival(w.Device, w.Start, w.Created)
			for _, at := range moments(created, max(created, w.Modified)) {
				if s.has(at) {
					list = append(list, news{p.ID, onActivity, at, p.ofDay(p.dayOf(w.Start), how)})
				}
			}
		}
		for _, h := range records.hearts {
			if at := ch.arrival(h.Device, h.Timestamp, h.Modified); s.has(at) {
				list = append(list, p.ofHeart(h, at, how)...)
			}
		}
	}
	slices.SortFunc(list, func(a, b news) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.appli, b.appli), cmp.Compare(a.fields, b.fields))
	})
	return list
}

// newGroups are the groups of a day that arrive or change in a span.
func (p *person) newGroups(records *dayRecords, ch *changes, s span, how Notifications) []news {
	var list []news
	for _, g := range records.groups {
		if _, changed := ch.groups[g.ID]; changed {
			continue
		}
		g = ch.delayed(g)
		for _, at := range moments(g.Created, g.Modified) {
			if s.has(at) {
				list = append(list, p.ofGroup(g, at, how)...)
			}
		}
	}
	return list
}

// newNight is a night whose row appears or changes in a span.
func (p *person) newNight(n *night, ch *changes, s span) []news {
	if _, changed := ch.nights[n.id]; changed {
		return nil
	}
	n = ch.nightPlan(n)
	var list []news
	for _, state := range n.states {
		if s.has(state.from) {
			list = append(list, p.ofNight(n, state.from, state.end))
		}
	}
	return list
}

// bedMoves are what a mat tells at once, hours before the night has a row.
func (p *person) bedMoves(n *night, ch *changes, s span, how Notifications) []news {
	if n.kind != nightMat {
		return nil
	}
	var list []news
	for _, move := range n.moves() {
		if at := ch.arrival(n.device, move.at, move.at); s.has(at) {
			list = append(list, news{p.ID, move.appli, at, p.dated(move.at, n.device, how)})
		}
	}
	return list
}

// move is somebody getting in or out of bed.
type move struct{ appli, at int64 }

// moves are those of a night: those that night_events has.
func (n *night) moves() []move {
	list := []move{{onInBed, n.start}, {onOutOfBed, n.end}}
	if n.breakAt != 0 {
		return []move{list[0], {onOutOfBed, n.breakAt + 120}, {onInBed, n.breakAt + int64(n.breakFor)*60 - 180}, list[1]}
	}
	return list
}

// recallDays is how far lastMove looks back.
const recallDays = 2

// lastMove is the latest news of a person's mat of one category, of the last days.
func (c *Cloud) lastMove(p *person, appli, now int64) *news {
	how := c.notices.switches()
	var last *news
	for _, records := range c.history.days(p, p.dayOf(now)-recallDays, p.dayOf(now)+1) {
		for _, n := range records.nights {
			for _, one := range p.bedMoves(n, c.ledger.view(p.ID), span{0, now}, how) {
				if one.appli == appli && (last == nil || one.at > last.at) {
					last = &one
				}
			}
		}
	}
	return last
}

// staleDays is for how many days the row of a day may still change without a delay of the ledger.
const staleDays = 8

// newDays are the rows of activity that change in a span: with every synchronisation, a day late, or when a
// device comes back.
func (c *Cloud) newDays(p *person, ch *changes, s span, how Notifications) []news {
	if p.tracker() == nil {
		return nil
	}
	first := p.dayOf(s.after) - staleDays
	for _, d := range ch.delays {
		if d.model == p.tracker().ModelID {
			first = min(first, p.dayOf(d.from))
		}
	}
	var list []news
	for day := first; day <= p.dayOf(s.until); day++ {
		for _, at := range p.changesOf(day, ch, s) {
			before, had := ch.activityState(p, day, at-1)
			state, has := ch.activityState(p, day, at)
			if !has || had && before == state {
				continue
			}
			list = append(list, news{p.ID, onActivity, at, p.ofDay(day, how)})
			if how.Uncertain && !state.untracked {
				list = append(list, c.newVariability(p, day, at, span{before.known, state.known})...)
			}
		}
	}
	return list
}

// changesOf are the moments in a span at which the row of a day may change.
func (p *person) changesOf(day int, ch *changes, s span) []int64 {
	list := p.dayMoments(day, s)
	for _, d := range ch.delays {
		if d.model == p.tracker().ModelID && s.has(d.until) && !slices.Contains(list, d.until) {
			list = append(list, d.until)
		}
	}
	return list
}

// newVariability are the heart-rate variabilities of a watch between two synchronisations of a day.
func (c *Cloud) newVariability(p *person, day int, at int64, known span) []news {
	if p.watch == nil {
		return nil
	}
	var list []news
	for _, slot := range p.slots(day, c.trainingsOf(p, day)) {
		if !known.has(slot.start + slotSeconds) {
			continue
		}
		for _, one := range p.sensed(day, slot) {
			if _, has := one.data.Get("rmssd"); has {
				list = append(list, news{p.ID, onVariability, at, spanned(one.at, one.at+1)})
			}
		}
	}
	return list
}
