package simulator

import (
	"math"
	"time"
)

// slotSeconds is the grain of a day's movement: ten minutes.
const slotSeconds = 600

// slot is ten minutes of a day.
type slot struct {
	start    int64
	steps    int
	pulse    int // 0 without a watch
	zone     int // heart-rate zone
	training *Workout
}

// stepsOn is how many steps a whole day has.
func (p *person) stepsOn(day int) int {
	dice := p.dice(topicSteps, day)
	factor := math.Exp(dice.around(0, 0.28)) * (1 + 0.12*p.fitness(day)) * (1 - 0.8*p.illness(day))
	switch weekday(day) {
	case time.Saturday:
		factor *= 1.15
	case time.Sunday:
		factor *= 0.8
	}
	if p.holiday(day) {
		factor *= 1.35
	}
	return p.toldSteps(day, round(p.steps*factor))
}

// slots computes a day in ten-minute steps. A day of 23 hours has 138 of them, one of 25 hours 150.
func (p *person) slots(day int, trainings []*Workout) []slot {
	from, to := p.midnight(day), p.midnight(day+1)
	list := make([]slot, (to-from)/slotSeconds)
	wake, bed := p.clockTime(day, p.wakeAt(day)), p.clockTime(day+1, p.bedAt(day+1))
	weights := make([]float64, len(list))
	var sum float64
	for i := range list {
		s := &list[i]
		s.start = from + int64(i)*slotSeconds
		h := hash(p.key, uint64(topicSlots), uint64(s.start))
		if s.start >= wake && s.start < bed {
			weights[i] = busy(float64(s.start-wake)/float64(bed-wake)) * math.Pow(unit(h), 2.5)
		}
		for _, w := range trainings {
			if w.Start < s.start+slotSeconds && w.End > s.start {
				s.training = w
				weights[i] += stepRate(w)
			}
		}
		sum += weights[i]
	}
	p.spreadSteps(list, weights, sum, p.stepsOn(day))
	if p.watch != nil {
		p.spreadPulse(list, day, wake, bed)
	}
	return list
}

// busy is how much a waking day moves, by the share of it that is over: the way to work, lunch, the way home.
func busy(x float64) float64 {
	bump := func(at, width float64) float64 { return math.Exp(-math.Pow((x-at)/width, 2)) }
	return 0.15 + bump(0.08, 0.06) + 0.7*bump(0.36, 0.06) + 1.1*bump(0.68, 0.08)
}

// stepRate is the weight of a slot within a workout, beside the weights of an ordinary day.
func stepRate(w *Workout) float64 {
	steps, _ := w.Data.Number("steps")
	return 6 * steps / float64(w.End-w.Start) * slotSeconds / 1600
}

// spreadSteps hands out the steps so that they add up to the total exactly.
func (p *person) spreadSteps(list []slot, weights []float64, sum float64, total int) {
	if sum == 0 {
		return
	}
	var before float64
	given := 0
	for i := range list {
		before += weights[i]
		until := int(float64(total) * before / sum)
		list[i].steps = until - given
		given = until
	}
}

// spreadPulse gives every slot its heart rate and zone.
func (p *person) spreadPulse(list []slot, day int, wake, bed int64) {
	resting := p.restingPulse(day)
	top := 220 - p.age(day)
	for i := range list {
		s := &list[i]
		h := hash(p.key, uint64(topicIntraday), uint64(s.start))
		rate := resting - 2
		if s.start >= wake && s.start < bed {
			rate = resting + 9 + math.Min(55, 0.07*float64(s.steps))
		}
		if s.training != nil {
			if mean, ok := s.training.Data.Number("hr_average"); ok {
				rate = mean
			}
		}
		s.pulse = round(rate) + int(h%7) - 3
		switch share := float64(s.pulse) / top; {
		case share > 0.9:
			s.zone = 3
		case share > 0.7:
			s.zone = 2
		case share > 0.5:
			s.zone = 1
		}
	}
}
