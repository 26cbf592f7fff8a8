package simulator

import (
	"context"
	"slices"
)

const (
	defaultActivityPage = 200 // days
	defaultWorkoutPage  = 200
	// strayOffset is what was once seen beside more=false.
	strayOffset = 200
)

// activityDefaults come without data_fields.
var activityDefaults = activityFields[:9]

// getActivity answers getactivity: one row per local date.
func (c *Cloud) getActivity(_ context.Context, q *call) (any, *refusal) {
	w, refused := c.ymdWindow(q)
	if refused != nil {
		return nil, refused
	}
	p, ch := q.person, c.ledger.view(q.person.ID)
	wanted := q.dataFields(activityDefaults)
	var rows []row
	first, last := p.ymdDays(w, ch, q.unix)
	if w.updated && ch.delays == nil {
		first = max(first, p.dayOf(max(0, w.since))-staleDays)
	}
	for day := first; day <= last; day++ {
		state, ok := ch.activityState(p, day, q.unix)
		if ok && w.admits(int64(day), state.modified) {
			rows = append(rows, row{sortKey{int64(day), 0}, func() Fields {
				return p.dayRow(day, state, c.trainingsOf(p, day)).fields(wanted)
			}})
		}
	}
	list, cut, refused := c.list(q, rows, orDefault(c.switches.Pages.Activity, defaultActivityPage))
	if refused != nil {
		return nil, refused
	}
	body := cut.paged(Fields{{"activities", list}})
	if c.switches.StrayActivityOffset && !cut.more && len(list) > 0 {
		body = body.with("offset", strayOffset)
	}
	return body, nil
}

// fields is the wire form of a day. The device id is null, also for a watch.
func (d *Day) fields(wanted map[string]bool) Fields {
	return d.Data.only(wanted).and(Fields{
		{"deviceid", nil}, {"hash_deviceid", nil},
		{"timezone", d.Timezone}, {"date", d.Date}, {"modified", d.Modified},
		{"brand", d.Brand}, {"modelid", d.ModelID}, {"model", d.Model}, {"is_tracker", d.Tracker},
	})
}

// workoutDefaults come without data_fields.
var workoutDefaults = []string{
	"calories", "intensity", "manual_distance", "manual_calories", "hr_average", "hr_min", "hr_max",
	"pause_duration", "steps", "distance", "elevation",
}

func workoutKey(w *Workout) sortKey { return sortKey{w.Start, w.ID} }

// getWorkouts answers getworkouts.
func (c *Cloud) getWorkouts(_ context.Context, q *call) (any, *refusal) {
	w, refused := c.ymdWindow(q)
	if refused != nil {
		return nil, refused
	}
	p := q.person
	first, last := p.ymdDays(w, c.ledger.view(p.ID), q.unix)
	w.ranged = false // the days are the range
	wanted := q.dataFields(workoutDefaults)
	var rows []row
	for _, workout := range c.workouts(p, q.unix, first, last, w) {
		if w.admits(0, workout.Modified) {
			rows = append(rows, row{workoutKey(workout), func() Fields { return workout.fields(wanted) }})
		}
	}
	list, cut, refused := c.list(q, rows, orDefault(c.switches.Pages.Workouts, defaultWorkoutPage))
	if refused != nil {
		return nil, refused
	}
	return cut.paged(Fields{{"series", list}}), nil
}

// fields is the wire form of a workout; a workout without data has an empty list there.
func (w *Workout) fields(wanted map[string]bool) Fields {
	var data any = w.Data.only(wanted)
	if len(w.Data) == 0 {
		data = []any{}
	}
	if w.ModelID == modelConnect { // sent whatever was asked for
		data = slices.Clone(w.Data)
	}
	return Fields{
		{"id", w.ID}, {"category", w.Category}, {"timezone", w.Timezone}, {"model", w.ModelID}, {"attrib", w.Attrib},
		{"startdate", w.Start}, {"enddate", w.End}, {"date", w.Date}, {"deviceid", w.Device.id()},
		{"data", data}, {"modified", w.Modified},
	}
}
