package simulator

import (
	"slices"
	"time"
)

// The workout categories of section 4.4 that occur here.
const (
	walking    = 1
	running    = 2
	hiking     = 3
	cycling    = 6
	swimming   = 7
	yoga       = 28
	multiSport = 272
	hiit       = 550
	breathing  = 560
)

// trainings are the workouts of a day.
func (p *person) trainings(day int) []*Workout {
	dice := p.dice(topicTraining, day)
	if p.illness(day) > 0.1 || p.inDrawer(day) {
		return nil
	}
	switch {
	case p.watch != nil:
		return p.watchTrainings(day, dice)
	case p.phone != nil && dice.chance(0.06):
		return []*Workout{p.importedTraining(day, dice)}
	}
	return nil
}

// watchTrainings follow the week: run on Monday, yoga or intervals on Tuesday, the pool on Wednesday, the
// bicycle on Saturday, a hike on Sunday, and now and then a walk the watch noticed by itself.
func (p *person) watchTrainings(day int, d dice) []*Workout {
	var list []*Workout
	add := func(likely float64, category, hour, minutes int) {
		if d.chance(likely) {
			start := p.clockTime(day, hour*3600+d.between(0, 3000))
			w := p.training(day, len(list), category, start, minutes+d.between(-8, 8), d)
			if p.isPresent(day) && slices.ContainsFunc(list, w.overlaps) {
				return
			}
			list = append(list, w)
		}
	}
	walk, noon := 0.18, 12
	likely := func(x float64) float64 { return x }
	if p.hasTwo(day) {
		walk, noon = 1, 14
		likely = func(float64) float64 { return 1 }
	}
	switch weekday(day) {
	case time.Monday:
		add(0.6, running, 18, 42)
	case time.Tuesday:
		add(0.3, yoga, 19, 50)
		add(0.2, hiit, 17, 25)
	case time.Wednesday:
		add(likely(0.5), swimming, 17, 45)
	case time.Saturday:
		add(likely(0.6), cycling, 10, 95)
		add(0.02, multiSport, 15, 60)
	case time.Sunday:
		if p.isRecord(day) {
			add(1, hiking, 9, 345)
			return list
		}
		add(0.45, hiking, 11, 140)
	}
	add(walk, walking, noon, 30)
	add(0.012, breathing, 21, 10)
	return list
}

// overlaps reports whether two workouts share a moment.
func (w *Workout) overlaps(other *Workout) bool { return w.Start < other.End && other.Start < w.End }

// effort is what an hour of a category means: heart rate above rest, kcal, metres, metres climbed and steps.
type effort struct{ beats, kcal, metres, climb, steps float64 }

var efforts = map[int]effort{
	walking:  {35, 240, 4900, 30, 6600},
	running:  {85, 640, 9800, 60, 9900},
	hiking:   {50, 380, 4100, 240, 6000},
	cycling:  {65, 480, 21500, 170, 0},
	swimming: {70, 520, 0, 0, 0},
	yoga:     {22, 170, 0, 0, 0},
	hiit:     {80, 620, 0, 0, 900},
}

// training is one session with the watch. It arrives a few minutes after its end.
func (p *person) training(day, slot, category int, start int64, minutes int, d dice) *Workout {
	minutes = max(minutes, 5)
	end := start + int64(minutes)*60
	w := &Workout{
		ID: p.id(day, slot), Category: category, ModelID: p.watch.ModelID, Attrib: 7 * d.IntN(2),
		Start: start, End: end, Created: end + 420, Modified: end + 661,
		Date: ymd(day), Timezone: p.zone(day).String(), Device: p.watch, Data: Fields{},
	}
	e, known := efforts[category]
	if !known { // multi-sport and breathing carry no values
		return w
	}
	hours := float64(minutes) / 60
	pulse := p.restingPulse(day)
	mean := d.around(pulse+e.beats, 4)
	w.Data = make(Fields, 0, 22).and(Fields{
		{"calories", round(e.kcal * hours * p.weightOn(day) / 70)},
		{"intensity", 30 + 5*d.IntN(8)},
		{"manual_intensity", nil}, {"manual_distance", 0}, {"manual_calories", 0},
		{"hr_average", round(mean)}, {"hr_min", round(pulse + 18)}, {"hr_max", round(mean + 28)},
	})
	zones := zoneTimes(minutes*60, e.beats/85)
	for i, name := range zoneNames {
		w.Data.add(name, zones[i])
	}
	w.Data.add("pause_duration", 60*d.IntN(4))
	w.Data = w.Data.and(p.bodyOf(category, e, hours, d))
	mode := "usual"
	if e.beats > 60 {
		mode = "elevated"
	}
	warm := 36.6 + e.beats/90
	return w.warm(warm, mode)
}

// warm adds the core temperature of 2026 watches.
func (w *Workout) warm(mean float64, status string) *Workout {
	w.Data = w.Data.and(Fields{
		{"core_body_temperature_avg", decimals(mean, 1)},
		{"core_body_temperature_min", decimals(mean-0.4, 1)},
		{"core_body_temperature_max", decimals(mean+0.5, 1)},
		{"core_body_temperature_status", status},
	})
	return w
}

// bodyOf are the fields that depend on the kind of movement: lengths in the pool, or steps and metres.
func (p *person) bodyOf(category int, e effort, hours float64, d dice) Fields {
	if category == swimming {
		laps := round(56 * hours)
		return Fields{
			{"algo_pause_duration", 30 * d.IntN(6)}, {"spo2_average", nil},
			{"pool_laps", laps}, {"strokes", laps * 19}, {"pool_length", 25},
		}
	}
	return Fields{
		{"algo_pause_duration", nil}, {"spo2_average", 96},
		{"steps", round(e.steps * hours)}, {"distance", round(e.metres * hours)}, {"elevation", round(e.climb * hours)},
	}
}

// zoneNames are the heart-rate zones: light, moderate, intense, maximal.
var zoneNames = [4]string{"hr_zone_0", "hr_zone_1", "hr_zone_2", "hr_zone_3"}

// zoneTimes divides seconds over the four zones; hard is 0 for rest and 1 for a race.
func zoneTimes(seconds int, hard float64) [4]int {
	top := round(float64(seconds) * 0.05 * hard)
	intense := round(float64(seconds) * 0.4 * hard)
	moderate := round(float64(seconds) * 0.35)
	return [4]int{seconds - top - intense - moderate, moderate, intense, top}
}

// importedTraining comes from an app on the phone: no device, and nothing but a single null.
func (p *person) importedTraining(day int, d dice) *Workout {
	start := p.clockTime(day, 18*3600+d.between(0, 5400))
	end := start + int64(d.between(20, 60))*60
	return &Workout{
		ID: p.id(day, 0), Category: hiit, ModelID: modelConnect,
		Start: start, End: end, Created: end + 600, Modified: end + 600,
		Date: ymd(day), Timezone: p.zone(day).String(), Data: Fields{{"algo_pause_duration", nil}},
	}
}
