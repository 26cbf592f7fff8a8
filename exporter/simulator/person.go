package simulator

import (
	"cmp"
	"fmt"
	"sync/atomic"
	"time"
)

// Person is what a test may know about one of the people.
type Person struct {
	ID       int64
	Name     string
	Timezone string // where the person is today
	Kind     Kind
	Height   float64 // metres
	Devices  []Device
	Since    time.Time // when the account was created: the beginning of the history
}

// Kind says what a person measures with.
type Kind int

// The kinds of people, in the order in which they repeat.
const (
	// Full owns a body-composition scale, a watch, blood-pressure monitors, a sleep mat, a thermometer and a U-Scan.
	Full Kind = iota
	// Scale owns a simple scale and carries a phone that counts steps.
	Scale
	// Pressure owns a blood-pressure monitor and types in the rest by hand.
	Pressure
)

// kinds is the number of kinds.
const kinds = 3

// person is a Person with everything needed to compute a life.
type person struct {
	Person
	devices
	traits

	index    int
	key      uint64 // root of all random numbers of this person
	rhythm   rhythm
	story    *story // nil for most
	firstDay int
	recent   recent
	foretold atomic.Pointer[foretold]
	// zones is replaced as a whole when the person moves to another time zone.
	zones atomic.Pointer[[]zoneFrom]
}

// traits are the constants of a body and its habits.
type traits struct {
	born     int     // day
	weight   float64 // kg, around which years of drift happen
	fat      float64 // share of the weight
	pulse    float64 // resting, beats per minute
	systole  float64 // mmHg
	diastole float64 // mmHg
	steps    float64 // on an ordinary day
	stride   float64 // m
	wake     float64 // seconds after midnight
	bed      float64 // seconds after midnight of the day before
}

// newPerson makes the index-th person. The history begins years and months before now, in the person's own calendar.
func newPerson(o Options, index int, now time.Time) *person {
	p := &person{index: index, key: hash(o.Seed, uint64(index)+1), rhythm: o.Switches.rhythm()}
	p.Kind = Kind(index % kinds)
	p.ID = 41_000_000 + int64(index)*1009 + int64(hash(o.Seed)%997)
	p.Name = personName(index)
	zone := mustZone(cmp.Or(o.Home, homes[index%len(homes)]))
	p.Timezone = zone.String()
	p.zones.Store(&[]zoneFrom{{0, zone}})

	dice := newDice(hash(p.key, uint64(topicTraits)))
	p.grow(dice)
	p.equip()
	p.story = newStory(o, p, now)
	p.firstDay = dayNumber(now.In(zone).AddDate(-o.Years, -o.Months, 0).Date())
	p.Since = time.Unix(p.clockTime(p.firstDay, 12*3600), 0).UTC()
	return p
}

// typical are the three people the kinds are built around.
var typical = [kinds]struct {
	age, height float64
	traits
}{
	Full: {38, 1.70, traits{weight: 70.5, fat: 0.272, pulse: 57, systole: 117, diastole: 74,
		steps: 9000, wake: 6.6 * 3600, bed: 22.7 * 3600}},
	Scale: {45, 1.83, traits{weight: 88.4, fat: 0.243, pulse: 66, systole: 127, diastole: 81,
		steps: 6400, wake: 7.0 * 3600, bed: 23.3 * 3600}},
	Pressure: {63, 1.62, traits{weight: 67.8, fat: 0.331, pulse: 71, systole: 139, diastole: 86,
		steps: 4200, wake: 7.3 * 3600, bed: 22.4 * 3600}},
}

// grow gives the person a body near the typical one of the kind.
func (p *person) grow(d dice) {
	t := typical[p.Kind]
	p.traits = t.traits
	p.Height = decimals(d.around(t.height, 0.03), 3)
	p.born = dayNumber(2026, time.July, 1) - int(365.25*d.around(t.age, 2))
	p.weight += d.around(0, 3)
	p.fat += d.around(0, 0.015)
	p.pulse += d.around(0, 2)
	p.systole += d.around(0, 3)
	p.diastole += d.around(0, 2)
	p.steps *= d.around(1, 0.08)
	p.wake += d.around(0, 900)
	p.bed += d.around(0, 900)
	p.stride = 0.415 * p.Height
}

// newScales is the first of two people, after one of each kind, who have the scales of 2026.
const newScales = kinds

// equip hands out the devices of the kind, in the order getdevice lists them.
func (p *person) equip() {
	switch p.Kind {
	case Full:
		if p.index == newScales {
			p.scale = p.own("Scale", "Body Scan 2", modelBodyScan2)
		} else {
			p.scale = p.own("Scale", "Body Scan", modelBodyScan)
		}
		p.watch = p.own("Activity Tracker", "ScanWatch 2", modelScanWatch2)
		p.cuff = p.own("Blood Pressure Monitor", "BPM Connect", modelBPMConnect)
		p.core = p.own("Blood Pressure Monitor", "BPM Core", modelBPMCore)
		p.mat = p.own("Sleep Monitor", "", modelMat)
		p.thermo = p.own("Smart Connected Thermometer", "Thermo", modelThermo)
		p.uscan = p.own("Urine Analyzer", "U-Scan", modelUScan) // how getdevice calls its type is not known
	case Scale:
		if p.index == newScales+1 {
			p.scale = p.own("Scale", "Body Fit", modelBodyFit)
		} else {
			p.scale = p.own("Scale", "Body+", modelBodyPlus)
		}
		p.phone = p.own("Activity Tracker", "Android step tracker", modelPhone)
	case Pressure:
		p.cuff = p.own("Blood Pressure Monitor", "BPM Connect", modelBPMConnect)
	}
}

// age returns the age in years on a day.
func (p *person) age(day int) float64 { return float64(day-p.born) / 365.25 }

// names are given in this order; when they run out they start again with a number.
var names = []string{
	"Anna", "Ben", "Carla", "David", "Emma", "Farid", "Greta", "Hugo", "Ines", "Jonas",
	"Kira", "Luca", "Mira", "Nils", "Olga", "Paul", "Quinn", "Rosa", "Sami", "Tara",
	"Uwe", "Vera", "Wim", "Xenia", "Yusuf", "Zoe",
}

func personName(index int) string {
	name := names[index%len(names)]
	if round := index / len(names); round > 0 {
		return fmt.Sprintf("%s %d", name, round+1)
	}
	return name
}

// homes are the time zones of the people. Lord Howe changes its clocks by half an hour, Kolkata and Kathmandu
// never do and are not on the full hour, the southern half of the earth changes them in the other season.
var homes = []string{
	"Europe/Vienna", "America/New_York", "Australia/Lord_Howe",
	"Asia/Kolkata", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Auckland", "Africa/Nairobi",
}
