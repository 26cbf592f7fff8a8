package simulator

// maxLag is the longest time in seconds between a measurement and its last change on the server, apart
// from what a test arranges: 59 days for an entry remembered late, and a few more for safety.
const maxLag = 66 * secondsPerDay

// epochDays returns the days that can hold rows of an epoch window.
func (p *person) epochDays(w window, ch *changes, now int64) (first, last int) {
	first, last = p.firstDay, p.dayOf(now)+1
	if w.ranged {
		first = max(first, p.dayOf(max(0, w.from))-1)
		last = min(last, p.dayOf(min(w.to, now))+1)
	}
	return p.updatedDays(w, ch, first), last
}

// ymdDays returns the days of a window of dates.
func (p *person) ymdDays(w window, ch *changes, now int64) (first, last int) {
	first, last = p.firstDay, p.dayOf(now)+1
	if w.ranged {
		first, last = max(first, int(max(0, w.from))), min(last, int(min(w.to, endless)))
	}
	return p.updatedDays(w, ch, first), last
}

// updatedDays moves the first day up to where changes since lastupdate can be.
func (p *person) updatedDays(w window, ch *changes, first int) int {
	if !w.updated {
		return first
	}
	return max(first, p.dayOf(max(0, ch.earliest(w.since-maxLag)))-1)
}

// groups returns the measure groups that the server has at a moment, within a window.
func (c *Cloud) groups(p *person, now int64, w window) []*Group {
	ch := c.ledger.view(p.ID)
	var rows []*Group
	take := func(g *Group) {
		if g.Created > now {
			return
		}
		if g.Modified > now { // the change is still to come
			copied := *g
			copied.Modified = g.Created
			g = &copied
		}
		if w.admits(g.Date, g.Modified) {
			rows = append(rows, g)
		}
	}
	first, last := p.epochDays(w, ch, now)
	for _, records := range c.history.days(p, first, last) {
		if records.before(w, ch) {
			continue
		}
		for _, g := range records.groups {
			if _, changed := ch.groups[g.ID]; !changed {
				take(ch.delayed(g))
			}
		}
	}
	for _, g := range ch.groups {
		if g != nil {
			take(g)
		}
	}
	for _, g := range ch.added {
		if _, changed := ch.groups[g.ID]; !changed {
			take(ch.delayed(g))
		}
	}
	return rows
}

// delayed returns the group as it arrives when its device is held back.
func (ch *changes) delayed(g *Group) *Group {
	at := ch.arrival(g.Device, g.Date, g.Created)
	if at == g.Created {
		return g
	}
	copied := *g
	copied.Created, copied.Modified = at, max(at, g.Modified)
	return &copied
}

// sleepRow is a night with its state at a moment.
type sleepRow struct {
	plan  *night
	state nightState
}

// sleepRows returns the nights that the server has at a moment and that overlap or belong to the days. Of what a window does
// not want, some may be missing.
func (c *Cloud) sleepRows(p *person, now int64, first, last int, w window) []sleepRow {
	ch := c.ledger.view(p.ID)
	var rows []sleepRow
	for _, records := range c.history.days(p, first, last) {
		if records.before(w, ch) && len(ch.nights) == 0 {
			continue
		}
		for _, n := range records.nights {
			plan := ch.nightPlan(n)
			if state, ok := plan.at(now); ok {
				rows = append(rows, sleepRow{plan, state})
			}
		}
	}
	return rows
}

// nightPlan returns a night as changed by the ledger.
func (ch *changes) nightPlan(n *night) *night {
	if changed, ok := ch.nights[n.id]; ok {
		return changed
	}
	at := ch.arrival(n.device, n.start, n.created)
	if at == n.created {
		return n
	}
	late := *n
	late.arrives(at)
	return &late
}

// workouts returns the workouts that the server has at a moment, of the given days. Of what a window does not want, some may
// be missing.
func (c *Cloud) workouts(p *person, now int64, first, last int, w window) []*Workout {
	ch := c.ledger.view(p.ID)
	var rows []*Workout
	for _, records := range c.history.days(p, first, last) {
		if records.before(w, ch) {
			continue
		}
		for _, w := range records.workouts {
			if at := ch.arrival(w.Device, w.Start, w.Created); at != w.Created {
				w = w.arriving(at, max(at, w.Modified))
			}
			if w.Created > now {
				continue
			}
			if w.Modified > now {
				w = w.arriving(w.Created, w.Created)
			}
			rows = append(rows, w)
		}
	}
	return rows
}

// arriving returns a copy of a workout with other times of arrival.
func (w *Workout) arriving(created, modified int64) *Workout {
	copied := *w
	copied.Created, copied.Modified = created, modified
	return &copied
}

// activityState returns how much of a day the server knows, with the delays of the ledger.
func (ch *changes) activityState(p *person, day int, now int64) (dayState, bool) {
	state, ok := p.dayState(day, now)
	if !ok {
		return state, false
	}
	for _, d := range ch.delays {
		if device := p.tracker(); device.ModelID != d.model || p.midnight(day+1) <= d.from || p.midnight(day) >= d.until {
			continue
		}
		if now >= d.until {
			state.modified = max(state.modified, d.until)
			continue
		}
		// Held back: the server knows what it knew when the device was last there.
		if d.from <= p.midnight(day) {
			return dayState{}, false
		}
		return p.dayState(day, min(now, d.from))
	}
	return state, true
}

// trainingsOf returns the workouts of a day that shape its movement, whether uploaded yet or not.
func (c *Cloud) trainingsOf(p *person, day int) []*Workout { return c.history.day(p, day).workouts }
