package simulator

import (
	"math"
	"math/rand/v2"
)

// mix is the finalizer of splitmix64: every input bit changes about half of the output bits.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// hash folds numbers into one; the order of the numbers matters. Like round and chance it is called in so many places
// that a copy in each of them would cost more than the calls.
//
//go:noinline
func hash(parts ...uint64) uint64 {
	h := uint64(0x9e3779b97f4a7c15)
	for _, part := range parts {
		h = mix(h + mix(part+0x632be59bd9b4e019))
	}
	return h
}

// unit maps a hash to [0, 1).
func unit(h uint64) float64 { return float64(h>>11) / (1 << 53) }

// smooth is value noise: it wanders between -1 and 1, is the same for the same key, and needs about one
// unit of x to forget where it was. Trends of years and moods of a week are this with different scales.
func smooth(key uint64, x float64) float64 {
	cell := math.Floor(x)
	f := x - cell
	f = f * f * (3 - 2*f)
	a := unit(hash(key, uint64(int64(cell))))
	b := unit(hash(key, uint64(int64(cell)+1)))
	return 2*(a+(b-a)*f) - 1
}

// topic separates the streams of random numbers, so that a change to one part of a person's life leaves
// the others as they were.
type topic uint64

const (
	topicTraits topic = iota + 1
	topicBody
	topicWeighIn
	topicManual
	topicPressure
	topicSpot
	topicThermo
	topicECG
	topicSteps
	topicSlots
	topicSync
	topicWake
	topicBed
	topicNight
	topicNap
	topicTraining
	topicHoliday
	topicIllness
	topicIntraday
	topicDevice
	topicGoals
	topicUrine
	topicNotice
	topicRhythm
	topicProcessing
)

// dice is a stream of random numbers with the few shapes the people need.
type dice struct{ *rand.Rand }

func newDice(seed uint64) dice {
	return dice{rand.New(rand.NewPCG(seed, mix(seed)))}
}

// dice returns the random numbers of one part of a person's day.
func (p *person) dice(t topic, day int) dice {
	return newDice(hash(p.key, uint64(t), uint64(day)))
}

// between returns an integer from lo to hi, both possible.
func (d dice) between(lo, hi int) int { return lo + d.IntN(hi-lo+1) }

// around returns a number near mean, never further away than three standard deviations.
func (d dice) around(mean, deviation float64) float64 {
	n := d.NormFloat64()
	return mean + deviation*math.Max(-3, math.Min(3, n))
}

// chance is true with the given probability.
//
//go:noinline
func (d dice) chance(p float64) bool { return d.Float64() < p }

// round returns x as the nearest integer.
//
//go:noinline
func round(x float64) int { return int(math.Round(x)) }

// decimals rounds x to n places after the point, so that the JSON text stays short.
func decimals(x float64, n int) float64 {
	shift := math.Pow10(n)
	return math.Round(x*shift) / shift
}
