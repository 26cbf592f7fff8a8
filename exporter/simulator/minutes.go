package simulator

import "strconv"

// segmentsOf are those of a night as the switches have them.
func (c *Cloud) segmentsOf(r sleepRow) []segment {
	list := r.plan.segments(r.state.end)
	if c.switches.SleepRx && r.plan.kind == nightMat && r.plan.breakAt != 0 {
		return r.plan.withAbsence(list)
	}
	return list
}

// withAbsence marks when the bed was empty in the middle of a night.
func (n *night) withAbsence(list []segment) []segment {
	moves := n.moves()
	from, to := moves[1].at, moves[2].at
	var split []segment
	for _, s := range list {
		for _, part := range []segment{
			{s.start, min(s.end, from), s.state},
			{max(s.start, from), min(s.end, to), outOfBed},
			{max(s.start, to), s.end, s.state},
		} {
			if part.start < part.end {
				split = append(split, part)
			}
		}
	}
	return split
}

// minutesOf is the wire form of a segment as the switches have it.
func (c *Cloud) minutesOf(n *night, s segment, wanted map[string]bool) Fields {
	if c.switches.NightsDisagree {
		other := *n
		other.pulse += 5
		n = &other
		if s.state == deep {
			s.state = light
		}
	}
	f := n.segmentFields(s, wanted)
	if name := "withings_index"; c.switches.SleepRx && n.kind == nightMat && wanted[name] && s.state != outOfBed {
		values := make(Fields, 0, (s.end-s.start)/60)
		for at := s.start; at < s.end; at += 60 {
			values.add(strconv.FormatInt(at, 10), int(hash(n.seed, uint64(at), 7)%31))
		}
		f.add(name, values)
	}
	return f
}

// nightMinutes are the segments in a window, oldest first, and the class of devices that watched.
func (c *Cloud) nightMinutes(p *person, now int64, w window, wanted map[string]bool) (list []any, model int) {
	rows := c.sleepRows(p, now, p.dayOf(max(0, w.from))-1, p.dayOf(min(w.to, now))+1, window{})
	arrange(rows, OldestFirst, sleepRow.key)
	list, model = []any{}, classTracker
	for _, row := range rows {
		if row.plan.kind == nightExternal { // a duration only, no stages
			continue
		}
		for _, s := range c.segmentsOf(row) {
			if s.start < w.to && s.end > w.from {
				list = append(list, c.minutesOf(row.plan, s, wanted))
				model = max(model, row.plan.class())
			}
		}
	}
	return list, model
}
