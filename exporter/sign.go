package exporter

import (
	"cmp"
	"slices"
	"time"
)

const (
	// settle is how long after a session of a device its data can be read, mostly. Withings
	// takes up to two minutes for measurements.
	settle = 2*time.Minute + 10*time.Second
	// secondLook and lastLook are when Withings is asked again if what a session makes
	// likely was not there yet: a night takes up to ten minutes.
	secondLook, lastLook = 6*time.Minute + 20*time.Second, 10*time.Minute + 40*time.Second
	// idleLook is how long after a service was asked it waits if it had nothing new: while
	// an app is open, there is a session every few minutes.
	idleLook = 7 * time.Minute
	// belongs is how long before a change the session may have been that it came with.
	belongs = 15 * time.Minute
	// lateSession is how long after news the session may show that they came with.
	lateSession = 5 * time.Minute
	// fastClock is how far in the future a session may be, since clocks differ.
	fastClock = 10 * time.Minute
	// forgotten is how old a session may be that counts although the devices are read for
	// the first time since the start: its data may not have been readable before.
	forgotten = 15 * time.Minute
	// justUp is how long after the end of a night the devices may still add to it, and
	// nightly is how old the newest may be if more are to be expected.
	justUp, nightly = 2 * time.Hour, 3 * 24 * time.Hour
	// mostSuspects bounds the news that wait for their session.
	mostSuspects = 64
)

// contact is when a device was last in contact with Withings: the sign that there may be
// news of what it sends.
type contact struct {
	maker Maker
	kind  string    // the type of the device …
	model int       // … and its model; 0 if Withings does not say
	at    time.Time // zero: Withings does not say
}

// known reports whether Withings tells of the sessions of a device, as far as the last one
// can be true.
func (s *contact) known(now time.Time) bool { return !s.at.IsZero() && !s.at.After(now.Add(fastClock)) }

// sign is what the sessions of the devices of a profile tell. Its times are by the clock of
// the data.
type sign struct {
	read     time.Time // when the devices were last read; zero: not since the start, or it failed
	sessions []contact // as they were then
	suspects []suspect
}

// suspect is news of which it is not known yet whether a session told of them.
type suspect struct {
	service Service
	maker   Maker
	changed time.Time // when Withings changed it
	found   time.Time
}

// sessions are those of the devices that are known.
func (s *State) sessions() []contact {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.contacts()
}

// contacts is sessions. The mutex must be held.
func (s *State) contacts() (all []contact) {
	last := ByOrigin(Device, "last_session_date")
	for _, r := range s.all(Device) {
		is := contact{maker: MakerOf(r.ID)}
		is.kind, is.model = r.device()
		if _, told := r.value(last); told {
			is.at = r.End
		}
		all = append(all, is)
	}
	return all
}

// look notes the sessions after the devices were read, and returns those that are new.
func (s *sign) look(state *State, now time.Time) (moved []contact) {
	first, was := s.read.IsZero(), s.sessions
	s.read, s.sessions = now, state.sessions()
	for _, is := range s.sessions {
		i := slices.IndexFunc(was, func(w contact) bool { return w.maker == is.maker })
		switch {
		case !is.known(now):
		case first && now.Sub(is.at) > forgotten:
		case !first && i >= 0 && was[i].at.Equal(is.at):
		default:
			moved = append(moved, is)
		}
	}
	return moved
}

// heeded reports whether the sessions of any device are known.
func (s *sign) heeded(now time.Time) bool {
	return !s.read.IsZero() && slices.ContainsFunc(s.sessions, func(is contact) bool { return is.known(now) })
}

// tells reports whether the session of any device that may send a service is known.
func (s *sign) tells(service Service, now time.Time) bool {
	row := service.Row()
	return slices.ContainsFunc(s.sessions, func(is contact) bool { return is.known(now) && row.sends(&is) })
}

// watch returns a function that is called with every answer before the state has it. It
// looks for news that a device has sent since the services were last read.
func (s *sign) watch(state *State, now time.Time) func(Batch) {
	since := map[Service]time.Time{}
	for _, service := range Asked() {
		if row := service.Row(); len(row.senders()) > 0 && !row.Minutes {
			since[service] = state.Progress(service).Success
		}
	}
	return func(b Batch) {
		if read := since[b.Service]; !read.IsZero() {
			for _, r := range state.sent(b, read.Add(-belongs)) {
				s.suspect(suspect{service: b.Service, maker: r.Maker, changed: cmp.Or(r.Modified, read), found: now})
			}
		}
	}
}

// sent lists the records of an answer that a device has sent since a moment and that are
// not known: days also if they are known otherwise, since they grow.
func (s *State) sent(b Batch, since time.Time) (all []Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, grows := s.all(b.Service), b.Service.Row().relayed
	for i := range b.Records {
		r := &b.Records[i]
		if r.void() || r.Maker == ByHand || r.changed().Before(since) {
			continue
		}
		if !slices.ContainsFunc(known, func(held Record) bool {
			return held.ID == r.ID && (!grows || held.says(r))
		}) {
			all = append(all, *r)
		}
	}
	return all
}

// suspect adds news; of several of a service from one device, the latest.
func (s *sign) suspect(is suspect) {
	i := slices.IndexFunc(s.suspects, func(has suspect) bool { return has.service == is.service && has.maker == is.maker })
	switch {
	case i < 0 && len(s.suspects) < mostSuspects:
		s.suspects = append(s.suspects, is)
	case i >= 0 && is.changed.After(s.suspects[i].changed):
		s.suspects[i] = is
	}
}

// verdict is whether a session told of news.
type verdict struct {
	suspect
	signed bool
}

// judge tells of which news there was a session, now that the devices were read. A session
// may show a little later than its data.
func (s *sign) judge(now time.Time) (all []verdict) {
	s.suspects = slices.DeleteFunc(s.suspects, func(is suspect) bool {
		signed := s.told(is, now)
		settled := signed || now.Sub(is.found) >= lateSession || now.Before(is.found)
		if settled {
			all = append(all, verdict{is, signed})
		}
		return settled
	})
	return all
}

// told reports whether a session told of news: of the device that made them, if that is known.
func (s *sign) told(is suspect, now time.Time) bool {
	return slices.ContainsFunc(s.sessions, func(has contact) bool {
		made := has.maker == is.maker || is.maker == Unnamed && is.service.Row().sends(&has)
		return made && has.known(now) && !has.at.Before(is.changed.Add(-belongs))
	})
}

// glance is a moment at which Withings is asked because of a session.
type glance struct {
	at    time.Time // of the clock of the machine
	after time.Time // the session, by that clock
	again bool      // only if nothing new has come since the session
}

// times are moments of the clock of the machine at which it is decided when to ask for a service.
type times struct {
	at, now     time.Time // of the session, and the present
	asked, news time.Time // when the service was last asked, and when it last had something new
}

// glances are when a service is asked after a session.
func (s *State) glances(service Service, is contact, t times) []glance {
	nights, soon := service.Row().Together, Later(t.at.Add(settle), t.now)
	switch {
	case nights && is.kind != mat && !s.expects(service, is.at): // naps
		return []glance{{at: Later(t.at.Add(lastLook), t.now), after: t.at}}
	case nights, surely(service, is.kind):
		all := []glance{{at: soon, after: t.at}}
		if !nights && soon.Sub(t.now) > apart { // there may have been another session before
			all = append(all, glance{at: t.now, after: t.at})
		}
		for _, later := range []time.Duration{secondLook, lastLook} {
			if again := t.at.Add(later); again.After(soon) {
				all = append(all, glance{at: again, after: t.at, again: true})
			}
		}
		return all
	case t.asked.After(t.at.Add(settle)):
		return nil // just now, in the same poll
	case service == Measure: // a watch sends many
	case len(service.Row().senders()) == 0:
		if t.now.Sub(t.asked) < hourly {
			return nil
		}
	case t.news.Before(t.asked) && soon.Before(t.asked.Add(idleLook)):
		soon = t.asked.Add(idleLook)
	}
	return []glance{{at: soon, after: t.at}}
}

// surely reports whether a session makes news of a service likely: of measurements if
// that is what the device is for, and of days if it counts steps.
func surely(service Service, kind string) bool {
	return service == Activity && kind == tracker ||
		service == Measure && slices.Contains([]string{scale, cuff, thermometer}, kind)
}

// expects reports whether the last night of a person may still come, or grow, at a moment.
func (s *State) expects(service Service, at time.Time) bool {
	newest := s.Newest(service)
	today := at.In(s.zoneOrUTC()).Format(time.DateOnly)
	return at.Sub(newest) < nightly && (at.Sub(newest) < justUp || len(s.OfDate(service, today)) == 0)
}
