package simulator

// defaultSync is how often a watch or phone hands its data over, in seconds.
const defaultSync = 900

// untrackedAfter is how many seconds after its end a day without any tracking gets a row.
const untrackedAfter = 12

// lastSync is the latest time before now at which watch or phone handed their data over.
func (p *person) lastSync(now int64) int64 {
	phase := int64(p.key % uint64(p.sync))
	return (now-phase)/p.sync*p.sync + phase
}

// tracker is the device that counts the steps; nil for people without one.
func (p *person) tracker() *Device {
	if p.watch != nil {
		return p.watch
	}
	return p.phone
}

// dayState says how much of a day the server knows at a moment.
type dayState struct {
	known     int64 // data until then, UNIX seconds
	modified  int64
	untracked bool
}

// dayState returns the state of a day's row, and whether there is one yet: a day has no row before the
// first synchronisation after its midnight.
func (p *person) dayState(day int, now int64) (dayState, bool) {
	if p.tracker() == nil || day < p.firstDay || p.inDrawer(day) {
		return dayState{}, false
	}
	from, to := p.midnight(day), p.midnight(day+1)
	dice := p.dice(topicSync, day)
	untracked, late, lateBy := dice.chance(0.015), dice.chance(0.03), int64(dice.between(1, 6))
	if p.in(Full, present, day) {
		untracked, late = false, false
	}
	if untracked { // the server fills the gap with the resting metabolism once the day is over
		return dayState{known: to, modified: to + untrackedAfter, untracked: true}, now >= to+untrackedAfter
	}
	sync := p.lastSync(now)
	if sync <= from {
		return dayState{}, false
	}
	closing := p.lastSync(to-1) + p.sync // the first synchronisation after the day
	if late {
		// The evening stays in the watch until the phone is near again, days later.
		arrives := closing + lateBy*secondsPerDay
		if now >= arrives {
			return dayState{known: to, modified: arrives}, true
		}
		closing = p.lastSync(p.clockTime(day, 20*3600))
		to = closing
	}
	if sync >= closing {
		return dayState{known: to, modified: closing}, true
	}
	return dayState{known: sync, modified: sync}, true
}

// dayRow computes the row of a day from what the server knows of it.
func (p *person) dayRow(day int, state dayState, trainings []*Workout) *Day {
	d := &Day{Date: ymd(day), Timezone: p.zone(day).String(), Modified: state.modified}
	if state.untracked {
		d.Brand, d.ModelID = 18, modelNone
		d.Data = p.emptyDay(day, float64(state.known-p.midnight(day))/secondsPerDay)
		return d
	}
	device := p.tracker()
	d.Brand, d.ModelID, d.Model, d.Tracker = 1, device.ModelID, device.Model, true
	if device == p.phone {
		d.Brand, d.Tracker = 18, false
	}
	d.Data = p.dayData(day, state.known, p.slots(day, trainings))
	return d
}

// dayData adds up the slots that the server knows completely.
func (p *person) dayData(day int, known int64, list []slot) Fields {
	var steps, soft, moderate, intense int
	var pulse spread
	var zones [4]int
	var calories, metres, climb float64
	for _, s := range list {
		if s.start+slotSeconds > known {
			break
		}
		steps += s.steps
		metres += p.metres(s)
		climb += p.climb(s)
		calories += p.burnt(day, s)
		switch {
		case s.steps > 900 || s.zone >= 2:
			intense += slotSeconds
		case s.steps > 350 || s.training != nil:
			moderate += slotSeconds
		default:
			soft += min(slotSeconds, s.steps)
		}
		if s.pulse > 0 {
			pulse.add(s.pulse)
			zones[s.zone] += slotSeconds
		}
	}
	passed := float64(known-p.midnight(day)) / secondsPerDay
	f := make(Fields, 0, len(activityFields)).and(Fields{
		{"steps", steps}, {"distance", decimals(metres, 2)}, {"elevation", round(climb)},
		{"soft", soft}, {"moderate", moderate}, {"intense", intense}, {"active", moderate + intense},
		{"calories", decimals(calories, 3)}, {"totalcalories", decimals(calories+passed*p.passive(day), 3)},
	})
	if p.watch == nil {
		return f
	}
	f = f.and(Fields{{"hr_average", pulse.mean()}, {"hr_min", pulse.min}, {"hr_max", pulse.max}})
	for i, name := range zoneNames {
		f.add(name, zones[i])
	}
	return f
}

// emptyDay is the row of a day without any tracking.
func (p *person) emptyDay(day int, share float64) Fields {
	f := Fields{}
	for _, name := range activityFields {
		f.add(name, 0)
	}
	return f.with("totalcalories", decimals(share*p.passive(day), 2))
}

// activityFields are the data fields of getactivity in the order of section 4.1.
var activityFields = []string{
	"steps", "distance", "elevation", "soft", "moderate", "intense", "active", "calories", "totalcalories",
	"hr_average", "hr_min", "hr_max", "hr_zone_0", "hr_zone_1", "hr_zone_2", "hr_zone_3",
}

// metres is the distance of a slot; on a bicycle it does not come from steps.
func (p *person) metres(s slot) float64 {
	walked := float64(s.steps) * p.stride
	if s.training != nil && s.training.Category == cycling {
		metres, _ := s.training.Data.Number("distance")
		walked += metres * s.inTraining()
	}
	return walked
}

// climb is the height gained in a slot in metres: stairs, and hills in workouts.
func (p *person) climb(s slot) float64 {
	metres := 0.0025 * float64(s.steps)
	if s.training != nil {
		climbed, _ := s.training.Data.Number("elevation")
		metres += climbed * s.inTraining()
	}
	return metres
}

// burnt is the active energy of a slot in kcal.
func (p *person) burnt(day int, s slot) float64 {
	kcal := 0.00058 * float64(s.steps) * p.weightOn(day)
	if s.training != nil {
		trained, _ := s.training.Data.Number("calories")
		kcal = max(kcal, trained*s.inTraining())
	}
	return kcal
}

// inTraining is the share of the slot's workout that falls into the slot.
func (s slot) inTraining() float64 {
	w := s.training
	overlap := min(w.End, s.start+slotSeconds) - max(w.Start, s.start)
	return float64(overlap) / float64(w.End-w.Start)
}

// passive is the resting metabolism of a whole day in kcal.
func (p *person) passive(day int) float64 {
	return 370 + 21.6*p.weightOn(day)*(1-p.fatOn(day))
}
