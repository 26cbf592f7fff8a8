package simulator

// contact is when a device was in contact with the server to send something.
type contact struct {
	device   *Device
	recorded int64 // when the device recorded it
	sent     int64
	readable int64 // when the server has processed it
}

// hand gives the records of a day the times at which they reach the server, as the rhythm has it, and notes the sessions
// of the devices. What has no device comes as it was typed in, or from another app.
func (p *person) hand(r *dayRecords) {
	for _, g := range r.groups {
		if g.Device != nil {
			by := p.contact(g.Device, g.Date, g.Created, p.takes(g.Date))
			g.Created, g.Modified = by.readable, by.readable+g.Modified-g.Created
			r.contacts = append(r.contacts, by)
		}
	}
	for _, h := range r.hearts {
		by := p.contact(h.Device, h.Timestamp, h.Modified, p.takes(h.Timestamp))
		h.Modified = by.readable
		r.contacts = append(r.contacts, by)
	}
	for _, w := range r.workouts {
		if w.Device != nil {
			by := p.contact(w.Device, w.End, w.Created, p.takes(w.End))
			w.Created, w.Modified = by.readable, by.readable+w.Modified-w.Created
			r.contacts = append(r.contacts, by)
		}
	}
	for _, n := range r.nights {
		if n.device != nil {
			r.contacts = append(r.contacts, p.handNight(n)...)
		}
	}
}

// handNight does it for the states of a night. The last one is the server's own work, for which no device is needed; a nap
// has none such.
func (p *person) handNight(n *night) (all []contact) {
	shift := int64(0)
	for i := range n.states {
		state := &n.states[i]
		if !state.processed {
			by := p.contact(n.device, state.end, state.from, nightsTake*p.takes(state.end))
			shift = by.readable - state.from
			all = append(all, by)
		}
		state.from += shift
	}
	n.created = n.states[0].from
	return all
}

// contact is the one with which a device sends what it recorded at a moment. What reaches the server at once, by the plan of
// a record, waits for the next synchronisation of a watch or phone whose rhythm is irregular.
func (p *person) contact(device *Device, recorded, planned, takes int64) contact {
	sent := planned
	if p.rhythm.irregular && device == p.tracker() {
		sent = p.nextSync(recorded + 29) // an ECG takes thirty seconds
	}
	return contact{device: device, recorded: recorded, sent: sent, readable: sent + takes}
}

// visible is when a session shows in the list of devices.
func (s Sessions) visible(sent, readable int64) int64 {
	if s == SessionsBeforeData {
		return sent
	}
	return readable
}

// lastSession returns when a device was last in contact with the server, as the switches have it, or nil.
func (c *Cloud) lastSession(p *person, ch *changes, d *Device, now int64) any {
	switch how := c.switches.Sessions; {
	case how == SessionsNull, d.ModelID == modelMat && !c.switches.MatSessions: // as seen
		return nil
	case how == SessionsStuck:
		now = c.clock.start.Unix()
	}
	last := c.sent(p, ch, d, now)
	if t := p.tracker(); t != nil && t.ID == d.ID {
		until := now
		if since, held := ch.heldSince(d, now); held {
			until = since
		}
		sync := p.lastSync(until)
		if c.switches.Sessions != SessionsBeforeData {
			sync = p.lastRead(until)
		}
		last = max(last, sync)
	}
	if p.scale != nil && p.scale.ID == d.ID && c.switches.SharedScale {
		last = max(last, p.lastGuest(now))
	}
	if last == 0 {
		return nil
	}
	return last
}

// sentUntil is what is known of when the devices of a person last sent something: it holds from one moment until another.
type sentUntil struct {
	from, until int64
	zones       int
	last        map[string]int64 // by id
}

// sent is when a device last sent a record, 0 if it has not.
func (c *Cloud) sent(p *person, ch *changes, d *Device, now int64) int64 {
	zones := len(*p.zones.Load())
	known := p.recent.sent.Load()
	if known == nil || ch != &unchanged || known.zones != zones || now < known.from || now >= known.until {
		known = c.sentBy(p, ch, now)
		known.zones = zones
		if ch == &unchanged {
			p.recent.sent.Store(known)
		}
	}
	return known.last[d.ID]
}

// sentBy looks for the latest that every device has sent by a moment, and for when the next will be.
func (c *Cloud) sentBy(p *person, ch *changes, now int64) *sentUntil {
	is := &sentUntil{from: now, until: now + secondsPerDay, last: map[string]int64{}}
	note := func(d *Device, visible, sent int64) {
		if visible <= now {
			is.last[d.ID] = max(is.last[d.ID], sent)
		} else {
			is.until = min(is.until, visible)
		}
	}
	for _, records := range c.history.days(p, p.dayOf(now-maxLag), p.dayOf(now)+1) {
		for _, s := range records.contacts {
			if at := ch.arrival(s.device, s.recorded, s.readable); at != s.readable { // its device was held back
				s.sent, s.readable = at, at
			}
			note(s.device, c.switches.Sessions.visible(s.sent, s.readable), s.sent)
		}
	}
	for _, g := range ch.added {
		if g = ch.delayed(g); g.Device != nil {
			note(g.Device, g.Created, g.Created)
		}
	}
	for _, h := range ch.recordingsOf(now) {
		note(h.Device, h.Modified, h.Modified)
	}
	return is
}

// guests is how many times a day others use a scale that is shared.
const guests = 3

// lastGuest is when somebody with an account of their own last stood on the scale.
func (p *person) lastGuest(now int64) (last int64) {
	for day := p.dayOf(now) - 1; day <= p.dayOf(now); day++ {
		for i := range uint64(guests) {
			at := p.clockTime(day, 6*3600+int(hash(p.key, uint64(topicRhythm), uint64(day), i)%(17*3600)))
			if at <= now {
				last = max(last, at)
			}
		}
	}
	return last
}
