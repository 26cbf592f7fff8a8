package simulator

import (
	"math"
	"time"
)

// holiday reports whether the person is away from home: no scale, no mat, no cuff, but the watch.
func (p *person) holiday(day int) bool {
	if p.isPresent(day) {
		return false
	}
	year, _, _ := civil(day)
	first := dayNumber(year, time.January, 1)
	for k, season := range []struct{ from, spread, shortest, longest int }{
		{38, 30, 6, 8},    // a week in the snow
		{178, 45, 10, 17}, // summer
		{280, 30, 4, 8},   // autumn
	} {
		h := hash(p.key, uint64(topicHoliday), uint64(year), uint64(k))
		start := first + season.from + int(h%uint64(season.spread))
		length := season.shortest + int(h>>32%uint64(season.longest-season.shortest+1))
		if day >= start && day < start+length {
			return true
		}
	}
	return false
}

// illness is 0 in health and up to 1 at the height of an infection. There are two in most years, in the
// cold months.
func (p *person) illness(day int) float64 {
	if p.isPresent(day) {
		return p.toldIllness(day)
	}
	year, _, _ := civil(day)
	first := dayNumber(year, time.January, 1)
	for k, from := range []int{12, 290} {
		h := hash(p.key, uint64(topicIllness), uint64(year), uint64(k))
		if k == 1 && h%10 < 3 {
			continue
		}
		start := first + from + int(h%55)
		length := 5 + int(h>>32%5)
		if day >= start && day < start+length {
			x := float64(day-start+1) / float64(length+1)
			severity := 0.6 + 0.4*unit(mix(h))
			return severity * math.Sin(math.Pi*math.Sqrt(x))
		}
	}
	return 0
}

// fitness drifts between -1 and 1 over seasons: it lowers the pulse and raises VO2 max and steps.
func (p *person) fitness(day int) float64 {
	return 0.7*smooth(hash(p.key, uint64(topicTraining)), float64(day)/160) - 0.3*math.Cos(2*math.Pi*seasonAngle(day))
}

// restingPulse is the heart rate at rest on a day, beats per minute.
func (p *person) restingPulse(day int) float64 {
	return p.pulse - 3*p.fitness(day) + 1.5*smooth(hash(p.key, uint64(topicSlots)), float64(day)/5) + 13*p.illness(day)
}

// mood is the short-lived part of a person's state, from -1 to 1.
func (p *person) mood(day int, t topic) float64 {
	return smooth(hash(p.key, uint64(t), 77), float64(day)/3)
}

// wakeAt and bedAt are the seconds of the wall clock, counted from the midnight that begins the day, at which
// the person gets up, and went to bed for the night that ends on the day (negative before midnight).
func (p *person) wakeAt(day int) int {
	dice := p.dice(topicWake, day)
	wake := dice.around(p.wake, 900)
	if w := weekday(day); w == time.Saturday || w == time.Sunday {
		wake += 3600
	}
	_, later := p.shortNights(day)
	wake += later
	return int(wake+3600*p.illness(day)) / 60 * 60
}

func (p *person) bedAt(day int) int {
	dice := p.dice(topicBed, day)
	bed := dice.around(p.bed, 1500)
	if w := weekday(day); w == time.Saturday || w == time.Sunday {
		bed += 3000
	}
	later, _ := p.shortNights(day)
	bed += later
	return int(bed-5400*p.illness(day))/60*60 - secondsPerDay
}
