package simulator

// The sleep states of section 5.1 that occur here.
const (
	awake = 0
	light = 1
	deep  = 2
	rem   = 3

	outOfBed = 15 // only with SleepRx
)

// segment is an unbroken stretch of one sleep state.
type segment struct {
	start, end int64
	state      int
}

// minutes returns the state of every minute of the night: falling asleep, cycles of light, deep, light and
// REM sleep with less deep and more REM sleep towards the morning, waking up. A night that is cut short by
// an early state of the row is the beginning of the same minutes.
func (n *night) minutes(end int64) []uint8 {
	stage := make([]uint8, (n.end-n.start)/60)
	dice := newDice(n.seed)
	asleep := dice.between(4, 22)
	up := len(stage) - dice.between(1, 6)
	if n.kind == nightNap {
		asleep, up = dice.between(4, 8), len(stage)-2
	}
	for i, pos := 0, asleep; pos < up; i++ {
		for _, part := range n.cycle(i, dice) {
			for range part.minutes {
				if pos < up {
					stage[pos] = part.state
				}
				pos++
			}
		}
	}
	if n.breakAt != 0 {
		from := int(n.breakAt-n.start) / 60
		for i := from; i < min(from+n.breakFor, len(stage)); i++ {
			stage[i] = awake
		}
	}
	return stage[:min(int((end-n.start)/60), len(stage))]
}

// stretch is a part of a sleep cycle.
type stretch struct {
	state   uint8
	minutes int
}

// cycle is the i-th sleep cycle of a night.
func (n *night) cycle(i int, d dice) []stretch {
	if n.kind == nightNap {
		return []stretch{{light, d.between(12, 30)}, {awake, d.between(0, 2)}}
	}
	parts := []stretch{
		{light, d.between(14, 30)},
		{deep, max(0, 34-8*i+d.between(-6, 6))},
		{light, d.between(8, 20)},
		{rem, min(38, 9+6*i+d.between(0, 6))},
	}
	if d.chance(0.3) {
		parts = append(parts, stretch{awake, d.between(1, 6)})
	}
	return parts
}

// segments joins equal minutes.
func (n *night) segments(end int64) []segment {
	var list []segment
	for i, state := range n.minutes(end) {
		at := n.start + int64(i)*60
		if last := len(list) - 1; last >= 0 && list[last].state == int(state) {
			list[last].end = at + 60
			continue
		}
		list = append(list, segment{start: at, end: at + 60, state: int(state)})
	}
	return list
}

// minuteValues is what the devices record in one minute of sleep. 0 in rmssd and sdnn means not measured.
type minuteValues struct {
	hr, rr, snoring, sdnn, rmssd, hrv, movement, chest int
}

// minute returns the values of the i-th minute.
func (n *night) minute(i int, state uint8) minuteValues {
	h := hash(n.seed, uint64(i), 5)
	part := func(shift uint, size uint64) int { return int(h >> shift % size) }
	v := minuteValues{
		hr:       round(n.pulse+[]float64{8, 1, -3, 3}[state]) + part(0, 4) - 1,
		rr:       14 + round(2*n.ill) + n.unlike.breaths + part(4, 4) - 1 - int(state&1),
		movement: part(8, 6),
		chest:    14 + part(12, 3),
	}
	if state == awake {
		v.movement = 40 + part(16, 120)
		return v
	}
	if part(24, 10) >= 3 {
		v.rmssd = round(48-20*n.ill-0.35*(n.pulse-55)+n.unlike.rmssd) + part(28, 15)
		v.sdnn = v.rmssd + 6 + part(32, 9)
		v.hrv = 60 + part(36, 40)
	}
	if state != rem && hash(n.seed, uint64(i/12), 6)%8 == 0 {
		v.snoring = 60
	}
	return v
}
