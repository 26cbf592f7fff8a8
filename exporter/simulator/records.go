package simulator

import "math"

// NoPosition marks a measure without a body position.
const NoPosition = -1

// Measure is one value as Withings carries it: Value × 10^Unit.
type Measure struct {
	Type, Unit int
	Value      int64
	Position   int // section 3.5, or NoPosition
	// Derived values are computed by the server or typed in: they have neither algo nor fm.
	Derived bool
	Algo    int
}

// Real returns the value as a number in Withings' unit.
func (m Measure) Real() float64 {
	if m.Unit < 0 {
		return float64(m.Value) / math.Pow10(-m.Unit)
	}
	return float64(m.Value) * math.Pow10(m.Unit)
}

// measure is a value of a device without a position.
func measure(kind, value, unit int) Measure {
	return Measure{Type: kind, Value: int64(value), Unit: unit, Position: NoPosition}
}

// at returns the measure with a position.
func (m Measure) at(position int) Measure {
	m.Position = position
	return m
}

// typed returns the measure as entered by hand.
func (m Measure) typed() Measure {
	m.Derived = true
	return m
}

// Group is a measure group: what one device said at one moment. Moments are UNIX seconds.
type Group struct {
	ID                      int64
	Attrib, Category        int
	Date, Created, Modified int64
	Device                  *Device // nil for manual entries
	Timezone                string
	Measures                []Measure
	// Inconclusive is 0 when the field is absent, 1 for false and 2 for true.
	Inconclusive int
}

// Day is the activity row of a local date, as it stands at the moment of asking.
type Day struct {
	Date, Timezone string
	Modified       int64
	Brand          int
	ModelID        int
	Model          any // a name, or nil
	Tracker        bool
	Data           Fields // every field the source can give
}

// Night is a row of the sleep summary, as it stands at the moment of asking: a night or a nap.
type Night struct {
	ID                            int64
	Start, End, Created, Modified int64
	Date, Timezone                string
	Class                         int // 16 tracker, 32 sleep monitor
	Device                        *Device
	ModelID                       int
	Completed                     bool
	Data                          Fields // every field the source can give
}

// Workout is one training session.
type Workout struct {
	ID                            int64
	Category, ModelID, Attrib     int
	Start, End, Created, Modified int64
	Date, Timezone                string
	Device                        *Device
	Data                          Fields
}

// Heart is one row of the heart list: an ECG, a failed ECG, or a session with the BPM Core.
type Heart struct {
	SignalID, StethoID   int64 // 0 when there is no recording
	AFib                 int   // 0 negative, 1 positive, 2 inconclusive
	Systole, Diastole    int   // mmHg; 0 without a cuff
	Rate                 int   // beats per minute; 0 for a failed recording
	Timestamp, Modified  int64
	Device               *Device
	Timezone             string
	samplingHz, duration int
}

// The ids grow with time as Withings' do. A day has idsPerDay of them, a person idsPerPerson of those.
const (
	idsPerPerson = 400
	idsPerDay    = maxPeople * idsPerPerson
)

// id returns the id of the slot-th record of one kind on a day.
func (p *person) id(day, slot int) int64 {
	return int64(day)*idsPerDay + int64(p.index*idsPerPerson+slot)
}

// signalsPerDay is how many recordings a person can make in a day; signal ids stay small, as Withings' are.
const signalsPerDay = 10

// signal returns the id of a recording, from which day and person can be read again.
func (p *person) signal(day, slot int) int64 {
	return (int64(day)*maxPeople+int64(p.index))*signalsPerDay + int64(slot)
}

// signalDay returns the day of a recording of this person, and whether the id is one of theirs.
func (p *person) signalDay(signal int64) (int, bool) {
	owner := signal / signalsPerDay
	return int(owner / maxPeople), owner%maxPeople == int64(p.index)
}

// group makes a group of this person. Values arrive at the server a minute and a half after the measurement;
// whoever needs another delay changes the result.
func (p *person) group(day, slot int, at int64, attrib int, device *Device, measures ...Measure) *Group {
	created := at + 85 + int64(slot%7)
	if device == nil {
		created = at
	}
	return &Group{
		ID: p.id(day, slot), Attrib: attrib, Category: 1,
		Date: at, Created: created, Modified: created,
		Device: device, Timezone: p.zone(day).String(), Measures: measures,
	}
}

// late moves the arrival of a new group to a later moment.
func (g *Group) late(seconds int64) *Group {
	g.Created += seconds
	g.Modified += seconds
	return g
}

// dayRecords is everything of a day that does not change while the day goes on. It is shared between
// requests and must not be changed.
type dayRecords struct {
	groups   []*Group
	nights   []*night
	workouts []*Workout
	hearts   []*Heart
	contacts []contact // of the devices
	// changed is when the server learns of all these: the last moment, UNIX seconds.
	changed int64
}

// before reports whether a window wants only what was changed after all these.
func (r *dayRecords) before(w window, ch *changes) bool {
	return w.updated && r.changed < w.since && ch.delays == nil
}

// settle computes changed.
func (r *dayRecords) settle() {
	for _, g := range r.groups {
		r.changed = max(r.changed, g.Created, g.Modified)
	}
	for _, n := range r.nights {
		r.changed = max(r.changed, n.states[len(n.states)-1].from)
	}
	for _, w := range r.workouts {
		r.changed = max(r.changed, w.Created, w.Modified)
	}
	for _, h := range r.hearts {
		r.changed = max(r.changed, h.Modified)
	}
}

// live computes a day of a person.
func (p *person) live(day int) dayRecords {
	var r dayRecords
	if day < p.firstDay {
		return r
	}
	r.groups = append(r.groups, p.account(day)...)
	if p.scale != nil {
		r.groups = append(r.groups, p.weighIns(day)...)
	}
	r.groups = append(r.groups, p.entries(day)...)
	if p.cuff != nil {
		r.groups = append(r.groups, p.pressures(day)...)
	}
	if p.watch != nil && !p.inDrawer(day) {
		r.groups = append(r.groups, p.spots(day)...)
		var ecg []*Group
		ecg, r.hearts = p.recordings(day)
		r.groups = append(r.groups, ecg...)
	}
	if p.thermo != nil {
		r.groups = append(r.groups, p.temperatures(day)...)
	}
	if p.uscan != nil {
		r.groups = append(r.groups, p.urines(day)...)
	}
	if p.mat != nil {
		r.nights = p.nights(day)
	}
	r.workouts = p.trainings(day)
	p.hand(&r)
	r.settle()
	return r
}

// The slots of a day's groups: each source has its own, so that ids never meet.
const (
	slotAccount   = 0
	slotObjective = 2
	slotWeighIn   = 10 // and the parts after it
	slotEvening   = 30
	slotGuest     = 50
	slotEntry     = 60
	slotPressure  = 70
	slotSpot      = 100
	slotECG       = 120
	slotThermo    = 140
	slotUrine     = 160
)
