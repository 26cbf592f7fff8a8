package simulator

import "time"

// A story is what the first people of the demo live through around the week in which the Cloud starts, so that
// each dashboard has something to tell. Without Options.Stories there is none, and the people are as their dice fall.
//
// All days of a story are counted from the Monday of that week. A demo that is started again in the same week
// therefore has the same past.
//
// Anna, who owns everything, has lost weight for four months and has less than a kilogram to go. She kept her step
// goal for two weeks, then walked further than ever before, then left the watch in a drawer for three days. On a
// Sunday evening the watch found atrial fibrillation, and sinus rhythm on all days of the week that followed. Last
// week she had a fever. On working days she sleeps too little, and on Sundays she has a nap.
//
// Ben, who owns a scale and a phone, just goes on with his life: he shows what a dashboard leaves out.
//
// Carla measures a blood pressure that is too high by the threshold for measurements at home and not by that for
// the doctor's office. It is higher in the morning than in the evening.

// storied is how many people have a story: one of each kind.
const storied = kinds

// story is the story of a person; which one follows from the kind.
type story struct {
	monday int // of the week in which the Cloud started
}

// chapter is a span of days, both included.
type chapter struct{ first, last int }

func (c chapter) has(offset int) bool { return c.first <= offset && offset <= c.last }

// The chapters of Anna's story, by days from the Monday.
var (
	// present is the time without holidays and without infections that the story does not tell.
	present   = chapter{-90, 27}
	streak    = chapter{-45, -32}
	drawer    = chapter{-24, -22}
	checks    = chapter{-14, -8}
	infection = chapter{-6, -2}
	// thisWeek has the step goal met from the last Sunday on.
	thisWeek = chapter{-1, 6}
)

const (
	recordDay       = -29 // a Sunday
	recordSteps     = 39_500
	fibrillationDay = -15 // a Sunday
)

// course is the illness on the days of the infection: three of them with a fever.
var course = [5]float64{0.27, 0.85, 1, 0.7, 0.27}

// newStory returns the story of a person, or nil, and fits the body to it.
func newStory(o Options, p *person, now time.Time) *story {
	if !o.Stories || p.index >= storied {
		return nil
	}
	today := dayNumber(now.In(p.zone(0)).Date())
	if p.Kind == Full { // healthy by every threshold
		p.systole, p.diastole = 110, 64.5
	}
	return &story{monday: today - int(weekday(today)+6)%7}
}

// offset returns the days from the Monday of the story, and whether there is a story.
func (p *person) offset(day int) (int, bool) {
	if p.story == nil {
		return 0, false
	}
	return day - p.story.monday, true
}

// in reports whether a day belongs to a chapter of a story of a kind of person.
func (p *person) in(kind Kind, c chapter, day int) bool {
	offset, told := p.offset(day)
	return told && p.Kind == kind && c.has(offset)
}

// isPresent reports whether a day belongs to the time that a story tells, whoever's it is.
func (p *person) isPresent(day int) bool { return p.in(p.Kind, present, day) }

// toldIllness is the illness of a day of the present.
func (p *person) toldIllness(day int) float64 {
	if !p.in(Full, infection, day) {
		return 0
	}
	return course[day-p.story.monday-infection.first]
}

// isRecovered reports whether the thermometer shows for the first time that the fever is over.
func (p *person) isRecovered(day int) bool {
	offset, told := p.offset(day)
	return told && p.Kind == Full && offset == infection.last+1
}

// inDrawer reports whether nobody wears the watch.
func (p *person) inDrawer(day int) bool { return p.in(Full, drawer, day) }

// isRecord reports whether this is the day with the most steps ever.
func (p *person) isRecord(day int) bool { return p.in(Full, chapter{recordDay, recordDay}, day) }

// isOnStreak reports whether the step goal is met for certain.
func (p *person) isOnStreak(day int) bool {
	return p.in(Full, streak, day) || p.in(Full, thisWeek, day)
}

// isBreak reports whether the day ends a streak or comes before one: the step goal is missed for certain.
func (p *person) isBreak(day int) bool {
	offset, told := p.offset(day)
	return told && p.Kind == Full && (offset == streak.first-1 || offset == streak.last+1 || offset == thisWeek.first-1)
}

// toldSteps are the steps of a day, of which the dice gave drawn.
func (p *person) toldSteps(day, drawn int) int {
	more := int(hash(p.key, uint64(topicSteps), uint64(day), 1) % 1800)
	switch {
	case p.isRecord(day):
		return recordSteps + more
	case p.isBreak(day):
		return min(drawn, p.goals(day).Steps-300-more)
	case p.isOnStreak(day):
		return max(drawn, p.goals(day).Steps+200+more)
	}
	return drawn
}

// hasTwo reports whether a day of Anna's has two workouts for certain.
func (p *person) hasTwo(day int) bool {
	w := weekday(day)
	return p.in(Full, present, day) && (w == time.Wednesday || w == time.Saturday)
}

// share grows from 0 at the beginning of a chapter to 1 at its end, and stays there.
func (c chapter) share(offset int) float64 {
	x := float64(offset-c.first) / float64(c.last-c.first)
	x = max(0, min(1, x))
	return x * x * (3 - 2*x)
}

// blend returns a number between two: the first with a share of 0, the second with one of 1.
func blend(from, to, share float64) float64 { return from + (to-from)*share }

const (
	lossPerDay = 0.035 // kg
	leftToLose = 0.9   // kg, on the Monday
	mostToLose = 5     // kg, before she began
	fatOfLoss  = 0.75  // the share of fat in what was lost
)

// gain is when Anna leaves the weight of years: she gets to where the way to the goal begins.
var gain = chapter{-420, -140}

// toLose is how many kilograms Anna is from her goal.
func toLose(offset int) float64 {
	return max(0, min(mostToLose, leftToLose-lossPerDay*float64(offset)))
}

// toldWeight is the weight of a day in kilograms, of which the drift over years and seasons is old.
func (p *person) toldWeight(day int, old float64) float64 {
	offset, told := p.offset(day)
	if !told || p.Kind != Full {
		return old
	}
	goal := float64(p.goals(p.story.monday).Weight) / 1000
	w := blend(old, goal+toLose(offset), gain.share(offset))
	if p.isPresent(day) { // the fever takes less off than usual, or she would gain weight fast afterwards
		w += 0.5 * p.toldIllness(day)
	}
	return w
}

// toldFat is the share of fat that belongs to the weight of a day on the way to the goal.
func (p *person) toldFat(day int, old float64) float64 {
	offset, told := p.offset(day)
	if !told || p.Kind != Full {
		return old
	}
	goal := float64(p.goals(p.story.monday).Weight) / 1000
	left := toLose(offset)
	kilos := goal*(p.fat-0.02) + fatOfLoss*left
	wander := 0.002 * smooth(hash(p.key, uint64(topicBody), 30), float64(day)/20)
	return blend(old, kilos/(goal+left)+wander, gain.share(offset))
}

// unlikeness is how a night differs from the person's others in health.
type unlikeness struct {
	pulse, rmssd, warmth float64
	breaths              int
}

// toldUnlikeness makes no two nights of a story alike, so that the fever can be compared with what is usual.
func (p *person) toldUnlikeness(day int) unlikeness {
	if p.story == nil {
		return unlikeness{}
	}
	wander := func(i uint64) float64 { return 2*unit(hash(p.key, uint64(topicNight), uint64(day), 100+i)) - 1 }
	return unlikeness{
		pulse: 2.2 * wander(0), rmssd: 9 * wander(1), warmth: 0.25 * wander(2),
		breaths: round(1.2*wander(3) + 1.5*p.illness(day)),
	}
}

// restless are the days on which Carla's pressure comes to where the story wants it.
var restless = chapter{-120, -60}

// The pressure at home: with what mornings add, its mean lies between the thresholds for home and office.
const (
	homeSystole  = 133.7
	homeDiastole = 85.4
	morningRise  = 7 // mmHg
)

// toldPressure is the pressure of a day before what its hour adds.
func (p *person) toldPressure(day int, systole, diastole float64) (float64, float64) {
	offset, told := p.offset(day)
	if !told || p.Kind != Pressure {
		return systole, diastole
	}
	mood, share := p.mood(day, topicPressure), restless.share(offset)
	return blend(systole, homeSystole+mood, share), blend(diastole, homeDiastole+0.6*mood, share)
}

// toldScatter is how far single readings lie from the pressure of the day: with a story less, so that the mean of a
// week already says what that of a month does.
func (p *person) toldScatter(drawn float64) float64 {
	if p.story != nil && p.Kind == Pressure {
		return 0.75 * drawn
	}
	return drawn
}

// shortNights are what working days cost Anna: seconds that she goes to bed later before them, and that she gets
// up later at the week-end.
func (p *person) shortNights(day int) (bed, wake float64) {
	if p.story == nil || p.Kind != Full {
		return 0, 0
	}
	if w := weekday(day); w == time.Saturday || w == time.Sunday {
		return 0, 2400
	}
	return 1200, 0
}

// goalDay is the day whose goals hold on a day: they stay the same throughout the present.
func (p *person) goalDay(day int) int {
	if p.in(Full, present, day) {
		return p.story.monday
	}
	return day
}

// toldBackground is what the watch finds by itself in the rhythm of the heart, and whether the story says so.
func (p *person) toldBackground(day int) (class int, told bool) {
	if p.in(Full, chapter{fibrillationDay, fibrillationDay}, day) {
		return 1, true
	}
	return 0, p.in(Full, checks, day)
}

// isSinus reports whether every recording of a day finds sinus rhythm.
func (p *person) isSinus(day int) bool { return p.in(Full, chapter{checks.first, present.last}, day) }

// toldECGs are the recordings of the days of which the story tells the rhythm.
func (p *person) toldECGs(day int) []ecg {
	found, told := p.toldBackground(day)
	switch {
	case !told:
		return nil
	case found == 0:
		return []ecg{{at: p.clockTime(day, 20*3600+15*60), rate: round(p.restingPulse(day) + 7), class: normalRate}}
	}
	return []ecg{
		{at: p.clockTime(day, 20*3600+48*60), rate: 118, class: fibrillationFast, afib: 1},
		{at: p.clockTime(day, 22*3600+10*60), rate: 109, class: fibrillationFast, afib: 1},
	}
}
