package simulator

import (
	"context"
	"sort"
	"strconv"
)

// intradayFields are the data fields of getintradayactivity; duration always comes with them.
var intradayFields = []string{
	"steps", "stroke", "pool_lap", "elevation", "calories", "distance", "heart_rate", "spo2_auto",
	"rmssd", "sdnn1", "hrv_quality", "core_body_temperature", "rr", "chest_movement_rate",
}

// sample is one moment of an intraday series.
type sample struct {
	at   int64
	data Fields
}

// getIntraday answers getintradayactivity: at most the first 24 hours of the range; without a range the last
// 24 hours.
func (c *Cloud) getIntraday(_ context.Context, q *call) (any, *refusal) {
	w, refused := c.epochWindow(q, false)
	if refused != nil {
		return nil, refused
	}
	if !q.form.Has("startdate") {
		w.from = min(w.to, q.unix) - secondsPerDay
	}
	w.to = min(w.to, w.from+secondsPerDay)
	samples := c.samples(q.person, q.unix, w)
	if len(samples) == 0 && c.switches.EmptySeriesAsArray {
		return Fields{{"series", []any{}}}, nil
	}
	wanted := q.dataFields(intradayFields)
	series := Fields{}
	for _, s := range samples {
		data := s.data.only(wanted)
		if len(data) == 0 {
			continue
		}
		duration, _ := s.data.Get("duration")
		device := q.person.tracker()
		data = data.and(Fields{{"model", device.Model}, {"model_id", device.ModelID}})
		deviceID := device.id()
		if device == q.person.phone {
			deviceID = nil
		}
		data = append(data.with("duration", duration), Field{"deviceid", deviceID})
		series.add(strconv.FormatInt(s.at, 10), data)
	}
	return Fields{{"series", series}}, nil
}

// samples returns what the server knows of a window, in order of time.
func (c *Cloud) samples(p *person, now int64, w window) []sample {
	var list []sample
	ch := c.ledger.view(p.ID)
	for day := p.dayOf(max(0, w.from)); day <= p.dayOf(min(w.to, now)); day++ {
		state, ok := ch.activityState(p, day, now)
		if !ok || state.untracked {
			continue
		}
		for _, s := range p.slots(day, c.trainingsOf(p, day)) {
			if s.start+slotSeconds > state.known {
				break
			}
			for _, one := range append(p.moving(day, s), p.sensed(day, s)...) {
				if one.at >= w.from && one.at < w.to {
					list = append(list, one)
				}
			}
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].at < list[j].at })
	return list
}

// moving spreads the steps of a slot over whole minutes; they add up to those of the daily row.
func (p *person) moving(day int, s slot) []sample {
	var list []sample
	if t := s.training; t != nil && t.Category == swimming {
		laps, _ := t.Data.Number("pool_laps")
		lap := max(1, round(laps*s.inTraining()))
		list = append(list, sample{s.start + 55, Fields{{"stroke", lap * 19}, {"pool_lap", lap}, {"duration", slotSeconds}}})
	}
	if s.steps == 0 {
		return list
	}
	minutes := min(10, 1+s.steps/90)
	given := 0
	for i := range minutes {
		until := s.steps * (i + 1) / minutes
		steps := until - given
		given = until
		share := float64(steps) / float64(s.steps)
		list = append(list, sample{s.start + int64(i)*60, Fields{
			{"steps", steps}, {"elevation", round(p.climb(s) * share)},
			{"calories", decimals(p.burnt(day, s)*share, 2)}, {"distance", decimals(p.metres(s)*share, 2)},
			{"duration", 60},
		}})
	}
	return list
}

// sensed is what the sensors of a watch saw in a slot: the pulse every time, the rest now and then. The
// seconds are chosen so that no two samples of a day share one.
func (p *person) sensed(day int, s slot) []sample {
	if p.watch == nil {
		return nil
	}
	h := hash(p.key, uint64(topicIntraday), uint64(s.start), 3)
	list := []sample{{s.start + 60*int64(h%10) + 1 + int64(h>>8%37), Fields{{"heart_rate", s.pulse}, {"duration", 37 + int(h>>16%2)}}}}
	minute := s.start + 60*int64(h>>20%10)
	resting := s.pulse > 0 && s.steps == 0
	switch h >> 24 % 6 {
	case 0:
		list = append(list, sample{minute + 40, Fields{{"spo2_auto", 95 + int(h>>32%4)}, {"duration", 30}}})
	case 1:
		list = append(list, sample{minute + 45, Fields{
			{"core_body_temperature", decimals(36.5+1.9*p.illness(day)+float64(h>>32%5)/10, 1)}, {"duration", 60},
		}})
	case 2:
		if resting {
			list = append(list, sample{minute + 50, Fields{
				{"rmssd", 30 + int(h>>32%30)}, {"sdnn1", 38 + int(h>>40%30)}, {"hrv_quality", 60 + int(h>>48%40)}, {"duration", 60},
			}})
		}
	case 3:
		if resting {
			list = append(list, sample{minute + 53, Fields{
				{"rr", 13 + int(h>>32%4)}, {"chest_movement_rate", 13 + int(h>>40%4)}, {"duration", 60},
			}})
		}
	}
	return list
}
