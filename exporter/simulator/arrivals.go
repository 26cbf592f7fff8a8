package simulator

import "time"

// Arrival is that a row can be read from a moment on, in a version of its own.
type Arrival struct {
	List     List
	ID       int64  // of a group, a night or a workout
	Date     string // of a day
	Start    int64  // of the row, UNIX seconds
	Modified int64  // of this version, UNIX seconds
	Newest   int64  // minute, UNIX seconds; of Samples and Minutes only
	Device   bool   // a device has sent it; otherwise it was typed in, or comes from the server or another app
	Again    bool   // the server has changed it by itself
	Doubtful bool   // a group that may be another person's, or whose values are inconclusive
	At       time.Time
}

// List is what a row is in.
type List int

// The lists.
const (
	Measures   List = iota // getmeas, category 1
	Objectives             // getmeas, category 2
	Days                   // getactivity
	Samples                // getintradayactivity
	Workouts               // getworkouts
	Nights                 // sleep getsummary
	Minutes                // sleep get
	Hearts                 // heart list
	Sounds                 // stetho list
)

// Arrivals lists what can be read for the first time after one moment and until another, in no order: new rows and changed ones of a
// user's ordinary life, and the newest minute of a day or night. What tests change is not among them.
func (c *Cloud) Arrivals(user int64, after, until time.Time) []Arrival {
	p := c.byID[user]
	if p == nil {
		return nil
	}
	s := span{after.Unix(), until.Unix()}
	var list []Arrival
	add := func(at int64, a Arrival) {
		if s.has(at) {
			a.At = time.Unix(at, 0).UTC()
			list = append(list, a)
		}
	}
	for _, records := range c.history.days(p, p.dayOf(s.after-maxLag)-1, p.dayOf(s.until)+1) {
		if records.changed > s.after {
			records.arrivals(add)
		}
	}
	if p.tracker() == nil {
		return list
	}
	for day := p.dayOf(s.after) - staleDays; day <= p.dayOf(s.until); day++ {
		for _, at := range p.dayMoments(day, s) {
			if state, ok := p.dayState(day, at); ok && state.modified == at {
				c.dayArrives(p, day, state, add)
			}
		}
	}
	return list
}

// arrivals are those of a day's records.
func (r *dayRecords) arrivals(add func(int64, Arrival)) {
	for _, g := range r.groups {
		a := Arrival{List: Measures, ID: g.ID, Start: g.Date, Modified: g.Created, Device: g.Device != nil,
			Doubtful: g.Attrib == 1 || g.Inconclusive == 2}
		if g.Category == 2 {
			a.List = Objectives
		}
		add(g.Created, a)
		if a.Modified, a.Again = g.Modified, true; g.Modified != g.Created {
			add(g.Modified, a)
		}
	}
	for _, w := range r.workouts {
		a := Arrival{List: Workouts, ID: w.ID, Start: w.Start, Modified: w.Created, Device: w.Device != nil}
		add(w.Created, a)
		if a.Modified, a.Again = w.Modified, true; w.Modified != w.Created {
			add(w.Modified, a)
		}
	}
	for _, h := range r.hearts {
		a := Arrival{List: Hearts, Start: h.Timestamp, Modified: h.Modified, Device: true}
		add(h.Modified, a)
		if a.List = Sounds; h.StethoID != 0 {
			add(h.Modified, a)
		}
	}
	for _, n := range r.nights {
		n.arrivals(add)
	}
}

// arrivals are those of the states of a night, and of its minutes.
func (n *night) arrivals(add func(int64, Arrival)) {
	for _, state := range n.states {
		a := Arrival{List: Nights, ID: n.id, Start: n.start, Modified: state.from, Device: n.device != nil, Again: state.processed}
		add(state.from, a)
		if a.List, a.Newest = Minutes, state.end-60; n.kind != nightExternal && !state.processed {
			add(state.from, a)
		}
	}
}

// dayArrives are the new state of a day's row, and its newest sample.
func (c *Cloud) dayArrives(p *person, day int, state dayState, add func(int64, Arrival)) {
	a := Arrival{List: Days, Date: ymd(day), Start: p.midnight(day), Modified: state.modified, Device: !state.untracked}
	add(state.modified, a)
	if plan := p.plan(day); state.untracked || plan.late != 0 && state.modified == p.readable(plan.late) {
		return // what is late is not the newest
	}
	a.List = Samples
	for _, slot := range p.slots(day, c.trainingsOf(p, day)) {
		if slot.start+slotSeconds > state.known {
			break
		}
		for _, one := range append(p.moving(day, slot), p.sensed(day, slot)...) {
			a.Newest = max(a.Newest, one.at)
		}
	}
	if a.Newest != 0 {
		add(state.modified, a)
	}
}
