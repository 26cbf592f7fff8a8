package simulator

// recordings are the ECGs of a day: the groups for getmeas and the rows of the heart list.
func (p *person) recordings(day int) ([]*Group, []*Heart) {
	dice := p.dice(topicECG, day)
	var groups []*Group
	var hearts []*Heart
	if told := p.toldECGs(day); told != nil {
		for i, e := range told {
			g, h := p.ecg(day, i, e, dice)
			groups, hearts = append(groups, g), append(hearts, h)
		}
	} else if phase := (day + int(p.key%7)) % 7; phase == 2 || phase == 5 {
		g, h := p.watchECG(day, dice)
		groups, hearts = append(groups, g...), append(hearts, h)
	}
	if _, _, d := civil(day); d == 15 && !p.holiday(day) {
		g, h := p.coreSession(day, dice)
		groups, hearts = append(groups, g), append(hearts, h)
	}
	return groups, hearts
}

// ecg is one recording of the watch.
type ecg struct {
	at          int64
	rate        int
	class, afib int // in getmeas and in the heart list
}

// watchECG is thirty seconds with a finger on the watch; some fail, and then the row has no result.
func (p *person) watchECG(day int, d dice) ([]*Group, *Heart) {
	at := p.clockTime(day, 18*3600+d.between(0, 2*3600))
	if d.chance(0.08) && !p.isSinus(day) {
		return nil, p.heldWatch(day, at)
	}
	e := ecg{at: at, rate: round(d.around(p.restingPulse(day)+7, 3)), class: normalRate}
	switch draw := d.IntN(20); {
	case p.isSinus(day):
	case draw == 0:
		e.class, e.afib = 2, 2
	case draw < 3:
		e.class = 0
	}
	g, h := p.ecg(day, 0, e, d)
	return []*Group{g}, h
}

// heldWatch is the row of a recording without a result.
func (p *person) heldWatch(day int, at int64) *Heart {
	return &Heart{Device: p.watch, Timestamp: at, Modified: at + 191, Timezone: p.zone(day).String(), samplingHz: 300, duration: 30}
}

// ecg makes the group and the row of the i-th recording of a day.
func (p *person) ecg(day, i int, e ecg, d dice) (*Group, *Heart) {
	h := p.heldWatch(day, e.at)
	h.SignalID, h.Rate, h.AFib = p.signal(day, watchSignals[i]), e.rate, e.afib
	beat := 60 / float64(h.Rate) // seconds between two beats
	qt := d.around(330+90*beat, 6)
	g := p.group(day, slotECG+i, e.at, 0, p.watch, measure(130, e.class, 0),
		measure(135, round(d.around(92, 4)), 0), measure(136, round(d.around(154, 6)), 0),
		measure(137, round(qt), 0), measure(138, round(qt+154*(1-beat)), 0), measure(11, h.Rate, 0))
	g.Created, g.Modified = h.Modified, h.Modified
	return g, h
}

// watchSignals number the recordings of the watch; those between belong to the BPM Core.
var watchSignals = [2]int{0, 3}

// The classes of an ECG that the watch gives for certain.
const (
	normalRate       = 9  // sinus rhythm
	fibrillationFast = 12 // atrial fibrillation with a high heart rate
)

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
