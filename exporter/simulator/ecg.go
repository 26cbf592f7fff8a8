package simulator

// recordings are the ECGs of a day: the groups for getmeas and the rows of the heart list.
func (p *person) recordings(day int) ([]*Group, []*Heart) {
	dice := p.dice(topicECG, day)
	var groups []*Group
	var hearts []*Heart
	if phase := (day + int(p.key%7)) % 7; phase == 2 || phase == 5 {
		g, h := p.watchECG(day, dice)
		groups, hearts = append(groups, g...), append(hearts, h)
	}
	if _, _, d := civil(day); d == 15 && !p.holiday(day) {
		g, h := p.coreSession(day, dice)
		groups, hearts = append(groups, g), append(hearts, h)
	}
	return groups, hearts
}

// watchECG is thirty seconds with a finger on the watch; some fail, and then the row has no result.
func (p *person) watchECG(day int, d dice) ([]*Group, *Heart) {
	at := p.clockTime(day, 18*3600+d.between(0, 2*3600))
	h := &Heart{Device: p.watch, Timestamp: at, Modified: at + 191, Timezone: p.zone(day).String(), samplingHz: 300, duration: 30}
	if d.chance(0.08) {
		return nil, h
	}
	h.SignalID, h.Rate = p.signal(day, 0), round(d.around(p.restingPulse(day)+7, 3))
	class := 9 // negative, normal heart rate
	switch draw := d.IntN(20); {
	case draw == 0:
		class, h.AFib = 2, 2
	case draw < 3:
		class = 0
	}
	rate := 60 / float64(h.Rate) // seconds between two beats
	qt := d.around(330+90*rate, 6)
	g := p.group(day, slotECG, at, 0, p.watch, measure(130, class, 0),
		measure(135, round(d.around(92, 4)), 0), measure(136, round(d.around(154, 6)), 0),
		measure(137, round(qt), 0), measure(138, round(qt+154*(1-rate)), 0), measure(11, h.Rate, 0))
	g.Created, g.Modified = h.Modified, h.Modified
	return []*Group{g}, h
}

// coreSession is the old BPM Core once a month: pressure, ECG and the sound of the heart.
func (p *person) coreSession(day int, d dice) (*Group, *Heart) {
	at := p.clockTime(day, 10*3600+d.between(0, 3600))
	g := p.pressure(day, slotECG+5, at, 2, d)
	g.Attrib, g.Device, g.Created, g.Modified = 0, p.core, at+190, at+190
	h := &Heart{
		SignalID: p.signal(day, 1), StethoID: p.signal(day, 2),
		Device: p.core, Timestamp: at, Modified: at + 190, Timezone: p.zone(day).String(), samplingHz: 500, duration: 20,
	}
	for _, m := range g.Measures {
		switch value := round(m.Real()); m.Type {
		case 9:
			h.Diastole = value
		case 10:
			h.Systole = value
		case 11:
			h.Rate = value
		}
	}
	return g, h
}
