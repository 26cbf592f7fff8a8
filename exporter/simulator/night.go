package simulator

import "slices"

import "time"

// night is the plan of one sleep row; stages and values are computed from it when somebody asks.
type night struct {
	id         int64
	seed       uint64
	kind       nightKind
	device     *Device
	modelID    int
	day        int // of waking up
	timezone   string
	start, end int64 // whole minutes
	created    int64
	pulse      float64
	ill        float64
	unlike     unlikeness // the other nights
	// breakAt is when the person left the bed in between, and breakFor for how many minutes; 0 means not.
	breakAt  int64
	breakFor int
	// states are what the server answers over time, oldest first.
	states []nightState
}

// nightKind is where a row comes from.
type nightKind int

const (
	nightMat      nightKind = iota // the sleep mat, with the watch on the wrist
	nightWatch                     // the watch alone
	nightNap                       // the watch, in the afternoon
	nightExternal                  // another app: a duration and nothing else
)

// nightState is a row as it stands from a moment on.
type nightState struct {
	from      int64
	end       int64
	completed bool
	processed bool // the breathing analysis has run
}

// at returns the state of the row at a moment, and whether there is a row at all.
func (n *night) at(now int64) (nightState, bool) {
	for _, v := range slices.Backward(n.states) {
		if v.from <= now {
			return v, true
		}
	}
	return nightState{}, false
}

// arrives sets when the row reaches the server, and when the breathing analysis follows.
func (n *night) arrives(at int64) {
	n.created = at
	n.states = []nightState{{at, n.end, true, false}, {at + 1750, n.end, true, true}}
}

// class returns the device class that the row carries as model.
func (n *night) class() int {
	if n.kind == nightMat {
		return classMat
	}
	return classTracker
}

// The slots of a day's nights.
const (
	slotNight      = 0
	slotWatchNight = 1
	slotNap        = 2
)

// nights are the sleep rows whose day of waking up this is.
func (p *person) nights(day int) []*night {
	dice := p.dice(topicNight, day)
	start := wholeMinute(p.clockTime(day, p.bedAt(day)+dice.between(0, 1200)))
	end := wholeMinute(p.clockTime(day, p.wakeAt(day)-dice.between(0, 600)))
	if end-start < 2*3600 {
		end = start + 2*3600
	}
	var list []*night
	forgotten, both := dice.chance(0.03), dice.chance(0.15)
	if p.isPresent(day) {
		forgotten, both = false, both && !p.inDrawer(day)
	}
	switch {
	case p.holiday(day) && dice.chance(0.35):
		list = append(list, p.sleeps(day, slotNight, nightExternal, start, end))
	case p.holiday(day) || forgotten:
		list = append(list, p.sleeps(day, slotNight, nightWatch, start, end))
	default:
		list = append(list, p.matNight(day, start, end, dice))
		if both {
			list = append(list, p.sleeps(day, slotWatchNight, nightWatch, start+600, end-300))
		}
	}
	if nap := p.nap(day); nap != nil {
		list = append(list, nap)
	}
	return list
}

// sleeps makes a plain row that arrives six minutes after getting up.
func (p *person) sleeps(day, slot int, kind nightKind, start, end int64) *night {
	n := &night{
		id: p.id(day, slot), seed: hash(p.key, uint64(topicNight), uint64(day), uint64(slot)),
		kind: kind, day: day, timezone: p.zone(day).String(), start: start, end: end,
		pulse: p.restingPulse(day), ill: p.illness(day),
	}
	switch kind {
	case nightMat:
		n.device, n.modelID = p.mat, p.mat.ModelID
	case nightExternal:
		n.modelID = modelHealthKit
	default:
		n.device, n.modelID = p.watch, p.watch.ModelID
	}
	n.unlike = p.toldUnlikeness(day)
	n.pulse += n.unlike.pulse
	n.arrives(end + 360)
	return n
}

// matNight is an ordinary night on the mat. In some the person gets up once; in a few of those the mat takes
// it for the end of the night, and the row grows when it was not.
func (p *person) matNight(day int, start, end int64, d dice) *night {
	n := p.sleeps(day, slotNight, nightMat, start, end)
	minutes := int(end-start) / 60
	if minutes < 300 || !d.chance(0.25) {
		return n
	}
	n.breakAt = start + int64(d.between(minutes/2, minutes-100))*60
	n.breakFor = d.between(8, 14)
	if d.chance(0.3) {
		n.created = n.breakAt + 420
		early := nightState{from: n.created, end: n.breakAt, completed: false, processed: false}
		n.states = append([]nightState{early}, n.states...)
	}
	return n
}

// nap is an hour on the sofa with the watch on; nil on most days.
func (p *person) nap(day int) *night {
	dice := p.dice(topicNap, day)
	likely := 0.04 + 0.3*p.illness(day)
	if w := weekday(day); w == time.Saturday || w == time.Sunday {
		likely += 0.15
	}
	earliest := 13
	if p.in(Full, present, day) && weekday(day) == time.Sunday {
		likely, earliest = 1, 15 // after a hike
	}
	if !dice.chance(likely) || p.inDrawer(day) || p.isRecord(day) {
		return nil
	}
	start := wholeMinute(p.clockTime(day, earliest*3600+dice.between(0, 9000)))
	n := p.sleeps(day, slotNap, nightNap, start, start+int64(dice.between(25, 75))*60)
	n.states = n.states[:1]
	return n
}

func wholeMinute(unix int64) int64 { return unix / 60 * 60 }
