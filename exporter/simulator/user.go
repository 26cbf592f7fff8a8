package simulator

import "context"

// getDevices answers getdevice.
func (c *Cloud) getDevices(_ context.Context, q *call) (any, *refusal) {
	p := q.person
	day := p.dayOf(q.unix)
	ch := c.ledger.view(p.ID)
	list := []any{}
	for i := range p.Devices {
		d := &p.Devices[i]
		if d.ModelID == modelPhone && c.switches.UnlistedPhones {
			continue
		}
		first := any(p.Since.Unix())
		if d.ModelID == modelMat && !c.switches.MatSessions || c.switches.Sessions == SessionsNull {
			first = nil
		}
		list = append(list, Fields{
			{"type", d.Type}, {"battery", p.battery(d, day)}, {"model", d.Model}, {"model_id", d.ModelID},
			{"timezone", p.zone(day).String()}, {"first_session_date", first}, {"last_session_date", c.lastSession(p, ch, d, q.unix)},
			{"deviceid", d.ID}, {"hash_deviceid", d.ID},
		})
	}
	return Fields{{"devices", list}}, nil
}

// battery is the state of a battery on a day: it runs down from high over medium to low and is charged.
func (p *person) battery(d *Device, day int) string {
	cycle := 330
	switch d.ModelID {
	case modelMat, modelPhone:
		return "unknown"
	case modelBPMCore:
		return "low"
	case modelScanWatch2:
		cycle = 28
	}
	used := float64((day+int(hash(p.key, uint64(d.ModelID))%uint64(cycle)))%cycle) / float64(cycle)
	switch {
	case used < 0.45:
		return "high"
	case used < 0.85:
		return "medium"
	}
	return "low"
}

// getGoals answers getgoals; without any goal it is an empty list instead of an object.
func (c *Cloud) getGoals(_ context.Context, q *call) (any, *refusal) {
	goals := q.person.goals(q.person.dayOf(q.unix))
	if changed := c.ledger.view(q.person.ID).goals; changed != nil {
		goals = *changed
	}
	f := Fields{}
	if goals.Steps != 0 {
		f.add("steps", goals.Steps)
	}
	if goals.Sleep != 0 {
		f.add("sleep", goals.Sleep)
	}
	if goals.Weight != 0 {
		f.add("weight", Fields{{"value", goals.Weight}, {"unit", -3}})
	}
	if len(f) == 0 {
		return Fields{{"goals", []any{}}}, nil
	}
	return Fields{{"goals", f}}, nil
}
