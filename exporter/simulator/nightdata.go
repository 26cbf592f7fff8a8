package simulator

import (
	"math"
	"strconv"
	"strings"
)

// nightSums are the sums over the minutes of a night.
type nightSums struct {
	minutes, asleep                    int
	stage                              [4]int // minutes per state
	latency, wakeup                    int    // minutes awake before the first and after the last sleep
	wakeups, rems                      int
	hr, rr, chest, movement            spread
	rmssdStart, rmssdEnd, rmssd, sdnn  spread
	hrv                                spread
	snoring, snoringEpisodes, activity int
}

// spread is a running minimum, maximum and mean.
type spread struct{ n, sum, min, max int }

func (s *spread) add(x int) {
	if s.n == 0 || x < s.min {
		s.min = x
	}
	s.max = max(s.max, x)
	s.n++
	s.sum += x
}

// mean returns the rounded mean, 0 when nothing was added.
func (s *spread) mean() int {
	if s.n == 0 {
		return 0
	}
	return round(float64(s.sum) / float64(s.n))
}

// sums walks through the minutes of a night up to its present end.
func (n *night) sums(end int64) *nightSums {
	stages := n.minutes(end)
	s := &nightSums{minutes: len(stages), latency: len(stages)}
	last := -1
	snored := false
	for i, state := range stages {
		s.stage[state]++
		v := n.minute(i, state)
		s.hr.add(v.hr)
		s.rr.add(v.rr)
		s.chest.add(v.chest)
		s.movement.add(v.movement)
		if v.movement > 60 {
			s.activity += 60
		}
		s.snoring += v.snoring
		if v.snoring > 0 && !snored {
			s.snoringEpisodes++
		}
		snored = v.snoring > 0
		if v.rmssd > 0 {
			s.addVariability(v, i, len(stages))
		}
		if state == rem && (i == 0 || stages[i-1] != rem) {
			s.rems++
		}
		if state != awake {
			if last < 0 {
				s.latency = i
			} else if i > last+1 {
				s.wakeups++
			}
			last = i
		}
	}
	s.asleep = s.stage[light] + s.stage[deep] + s.stage[rem]
	s.wakeup = len(stages) - 1 - last
	return s
}

func (s *nightSums) addVariability(v minuteValues, i, minutes int) {
	s.rmssd.add(v.rmssd)
	s.sdnn.add(v.sdnn)
	s.hrv.add(v.hrv)
	switch {
	case i < minutes/3:
		s.rmssdStart.add(v.rmssd)
	case i >= 2*minutes/3:
		s.rmssdEnd.add(v.rmssd)
	}
}

// data returns every summary field the source of the row can give, in the order of section 5.2.
func (n *night) data(state nightState) Fields {
	if n.kind == nightExternal {
		return Fields{
			{"asleepduration", int(n.end-n.start) - 1800}, {"total_timeinbed", int(n.end - n.start)},
			{"lightsleepduration", nil}, {"deepsleepduration", nil}, {"remsleepduration", nil},
		}
	}
	s := n.sums(state.end)
	inBed := s.minutes * 60
	outOfBed := 0
	if n.breakAt != 0 && n.breakAt < state.end {
		outOfBed = 1
	}
	f := make(Fields, 0, 50).and(Fields{
		{"total_timeinbed", inBed},
		{"total_sleep_time", s.asleep * 60},
		{"sleep_efficiency", decimals(float64(s.asleep)/float64(max(1, s.minutes)), 2)},
		{"sleep_latency", s.latency * 60},
		{"wakeup_latency", s.wakeup * 60},
		{"durationtosleep", s.latency * 60},
		{"durationtowakeup", s.wakeup * 60},
		{"waso", (s.stage[awake] - s.latency - s.wakeup) * 60},
		{"nb_rem_episodes", s.rems},
		{"out_of_bed_count", outOfBed},
		{"wakeupduration", s.stage[awake] * 60},
		{"wakeupcount", max(0, s.wakeups-outOfBed)},
		{"lightsleepduration", s.stage[light] * 60},
		{"deepsleepduration", s.stage[deep] * 60},
		{"remsleepduration", s.stage[rem] * 60},
		{"hr_average", s.hr.mean()}, {"hr_min", s.hr.min}, {"hr_max", s.hr.max},
		{"sleep_score", s.score()},
		{"night_events", n.events(s, state)},
		{"rmssd_start_avg", s.rmssdStart.mean()}, {"rmssd_end_avg", s.rmssdEnd.mean()},
	}).and(n.warmth())
	if n.kind == nightMat {
		f = f.and(n.breathing(s, state))
	}
	return f.and(n.extras(s))
}

// warmth is the core temperature of the wrist over the night.
func (n *night) warmth() Fields {
	mean := 36.4 + 1.9*n.ill + 0.1*smooth(n.seed, 0.5) + n.unlike.warmth
	status := "usual"
	if n.ill > 0.3 {
		status = "elevated"
	}
	return Fields{
		{"core_body_temperature_min", decimals(mean-0.3, 1)},
		{"core_body_temperature_max", decimals(mean+0.4, 1)},
		{"core_body_temperature_avg", decimals(mean, 1)},
		{"core_body_temperature_status", status},
	}
}

// breathing is what only the mat hears. The indices are -1 until the analysis has run.
func (n *night) breathing(s *nightSums, state nightState) Fields {
	intensity, quality, apnea, index := -1, -1, -1.0, -1.0
	if state.processed {
		h := hash(n.seed, 8)
		intensity = 6 + int(h%14)
		quality = intensity
		apnea = decimals(1.5+float64(h>>8%50)/10, 1)
		index = decimals(apnea+0.4, 1)
	}
	return Fields{
		{"rr_average", s.rr.mean()}, {"rr_min", s.rr.min}, {"rr_max", s.rr.max},
		{"breathing_disturbances_intensity", intensity},
		{"breathing_quality_assessment", quality},
		{"apnea_hypopnea_index", apnea},
		{"withings_index", index},
		{"snoring", s.snoring}, {"snoringepisodecount", s.snoringEpisodes},
		{"breathing_sounds", s.snoring}, {"breathing_sounds_episode_count", s.snoringEpisodes},
		{"mvt_score_avg", s.movement.mean()}, {"mvt_active_duration", s.activity},
		{"chest_movement_rate_average", s.chest.mean()}, {"chest_movement_rate_min", s.chest.min}, {"chest_movement_rate_max", s.chest.max},
		{"chest_movement_rate_wellness_average", s.rr.mean()}, {"chest_movement_rate_wellness_min", s.rr.min}, {"chest_movement_rate_wellness_max", s.rr.max},
	}
}

// sleepExtras are the fields that clients ask for and the documentation does not have.
var sleepExtras = []string{"skin_temperature", "rmssd", "sdnn_1", "hrv_quality"}

func (n *night) extras(s *nightSums) Fields {
	return Fields{
		{"skin_temperature", decimals(33.8+1.5*n.ill+0.2*smooth(n.seed, 1.5), 1)},
		{"rmssd", s.rmssd.mean()}, {"sdnn_1", s.sdnn.mean()}, {"hrv_quality", s.hrv.mean()},
	}
}

// score is 0 to 100: length, the share of deep and REM sleep, and how often the night was broken.
func (s *nightSums) score() int {
	if s.asleep == 0 {
		return 0
	}
	length := math.Min(1, float64(s.asleep)/450)
	depth := math.Min(1, float64(s.stage[deep]+s.stage[rem])/(0.45*float64(s.asleep)))
	calm := math.Max(0, 1-float64(s.stage[awake])/120)
	return max(20, min(99, round(100*(0.5*length+0.28*depth+0.22*calm))))
}

// events is night_events: a JSON text inside a string, with seconds from the start of the row.
func (n *night) events(s *nightSums, state nightState) string {
	end := s.minutes * 60
	inBed, asleep := []int{0}, []int{s.latency * 60}
	woke, left := []int{end - s.wakeup*60}, []int{end}
	if n.breakAt != 0 && n.breakAt < state.end {
		at := int(n.breakAt - n.start)
		back := at + n.breakFor*60
		inBed, asleep = append(inBed, back-180), append(asleep, back)
		woke, left = append([]int{at}, woke...), append([]int{at + 120}, left...)
	}
	return `{"1":` + numbers(inBed) + `,"2":` + numbers(asleep) + `,"3":` + numbers(woke) + `,"4":` + numbers(left) + `}`
}

func numbers(list []int) string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = strconv.Itoa(n)
	}
	return "[" + strings.Join(texts, ",") + "]"
}
