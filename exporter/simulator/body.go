package simulator

import (
	"math"
	"time"
)

// The positions of section 3.5 that a scale uses.
const (
	rightArm  = 2
	leftArm   = 3
	rightFoot = 4
	leftFoot  = 5
	noSegment = 6
	leftLeg   = 10
	rightLeg  = 11
	torso     = 12
	wholeBody = 7
)

// segments is the order in which a Body Scan sends them.
var segments = [5]int{torso, leftLeg, leftArm, rightLeg, rightArm}

// The share of each limb in the whole, in the order of segments; the torso takes what is left.
var (
	leanShare   = [5]float64{0, 0.171, 0.0593, 0.1738, 0.0608}
	fatShare    = [5]float64{0, 0.1445, 0.0564, 0.1416, 0.0553}
	muscleShare = [5]float64{0, 0.1699, 0.0586, 0.1726, 0.0602}
)

// composition is one weigh-in in hundredths of a kilogram. The parts add up exactly:
// lean + fat = weight, muscle + bone = lean, extra + intra = water, five segments = whole.
type composition struct {
	weight, lean, fat, muscle, bone, water, extra, intra int
	leanIn, fatIn, muscleIn                              [5]int
}

// weightOn is the weight of a day in kilograms, before the noise of the single weigh-in: a drift over years,
// the season, a few weeks of better or worse eating, the week-end, an infection.
func (p *person) weightOn(day int) float64 {
	key := hash(p.key, uint64(topicBody))
	x := float64(day)
	years := p.weight +
		3.2*smooth(key, x/420) +
		0.9*math.Cos(2*math.Pi*seasonAngle(day)) +
		0.8*smooth(key+1, x/40)
	w := p.toldWeight(day, years) +
		0.3*smooth(key+2, x/6) -
		0.9*p.illness(day)
	if d := weekday(day); d == time.Sunday || d == time.Monday {
		w += 0.35
	}
	return w
}

// fatOn is the share of fat on a day.
func (p *person) fatOn(day int) float64 {
	key := hash(p.key, uint64(topicBody), 9)
	return p.toldFat(day, p.fat+0.018*smooth(key, float64(day)/380)+0.006*smooth(key+1, float64(day)/30)-0.006*p.fitness(day))
}

// compose makes the composition of one weigh-in.
func (p *person) compose(day int, d dice) *composition {
	c := &composition{}
	c.weight = round(100 * d.around(p.weightOn(day), 0.22))
	c.fat = round(float64(c.weight) * d.around(p.fatOn(day), 0.003))
	c.lean = c.weight - c.fat
	c.bone = round(0.0501 * float64(c.lean))
	c.muscle = c.lean - c.bone
	c.water = round(float64(c.lean) * d.around(0.7055, 0.004))
	c.extra = round(float64(c.water) * d.around(0.412, 0.003))
	c.intra = c.water - c.extra
	c.leanIn = split(c.lean, leanShare, d)
	c.fatIn = split(c.fat, fatShare, d)
	c.muscleIn = split(c.muscle, muscleShare, d)
	return c
}

// split divides a whole into the five segments so that they add up to it.
func split(whole int, share [5]float64, d dice) [5]int {
	var parts [5]int
	rest := whole
	for i := 1; i < len(parts); i++ {
		parts[i] = round(float64(whole) * share[i] * d.around(1, 0.012))
		rest -= parts[i]
	}
	parts[0] = rest
	return parts
}

// fatRatio is measure type 6 in thousandths of a percent, derived from the rounded masses.
func (c *composition) fatRatio() int {
	return round(100_000 * float64(c.fat) / float64(c.weight))
}

// metabolicRate is measure type 226 in kcal per day, after Katch and McArdle.
func (c *composition) metabolicRate() int { return round(370 + 0.216*float64(c.lean)) }
