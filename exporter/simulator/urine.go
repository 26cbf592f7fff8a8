package simulator

import (
	"math"
	"time"
)

// usual is what is found in urine that is neither thin nor thick.
const (
	usualDensity    = 18  // thousandths above water
	usualCalcium    = 3.1 // mmol/L
	usualCreatinine = 9.8 // mmol/L
)

// urines are the readings of the U-Scan, on two mornings a week. What is dissolved grows with the density, so that
// calcium and creatinine keep their ratio. Ketones appear when little is eaten; nitrites and vitamin C are often 0.
func (p *person) urines(day int) []*Group {
	dice := p.dice(topicUrine, day)
	measured := dice.chance(0.92)
	if d := weekday(day); d != time.Tuesday && d != time.Friday || !measured || p.holiday(day) {
		return nil
	}
	at := p.clockTime(day, p.wakeAt(day)+dice.between(2, 9)*60+dice.between(0, 59))
	key := hash(p.key, uint64(topicUrine))
	density := max(4, round(dice.around(usualDensity+2*smooth(key, float64(day)/30)+5*p.illness(day), 2.5)))
	thick := float64(density) / usualDensity
	calcium := round(10 * thick * usualCalcium * dice.around(1+0.2*smooth(key+1, float64(day)/45), 0.08))
	creatinine := round(10 * thick * usualCreatinine * dice.around(1, 0.05))
	ph := dice.around(6.2+0.3*smooth(key+2, float64(day)/20), 0.2)
	nitrites, ketones, vitamin := 0, 0, 0
	if dice.chance(0.03) {
		nitrites = dice.between(9, 28)
	}
	if hungry := 0.15 + 0.8*p.illness(day); dice.chance(hungry) {
		ketones = 5 * dice.between(1, 1+round(3*hungry))
	}
	if dice.chance(0.6) {
		vitamin = 2 * dice.between(1, 12)
	}
	return []*Group{p.group(day, slotUrine, at, 0, p.uscan,
		measure(147, round(10*ph), -1), measure(148, 1000+density, -3), measure(151, nitrites, 0),
		tenths(204, ketones), tenths(205, vitamin), measure(248, calcium, -1), measure(249, creatinine, -1),
		measure(251, int(math.Round(100*float64(calcium)/float64(creatinine))), -2)).late(150)}
}

// tenths is a value with one place after the point; nothing has none.
func tenths(kind, value int) Measure {
	if value == 0 {
		return measure(kind, 0, 0)
	}
	return measure(kind, value, -1)
}
