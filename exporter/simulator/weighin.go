package simulator

import "time"

// bodyScanAlgo is what a Body Scan writes into algo beside every composition value.
const bodyScanAlgo = 184614912

// weighIns are the groups of the scale on a day.
func (p *person) weighIns(day int) []*Group {
	dice := p.dice(topicWeighIn, day)
	habit := 0.86
	if p.Kind == Scale {
		habit = 0.6
	}
	weighs, evening, guest := dice.chance(habit), dice.chance(0.06), dice.chance(0.02)
	if p.holiday(day) {
		return nil
	}
	var groups []*Group
	if weighs {
		at := p.clockTime(day, p.wakeAt(day)+dice.between(6, 25)*60+dice.between(0, 59))
		groups = append(groups, p.weighIn(day, slotWeighIn, at, dice)...)
	}
	if evening {
		at := p.clockTime(day, 20*3600+dice.between(0, 5400))
		groups = append(groups, p.group(day, slotEvening, at, 8, p.scale, measure(1, 10*p.compose(day, dice).weight+800, -3)))
	}
	if guest {
		groups = append(groups, p.guest(day, dice))
	}
	if dice.chance(0.012) { // the scale lost its network and delivers days later
		wait := int64(dice.between(1, 21)) * secondsPerDay
		for i := range groups {
			groups[i].late(wait)
		}
	}
	return groups
}

// weighIn is one morning on the scale.
func (p *person) weighIn(day, slot int, at int64, d dice) []*Group {
	c := p.compose(day, d)
	if p.Kind == Scale {
		return []*Group{p.simpleWeighIn(day, slot, at, c, d)}
	}
	if d.chance(0.08) { // socks: no current flows, only the weight and the pulse are known
		return []*Group{
			p.group(day, slot, at, 0, p.scale, measure(1, 10*c.weight, -3)),
			p.group(day, slot+1, at, 0, p.scale, measure(11, round(p.restingPulse(day)+8), 0)),
		}
	}
	return p.fullWeighIn(day, slot, at, c, d)
}

// simpleWeighIn is a Body+: often the weight alone, otherwise with the simple composition.
func (p *person) simpleWeighIn(day, slot int, at int64, c *composition, d dice) *Group {
	weight := measure(1, 10*c.weight, -3)
	if d.chance(0.55) {
		return p.group(day, slot, at, 0, p.scale, weight)
	}
	g := p.group(day, slot, at, 0, p.scale, weight,
		measure(8, 10*c.fat, -3), measure(76, c.muscle, -2), measure(77, c.water, -2), measure(88, c.bone, -2),
		measure(5, 10*c.lean, -3).typed(), measure(6, c.fatRatio(), -3).typed())
	g.Modified += 4 // the derived values follow the raw ones
	return g
}

// fullWeighIn is a Body Scan: several groups of one second, as section 3.6 has them.
func (p *person) fullWeighIn(day, slot int, at int64, c *composition, d dice) []*Group {
	body := p.group(day, slot, at, 0, p.scale, p.bodyScan(day, c, d)...)
	body.Modified += 6
	pulse := p.group(day, slot+1, at, 0, p.scale,
		measure(11, round(d.around(p.restingPulse(day)+6, 2)), 0), measure(130, p.scanClass(day, d), 0))
	attrib := 8
	if newer := d.chance(0.05); newer || p.scale.ModelID == modelBodyScan2 { // the undocumented value of newer firmware
		attrib = 10009
	}
	wave := p.pulseWave(day) + d.around(0, 0.12)
	vessels := p.group(day, slot+2, at, attrib, p.scale,
		measure(91, round(1000*wave), -3), measure(155, round(10*p.vascularAge(day)), -1)).late(7)
	groups := []*Group{body, pulse, vessels}
	if d.chance(0.3) {
		groups = append(groups, p.group(day, slot+3, at, 10, p.scale,
			measure(91, round(1000*(wave+0.1)), -3).at(leftFoot), measure(91, round(1000*(wave-0.1)), -3).at(rightFoot)).late(7))
	}
	if weekday(day) == time.Sunday || weekday(day) == time.Wednesday {
		groups = append(groups, p.nerves(day, slot+4, at, d)...)
	}
	return groups
}

// bodyScan is the composition group: 28 measures, one of them twice.
func (p *person) bodyScan(day int, c *composition, d dice) []Measure {
	whole := func(kind, value, unit int) Measure {
		return Measure{Type: kind, Value: int64(value), Unit: unit, Position: wholeBody, Algo: bodyScanAlgo}
	}
	extra := whole(168, c.extra, -2)
	if d.chance(0.1) {
		extra = extra.at(noSegment)
	}
	list := make([]Measure, 0, 30)
	list = append(list, measure(1, 10*c.weight, -3), whole(5, c.lean, -2), whole(5, c.lean, -2), whole(8, c.fat, -2))
	if d.chance(0.3) {
		list = append(list, whole(8, c.fat, -2))
	}
	list = append(list, whole(76, c.muscle, -2), whole(77, c.water, -2), whole(88, c.bone, -2),
		extra, whole(169, c.intra, -2), whole(170, round(10*p.visceral(day)), -1))
	for _, limbs := range []struct {
		kind  int
		parts [5]int
	}{{173, c.leanIn}, {174, c.fatIn}, {175, c.muscleIn}} {
		for i, part := range limbs.parts {
			list = append(list, whole(limbs.kind, part, -2).at(segments[i]))
		}
	}
	metabolicAge := p.age(day) + 60*(p.fatOn(day)-p.fat) - 2*p.fitness(day)
	return append(list, whole(226, c.metabolicRate(), 0), whole(227, round(metabolicAge), 0),
		measure(6, c.fatRatio(), -3).typed())
}

// nerves are the guided measurements of the feet, twice a week.
func (p *person) nerves(day, slot int, at int64, d dice) []*Group {
	drift := 4 * smooth(hash(p.key, uint64(topicBody), 20), float64(day)/90)
	left, right := d.around(52+drift, 2), d.around(54+drift, 2)
	score := d.around(78+drift, 1.5)
	guided := 15
	if p.scale.ModelID == modelBodyScan2 {
		guided = 10010
	}
	return []*Group{
		p.group(day, slot, at, guided, p.scale,
			measure(158, round(score-1), 0), measure(159, round(score+1), 0), measure(167, round(score), 0),
			measure(196, round(500*(left+right)), -3).at(noSegment),
			measure(197, round(1000*left), -3).at(leftFoot), measure(198, round(1000*right), -3).at(rightFoot)).late(11),
		p.group(day, slot+1, at, 17, p.scale, measure(229, round(d.around(73+drift, 1)), 0)).late(12),
	}
}

// guest is somebody else on the scale who might be this person.
func (p *person) guest(day int, d dice) *Group {
	weight := round(100*p.weightOn(day)) + d.between(350, 900)
	at := p.clockTime(day, 11*3600+d.between(0, 7*3600))
	return p.group(day, slotGuest, at, 1, p.scale, measure(1, 10*weight, -3))
}

// pulseWave is measure type 91 in m/s.
func (p *person) pulseWave(day int) float64 {
	return 6.9 + 0.03*(p.age(day)-38) + 0.35*smooth(hash(p.key, uint64(topicBody), 21), float64(day)/70)
}

// vascularAge is measure type 155 in years.
func (p *person) vascularAge(day int) float64 {
	return p.age(day) + 6*(p.pulseWave(day)-7)
}

// visceral is measure type 170.
func (p *person) visceral(day int) float64 {
	return 2.4 + 25*(p.fatOn(day)-p.fat) + 0.04*(p.age(day)-38)
}

// scanClass is an ECG class as a Body Scan gives them.
func (p *person) scanClass(day int, d dice) int {
	if d.chance(0.1) && !p.isSinus(day) {
		return 8
	}
	return 0
}
