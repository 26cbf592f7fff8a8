package simulator

import "slices"

// defaultSync is how often a watch or phone hands its data over, in seconds.
const defaultSync = 900

// untrackedAfter is how many seconds after its end a day without any tracking gets a row.
const untrackedAfter = 12

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

// dayPlan is how the row of a day comes about, whatever the moment of asking.
type dayPlan struct {
	day, zones int
	from, to   int64 // the day itself
	none       bool  // it never has a row
	untracked  bool
	closing    int64 // the synchronisation with which the row is complete, but for what comes late
	evening    int64 // until when it has data then; the end of the day if nothing comes late
	late       int64 // the synchronisation with which the rest comes; 0 if nothing comes late
}

// plan returns the plan of a day.
func (p *person) plan(day int) *dayPlan {
	zones := len(*p.zones.Load())
	place := &p.recent.plans[uint(day)%recentDays]
	if known := place.Load(); known != nil && known.day == day && known.zones == zones {
		return known
	}
	plan := p.planDay(day)
	plan.day, plan.zones = day, zones
	place.Store(&plan)
	return &plan
}

// planDay throws the dice for the row of a day.
func (p *person) planDay(day int) dayPlan {
	if p.tracker() == nil || day < p.firstDay || p.inDrawer(day) {
		return dayPlan{none: true}
	}
	plan := dayPlan{from: p.midnight(day), to: p.midnight(day + 1)}
	dice := p.dice(topicSync, day)
	untracked, late, lateBy := dice.chance(0.015), dice.chance(0.03), int64(dice.between(1, 6))
	if p.in(Full, present, day) {
		untracked, late = false, false
	}
	plan.untracked = untracked // the server fills the gap with the resting metabolism once the day is over
	plan.closing, plan.evening = p.nextSync(plan.to-1), plan.to
	if late { // the evening stays in the watch until the phone is near again, days later
		plan.late = p.nextSync(plan.closing + lateBy*secondsPerDay - 1)
		plan.closing = p.lastSync(p.clockTime(day, 20*3600))
		plan.evening = plan.closing
	}
	return plan
}

// dayState returns the state of a day's row, and whether there is one yet: a day has no row before the
// first synchronisation after its midnight.
func (p *person) dayState(day int, now int64) (dayState, bool) {
	plan := p.plan(day)
	switch {
	case plan.none:
		return dayState{}, false
	case plan.untracked:
		at := plan.to + untrackedAfter
		return dayState{known: plan.to, modified: at, untracked: true}, now >= at
	case plan.late != 0 && now >= p.readable(plan.late):
		return dayState{known: plan.to, modified: p.readable(plan.late)}, true
	}
	sync := p.lastRead(now)
	switch {
	case sync <= plan.from:
		return dayState{}, false
	case sync >= plan.closing:
		return dayState{known: plan.evening, modified: p.readable(plan.closing)}, true
	}
	return dayState{known: sync, modified: p.readable(sync)}, true
}

// dayMoments are when the row of a day changes within a span, in order, unless its device is held back.
func (p *person) dayMoments(day int, s span) []int64 {
	plan := p.plan(day)
	var list []int64
	switch {
	case plan.none:
		return nil
	case plan.untracked:
		list = []int64{plan.to + untrackedAfter}
	default:
		for sync := p.nextSync(max(plan.from, s.after-p.rhythm.processing-1)); sync <= min(plan.closing, s.until); sync = p.nextSync(sync) {
			list = append(list, p.readable(sync))
		}
		if plan.late != 0 {
			list = append(list, p.readable(plan.late))
		}
		slices.Sort(list)
	}
	return slices.DeleteFunc(list, func(at int64) bool { return !s.has(at) })
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
