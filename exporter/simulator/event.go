package simulator

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrUnknown says that a test named a user or a record that does not exist.
var ErrUnknown = errors.New("not known to the simulator")

func (c *Cloud) find(user int64) (*person, error) {
	if p := c.byID[user]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("user %d: %w", user, ErrUnknown)
}

// findGroup returns a group as it stands, changes included.
func (c *Cloud) findGroup(user, id int64) (Group, error) {
	p, err := c.find(user)
	if err != nil {
		return Group{}, err
	}
	ch := c.ledger.view(user)
	g, changed := ch.groups[id]
	candidates := ch.added
	if id < firstEventID {
		candidates = slices.Concat(candidates, c.history.day(p, int(id/idsPerDay)).groups)
	}
	for i := 0; !changed && g == nil && i < len(candidates); i++ {
		if candidates[i].ID == id {
			g = candidates[i]
		}
	}
	if g == nil {
		return Group{}, fmt.Errorf("group %d of user %d: %w", id, user, ErrUnknown)
	}
	return *g, nil
}

// AddGroup records a measure group now: id, created and modified are filled in, and date and time zone when
// they are missing. It returns the id.
func (c *Cloud) AddGroup(user int64, g Group) (int64, error) {
	p, err := c.find(user)
	if err != nil {
		return 0, err
	}
	how := c.notices.switches()
	now := c.clock.now().Unix()
	readable := now + int64(how.Early.Seconds())
	g.ID, g.Created, g.Modified = c.ledger.nextID(), readable, readable
	if g.Date == 0 {
		g.Date = now
	}
	if g.Category == 0 {
		g.Category = 1
	}
	if g.Timezone == "" {
		g.Timezone = p.zone(p.dayOf(g.Date)).String()
	}
	c.ledger.edit(user, func(ch *changes) { ch.added = append(ch.added, &g) })
	if at := c.ledger.view(user).delayed(&g).Modified; at != readable { // its device is held back
		readable = at
	} else {
		readable = now
	}
	c.announce(p.ofGroup(&g, readable, how)...)
	return g.ID, nil
}

// WeighAmbiguous puts somebody on the person's scale who might be the person: a group of attrib 1 with a
// weight in grams.
func (c *Cloud) WeighAmbiguous(user int64, grams int) (int64, error) {
	p, err := c.find(user)
	if err != nil {
		return 0, err
	}
	return c.AddGroup(user, Group{Attrib: 1, Device: p.scale, Measures: []Measure{measure(1, grams, -3)}})
}

// CorrectGroup gives one measure of a group another value, as the person would in the app: the date stays,
// modified moves.
func (c *Cloud) CorrectGroup(user, id int64, kind int, value int64, unit int) error {
	g, err := c.findGroup(user, id)
	if err != nil {
		return err
	}
	g.Measures = slices.Clone(g.Measures)
	found := false
	for i := range g.Measures {
		if m := &g.Measures[i]; m.Type == kind {
			m.Value, m.Unit, found = value, unit, true
		}
	}
	if !found {
		return fmt.Errorf("measure type %d in group %d: %w", kind, id, ErrUnknown)
	}
	g.Modified = c.clock.now().Unix()
	c.ledger.edit(user, func(ch *changes) { ch.groups[id] = &g })
	c.announceGroup(user, &g)
	return nil
}

// announceGroup announces a change of a group that is just being made.
func (c *Cloud) announceGroup(user int64, g *Group) {
	c.announce(c.byID[user].ofGroup(g, c.clock.now().Unix(), c.notices.switches())...)
}

// DeleteGroup removes a group: it vanishes, or stays without measures when the switch says so.
func (c *Cloud) DeleteGroup(user, id int64) error {
	g, err := c.findGroup(user, id)
	if err != nil {
		return err
	}
	var left *Group
	gone := g
	if c.switches.KeepTombstones {
		g.Measures, g.Modified = nil, c.clock.now().Unix()
		left = &g
	}
	c.ledger.edit(user, func(ch *changes) { ch.groups[id] = left })
	c.announceGroup(user, &gone)
	return nil
}

// ReassignGroup moves a group to another user, under its id and date.
func (c *Cloud) ReassignGroup(from, to, id int64) error {
	g, err := c.findGroup(from, id)
	if err != nil {
		return err
	}
	if _, err := c.find(to); err != nil {
		return err
	}
	if err := c.DeleteGroup(from, id); err != nil {
		return err
	}
	g.Modified, g.Attrib = c.clock.now().Unix(), 0
	c.ledger.edit(to, func(ch *changes) {
		delete(ch.groups, id)
		ch.added = slices.DeleteFunc(ch.added, func(old *Group) bool { return old.ID == id })
		ch.added = append(ch.added, &g)
	})
	c.announceGroup(to, &g)
	return nil
}

// ReviseNight processes a night again: its start moves by shift (whole minutes), its stages and values
// change, modified moves; id, date and end stay.
func (c *Cloud) ReviseNight(user, id int64, shift time.Duration) error {
	p, err := c.find(user)
	if err != nil {
		return err
	}
	for _, n := range c.history.day(p, int(id/idsPerDay)).nights {
		if n.id != id {
			continue
		}
		revised := *n
		n = &revised
		now := c.clock.now().Unix()
		if n.start += int64(shift.Minutes()) * 60; n.end-n.start < 3600 {
			return fmt.Errorf("revise night %d of user %d: less than an hour would be left of it", id, user)
		}
		n.seed = hash(n.seed, uint64(now))
		n.breakAt = 0
		n.states = []nightState{{from: now, end: n.end, completed: true, processed: true}}
		c.ledger.edit(user, func(ch *changes) { ch.nights[id] = n })
		c.announce(p.ofNight(n, now, n.end))
		return nil
	}
	return fmt.Errorf("night %d of user %d: %w", id, user, ErrUnknown)
}

// DelayDevice holds back everything the device of a model records from one moment until another: groups,
// nights, workouts and activity of that time appear at the later one, with their own dates.
func (c *Cloud) DelayDevice(user int64, model int, from, until time.Time) error {
	p, err := c.find(user)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(p.Devices, func(d Device) bool { return d.ModelID == model }) {
		return fmt.Errorf("device model %d of user %d: %w", model, user, ErrUnknown)
	}
	c.ledger.edit(user, func(ch *changes) {
		ch.delays = append(ch.delays, delay{model: model, from: from.Unix(), until: until.Unix()})
	})
	return nil
}

// MoveTo takes a person to another time zone, from their next midnight on.
func (c *Cloud) MoveTo(user int64, timezone string) error {
	p, err := c.find(user)
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(timezone)
	if err != nil {
		return fmt.Errorf("move user %d: %w", user, err)
	}
	c.ledger.mu.Lock() // one journey at a time
	defer c.ledger.mu.Unlock()
	zones := slices.Clone(*p.zones.Load())
	now := c.clock.now()
	day := p.dayOf(now.Unix()) + 1
	if year, month, d := civil(day); !now.Before(time.Date(year, month, d, 0, 0, 0, 0, zone)) {
		day++ // travelling east: that midnight is over there already
	}
	zones = slices.DeleteFunc(zones, func(z zoneFrom) bool { return z.day >= day })
	zones = append(zones, zoneFrom{day, zone})
	p.zones.Store(&zones)
	return nil
}

// SetGoals gives a person other goals; the zero Goals are none at all.
func (c *Cloud) SetGoals(user int64, goals Goals) error {
	if _, err := c.find(user); err != nil {
		return err
	}
	c.ledger.edit(user, func(ch *changes) { ch.goals = &goals })
	return nil
}
