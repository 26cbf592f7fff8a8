package simulator

import (
	"context"
	"strconv"
	"time"
)

const (
	defaultSleepPage = 300 // rows
	defaultSleepSpan = 24 * time.Hour
)

// summaryDefaults come without data_fields: durations and counts, no heart rate and no score.
var summaryDefaults = []string{
	"wakeupduration", "wakeupcount", "durationtosleep", "durationtowakeup", "remsleepduration", "total_timeinbed",
	"total_sleep_time", "sleep_efficiency", "sleep_latency", "wakeup_latency", "waso", "nb_rem_episodes",
	"out_of_bed_count", "lightsleepduration", "deepsleepduration",
}

// getSleepSummary answers getsummary: one row per night or nap.
func (c *Cloud) getSleepSummary(_ context.Context, q *call) (any, *refusal) {
	w, refused := c.ymdWindow(q)
	if refused != nil {
		return nil, refused
	}
	wanted := q.dataFields(summaryDefaults)
	for _, name := range sleepExtras {
		if wanted[name] && c.switches.SleepExtras == RefuseExtras {
			return nil, invalidParam("data_fields")
		}
		if c.switches.SleepExtras == IgnoreExtras {
			delete(wanted, name)
		}
	}
	p := q.person
	first, last := p.ymdDays(w, c.ledger.view(p.ID), q.unix)
	var rows []row
	for _, r := range c.sleepRows(p, q.unix, first, last, w) {
		if w.admits(int64(r.plan.day), r.state.from) {
			rows = append(rows, row{r.key(), func() Fields { return r.night().fields(wanted) }})
		}
	}
	list, cut, refused := c.list(q, rows, orDefault(c.switches.Pages.Sleep, defaultSleepPage))
	if refused != nil {
		return nil, refused
	}
	return cut.paged(Fields{{"series", list}}), nil
}

func (r sleepRow) key() sortKey { return sortKey{r.plan.start, r.plan.id} }

// night makes the typed record of a row.
func (r sleepRow) night() *Night {
	n := r.plan
	return &Night{
		ID: n.id, Start: n.start, End: r.state.end, Created: n.created, Modified: r.state.from,
		Date: ymd(n.day), Timezone: n.timezone, Class: n.class(), Device: n.device, ModelID: n.modelID,
		Completed: r.state.completed, Data: n.data(r.state),
	}
}

// fields is the wire form of a row.
func (n *Night) fields(wanted map[string]bool) Fields {
	return Fields{
		{"id", n.ID}, {"timezone", n.Timezone}, {"model", n.Class}, {"model_id", n.ModelID},
		{"hash_deviceid", n.Device.id()}, {"startdate", n.Start}, {"enddate", n.End}, {"date", n.Date},
		{"data", n.Data.only(wanted)}, {"completed", n.Completed}, {"created", n.Created}, {"modified", n.Modified},
	}
}

// getSleep answers sleep get: the stages of a range with values for every minute.
func (c *Cloud) getSleep(_ context.Context, q *call) (any, *refusal) {
	from, hasFrom, refused := q.moment("startdate")
	if refused != nil {
		return nil, refused
	}
	to, hasTo, refused := q.moment("enddate")
	if refused != nil {
		return nil, refused
	}
	span := c.switches.SleepSpan
	if span <= 0 {
		span = defaultSleepSpan
	}
	switch limit := int64(span.Seconds()); {
	case !hasFrom || !hasTo || to < from:
		return nil, invalidParam("startdate and enddate")
	case to-from > limit && c.switches.RefuseLongSleep:
		return nil, invalidParam("the range is too long")
	default:
		to = min(to, from+limit)
	}
	list, model := c.nightMinutes(q.person, q.unix, window{from: from, to: to}, q.dataFields(nil))
	if len(list) == 0 {
		return Fields{{"series", list}}, nil
	}
	return Fields{{"model", model}, {"series", list}}, nil
}

// minuteSeries are the data fields of sleep get; the last ones only the mat has.
var minuteSeries = []struct {
	name    string
	matOnly bool
	value   func(minuteValues) int
}{
	{"hr", false, func(v minuteValues) int { return v.hr }},
	{"rr", false, func(v minuteValues) int { return v.rr }},
	{"sdnn_1", false, func(v minuteValues) int { return v.sdnn }},
	{"rmssd", false, func(v minuteValues) int { return v.rmssd }},
	{"hrv_quality", false, func(v minuteValues) int { return v.hrv }},
	{"snoring", true, func(v minuteValues) int { return v.snoring }},
	{"mvt_score", true, func(v minuteValues) int { return v.movement }},
	{"chest_movement_rate", true, func(v minuteValues) int { return v.chest }},
	{"breathing_sounds", true, func(v minuteValues) int { return v.snoring }},
}

// segmentFields is the wire form of a segment: one map of minutes per requested field.
func (n *night) segmentFields(s segment, wanted map[string]bool) Fields {
	f := Fields{
		{"startdate", s.start}, {"enddate", s.end}, {"state", s.state},
		{"model", n.device.modelName()}, {"model_id", n.modelID}, {"hash_deviceid", n.device.id()},
	}
	for _, series := range minuteSeries {
		if !wanted[series.name] || series.matOnly && n.kind != nightMat || s.state == outOfBed {
			continue
		}
		values := make(Fields, 0, (s.end-s.start)/60)
		for at := s.start; at < s.end; at += 60 {
			v := n.minute(int(at-n.start)/60, uint8(s.state))
			values.add(strconv.FormatInt(at, 10), series.value(v))
		}
		f.add(series.name, values)
	}
	return f
}
