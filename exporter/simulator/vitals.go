package simulator

import "math"

// pressures are the groups of the blood-pressure monitor on a day.
func (p *person) pressures(day int) []*Group {
	dice := p.dice(topicPressure, day)
	morning, evening := 0.35, 0.25
	if p.Kind == Pressure {
		morning, evening = 0.93, 0.85
	}
	measuresMorning, measuresEvening := dice.chance(morning), dice.chance(evening)
	if p.holiday(day) {
		return nil
	}
	var groups []*Group
	if measuresMorning {
		at := p.clockTime(day, p.wakeAt(day)+dice.between(15, 50)*60+dice.between(0, 59))
		groups = append(groups, p.pressure(day, slotPressure, at, 4, dice))
	}
	if measuresEvening {
		at := p.clockTime(day, 19*3600+dice.between(0, 9000))
		readings := 1
		if dice.chance(0.1) { // three in a row, a minute apart, kept one by one
			readings = 3
		}
		for i := range readings {
			groups = append(groups, p.pressure(day, slotPressure+10+i, at+int64(90*i), 0, dice))
		}
	}
	return groups
}

// pressure is one reading; higher is what the hour of the day adds.
func (p *person) pressure(day, slot int, at int64, higher float64, d dice) *Group {
	key := hash(p.key, uint64(topicPressure), 1)
	if p.story != nil && p.Kind == Pressure && higher > 0 {
		higher = morningRise
	}
	trend := 3*smooth(key, float64(day)/200) + 2.5*math.Cos(2*math.Pi*seasonAngle(day)) + 3*p.mood(day, topicPressure)
	upper, lower := p.toldPressure(day, p.systole+trend, p.diastole+0.6*trend)
	systole := round(d.around(upper+higher, p.toldScatter(4)))
	diastole := round(d.around(lower+higher/2, p.toldScatter(3)))
	pulse := round(d.around(p.restingPulse(day)+7, 3))
	attrib := []int{0, 5, 5, 17}[d.IntN(4)]
	g := p.group(day, slot, at, attrib, p.cuff, measure(9, diastole, 0), measure(10, systole, 0), measure(11, pulse, 0))
	if d.chance(0.04) { // copied from a monitor of another make by hand
		g.Attrib, g.Device, g.Created, g.Modified = 2, nil, at+3600, at+3600
		g.Measures = []Measure{measure(9, 100*diastole, -2).typed(), measure(10, 100*systole, -2).typed(), measure(11, 100*pulse, -2).typed()}
	}
	return g
}

// spots are what the watch measures on request or once in a while.
func (p *person) spots(day int) []*Group {
	dice := p.dice(topicSpot, day)
	at := p.clockTime(day, 17*3600+dice.between(0, 3*3600))
	pulse := round(dice.around(p.restingPulse(day)+10, 4))
	groups := []*Group{p.group(day, slotSpot, at, 0, p.watch, measure(11, pulse, 0))}
	if dice.chance(0.7) {
		spo2 := p.group(day, slotSpot+1, at+120, 0, p.watch, measure(54, round(dice.around(97-2*p.illness(day), 0.7)), 0))
		spo2.Inconclusive = 1
		if dice.chance(0.06) {
			spo2.Inconclusive, spo2.Measures[0].Value = 2, int64(dice.between(82, 90))
		}
		groups = append(groups, spo2)
	}
	if background, told := p.toldBackground(day); told {
		return append(groups, p.group(day, slotSpot+3, at+400, 0, p.watch, measure(139, background, 0)))
	}
	switch (day + int(p.key%7)) % 7 {
	case 1:
		vo2 := 36 + 3*p.fitness(day) + 1.5*smooth(hash(p.key, uint64(topicSpot), 2), float64(day)/60)
		groups = append(groups, p.group(day, slotSpot+2, at+300, 0, p.watch, measure(123, round(vo2), 0)))
	case 4:
		groups = append(groups, p.group(day, slotSpot+3, at+400, 0, p.watch, measure(139, 0, 0)))
	}
	return groups
}

// temperatures are the readings of the thermometer: during an infection several times a day, otherwise on
// the first of a month, to see whether it still works.
func (p *person) temperatures(day int) []*Group {
	dice := p.dice(topicThermo, day)
	ill := p.illness(day)
	_, _, d := civil(day)
	var hours []int
	switch {
	case ill > 0.25:
		hours = []int{8, 13, 20}
	case d == 1 || p.isRecovered(day):
		hours = []int{8}
	}
	var groups []*Group
	for i, hour := range hours {
		fever := 36.5 + 2.9*ill + 0.03*float64(hour-8)
		body := dice.around(fever, 0.1)
		at := p.clockTime(day, hour*3600+dice.between(0, 3000))
		groups = append(groups, p.group(day, slotThermo+i, at, 0, p.thermo,
			measure(71, round(1000*body), -3), measure(73, round(1000*(body-2.6+dice.around(0, 0.1))), -3),
			measure(12, round(100*body), -2)))
	}
	return groups
}
