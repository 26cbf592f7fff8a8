package simulator

import "time"

// Measures returns the measure groups of a user as the server has them now, dated from one moment to
// another, both included, oldest first. Objectives (category 2) and ambiguous groups are among them.
func (c *Cloud) Measures(user int64, from, to time.Time) []Group {
	p := c.byID[user]
	if p == nil {
		return nil
	}
	rows := c.groups(p, c.clock.now().Unix(), window{ranged: true, from: from.Unix(), to: to.Unix()})
	arrange(rows, OldestFirst, func(g *Group) sortKey { return sortKey{g.Date, g.ID} })
	list := make([]Group, len(rows))
	for i, g := range rows {
		list[i] = *g
	}
	return list
}

// Days returns the activity rows of a user as the server has them now, of the local dates of two moments
// and those between, oldest first.
func (c *Cloud) Days(user int64, from, to time.Time) []Day {
	p := c.byID[user]
	if p == nil {
		return nil
	}
	now := c.clock.now().Unix()
	ch := c.ledger.view(user)
	var list []Day
	for day := max(p.firstDay, p.dayOf(from.Unix())); day <= p.dayOf(min(now, to.Unix())); day++ {
		if state, ok := ch.activityState(p, day, now); ok {
			list = append(list, *p.dayRow(day, state, c.trainingsOf(p, day)))
		}
	}
	return list
}

// Nights returns the sleep rows of a user as the server has them now, whose days of waking up are the local
// dates of two moments and those between, oldest first.
func (c *Cloud) Nights(user int64, from, to time.Time) []Night {
	p := c.byID[user]
	if p == nil {
		return nil
	}
	rows := c.sleepRows(p, c.clock.now().Unix(), p.dayOf(from.Unix()), p.dayOf(to.Unix()), window{})
	arrange(rows, OldestFirst, sleepRow.key)
	list := make([]Night, len(rows))
	for i, row := range rows {
		list[i] = *row.night()
	}
	return list
}

// Workouts returns the workouts of a user as the server has them now, of the local dates of two moments and
// those between, oldest first.
func (c *Cloud) Workouts(user int64, from, to time.Time) []Workout {
	p := c.byID[user]
	if p == nil {
		return nil
	}
	rows := c.workouts(p, c.clock.now().Unix(), p.dayOf(from.Unix()), p.dayOf(to.Unix()), window{})
	arrange(rows, OldestFirst, workoutKey)
	list := make([]Workout, len(rows))
	for i, w := range rows {
		list[i] = *w
	}
	return list
}

// Hearts returns the rows of the heart list of a user as the server has them now, dated from one moment to
// another, both included, oldest first.
func (c *Cloud) Hearts(user int64, from, to time.Time) []Heart {
	p := c.byID[user]
	if p == nil {
		return nil
	}
	rows := c.heartRows(p, c.clock.now().Unix(), window{ranged: true, from: from.Unix(), to: to.Unix()})
	arrange(rows, OldestFirst, func(h *Heart) sortKey { return sortKey{h.Timestamp, h.SignalID} })
	list := make([]Heart, len(rows))
	for i, h := range rows {
		list[i] = *h
	}
	return list
}

// Sample is what a device counted or measured within a day.
type Sample struct {
	Time  int64 // UNIX seconds
	Model string
	Data  Fields // every field it has
}

// Samples returns the intraday samples of a user as the server has them now, from one moment to before
// another, oldest first.
func (c *Cloud) Samples(user int64, from, to time.Time) []Sample {
	p := c.byID[user]
	if p == nil {
		return nil
	}
	rows := c.samples(p, c.clock.now().Unix(), window{from: from.Unix(), to: to.Unix()})
	list := make([]Sample, len(rows))
	for i, s := range rows {
		list[i] = Sample{Time: s.at, Model: p.tracker().Model, Data: s.data}
	}
	return list
}

// Segments returns the segments of the nights of a user as the server has them now and sends them, with
// every field, that are at least in part between two moments, oldest first.
func (c *Cloud) Segments(user int64, from, to time.Time) []Fields {
	p := c.byID[user]
	if p == nil {
		return nil
	}
	wanted := map[string]bool{"withings_index": true}
	for _, series := range minuteSeries {
		wanted[series.name] = true
	}
	rows, _ := c.nightMinutes(p, c.clock.now().Unix(), window{from: from.Unix(), to: to.Unix()}, wanted)
	list := make([]Fields, len(rows))
	for i, row := range rows {
		list[i] = row.(Fields)
	}
	return list
}
