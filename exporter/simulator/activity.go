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

// activityDay is a day that has a row.
type activityDay struct {
	day   int
	state dayState
}

// getActivity answers getactivity: one row per local date.
func (c *Cloud) getActivity(_ context.Context, q *call) (any, *refusal) {
	w, refused := c.ymdWindow(q)
	if refused != nil {
		return nil, refused
	}
	p, ch := q.person, c.ledger.view(q.person.ID)
	var rows []activityDay
	first, last := p.ymdDays(w, ch, q.unix())
	for day := first; day <= last; day++ {
		state, ok := ch.activityState(p, day, q.unix())
		if ok && w.admits(int64(day), state.modified) {
			rows = append(rows, activityDay{day, state})
		}
	}
	arrange(rows, c.switches.Order, func(d activityDay) sortKey { return sortKey{int64(d.day), 0} })
	cut, refused := q.cut(len(rows), orDefault(c.switches.Pages.Activity, defaultActivityPage))
	if refused != nil {
		return nil, refused
	}
	wanted := q.dataFields(activityDefaults)
	list := make([]any, 0, cut.to-cut.from)
	for _, row := range rows[cut.from:cut.to] {
		list = append(list, p.dayRow(row.day, row.state, c.trainingsOf(p, row.day)).fields(wanted))
	}
	body := cut.paged(Fields{{"activities", list}})
	if c.switches.StrayActivityOffset && !cut.more && len(list) > 0 {
		body = body.with("offset", strayOffset)
	}
	return body, nil
}

// fields is the wire form of a day. The device id is null, also for a watch.
func (d Day) fields(wanted map[string]bool) Fields {
	return append(d.Data.only(wanted),
		Field{"deviceid", nil}, Field{"hash_deviceid", nil},
		Field{"timezone", d.Timezone}, Field{"date", d.Date}, Field{"modified", d.Modified},
		Field{"brand", d.Brand}, Field{"modelid", d.ModelID}, Field{"model", d.Model}, Field{"is_tracker", d.Tracker})
}

// workoutDefaults come without data_fields.
var workoutDefaults = []string{
	"calories", "intensity", "manual_distance", "manual_calories", "hr_average", "hr_min", "hr_max",
	"pause_duration", "steps", "distance", "elevation",
}

func workoutKey(w Workout) sortKey { return sortKey{w.Start, w.ID} }

// getWorkouts answers getworkouts.
func (c *Cloud) getWorkouts(_ context.Context, q *call) (any, *refusal) {
	w, refused := c.ymdWindow(q)
	if refused != nil {
		return nil, refused
	}
	p := q.person
	first, last := p.ymdDays(w, c.ledger.view(p.ID), q.unix())
	w.ranged = false // the days are the range
	var rows []Workout
	for _, row := range c.workouts(p, q.unix(), first, last) {
		if w.admits(0, row.Modified) {
			rows = append(rows, row)
		}
	}
	arrange(rows, c.switches.Order, workoutKey)
	cut, refused := q.cut(len(rows), orDefault(c.switches.Pages.Workouts, defaultWorkoutPage))
	if refused != nil {
		return nil, refused
	}
	wanted := q.dataFields(workoutDefaults)
	list := make([]any, 0, cut.to-cut.from)
	for _, row := range rows[cut.from:cut.to] {
		list = append(list, row.fields(wanted))
	}
	return cut.paged(Fields{{"series", list}}), nil
}

// fields is the wire form of a workout; a workout without data has an empty list there.
func (w Workout) fields(wanted map[string]bool) Fields {
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
