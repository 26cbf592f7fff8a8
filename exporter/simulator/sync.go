package simulator

import (
	"slices"
	"sync/atomic"
)

// rhythm is when devices hand their data over, and how long the server takes to process them. Times are in seconds.
type rhythm struct {
	every      int64 // between two synchronisations of watch or phone
	irregular  bool
	processing int64 // at most
}

// nightsTake is how many times as long as anything else a night takes to be processed.
const nightsTake = 5

// recentDays is how many days of a person are kept at hand.
const recentDays = 16

// recent has what is computed of single days again and again. Each place has one day, the latest that was asked for.
type recent struct {
	syncs [recentDays]atomic.Pointer[syncDay]
	plans [recentDays]atomic.Pointer[dayPlan]
	sent  atomic.Pointer[sentUntil]
}

// syncDay is when watch and phone hand their data over on a day.
type syncDay struct {
	day, zones int
	at         []int64 // in order
}

// lastSync is the latest time until now at which watch or phone handed their data over.
func (p *person) lastSync(now int64) int64 {
	if !p.rhythm.irregular {
		phase := int64(p.key % uint64(p.rhythm.every))
		return (now-phase)/p.rhythm.every*p.rhythm.every + phase
	}
	last := int64(0)
	for day := p.dayOf(now) + 1; last == 0; day-- { // the evening of a day can be after its midnight
		for _, at := range slices.Backward(p.syncs(day)) {
			if at <= now {
				last = at
				break
			}
		}
	}
	return last
}

// nextSync is the first time after a moment at which watch or phone hand their data over.
func (p *person) nextSync(after int64) int64 {
	if !p.rhythm.irregular {
		return p.lastSync(after) + p.rhythm.every
	}
	next := int64(0)
	for day := p.dayOf(after) - 1; next == 0; day++ {
		for _, at := range p.syncs(day) {
			if at > after {
				next = at
				break
			}
		}
	}
	return next
}

// readable is when the server has processed what a watch or phone handed over at a moment.
func (p *person) readable(sync int64) int64 { return sync + p.takes(sync) }

// takes is how long the server processes something, which a number names.
func (p *person) takes(what int64) int64 {
	if p.rhythm.processing == 0 {
		return 0
	}
	return int64(hash(p.key, uint64(topicProcessing), uint64(what)) % uint64(p.rhythm.processing+1))
}

// lastRead is the latest synchronisation of which everything can be read.
func (p *person) lastRead(now int64) int64 {
	sync := p.lastSync(now)
	for p.readable(sync) > now {
		sync = p.lastSync(sync - 1)
	}
	return sync
}

// syncs are the irregular synchronisations of a day, in order.
func (p *person) syncs(day int) []int64 {
	zones := len(*p.zones.Load())
	place := &p.recent.syncs[uint(day)%recentDays]
	if known := place.Load(); known != nil && known.day == day && known.zones == zones {
		return known.at
	}
	at := p.rollSyncs(day)
	place.Store(&syncDay{day: day, zones: zones, at: at})
	return at
}

// rollSyncs throws the dice for the synchronisations of a day. Recordings are made with the app open.
func (p *person) rollSyncs(day int) []int64 {
	dice := p.dice(topicRhythm, day)
	wake, bed := p.clockTime(day, p.wakeAt(day)), p.clockTime(day+1, p.bedAt(day+1))
	var list []int64
	for at := wake + int64(dice.between(2*60, 25*60)); at < bed; at += int64(dice.between(90*60, 240*60)) {
		list = append(list, at)
	}
	for range dice.between(2, 4) {
		at := wake + int64(dice.Float64()*float64(bed-wake))
		for range dice.between(3, 6) {
			list = append(list, at)
			at += int64(dice.between(2*60, 5*60))
		}
	}
	if dice.chance(0.2) {
		list = append(list, wake-int64(dice.between(1*3600, 5*3600)))
	}
	if p.watch != nil && day >= p.firstDay {
		_, hearts := p.recordings(day)
		for _, h := range hearts {
			list = append(list, h.Timestamp+40)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
