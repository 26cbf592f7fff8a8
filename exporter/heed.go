package exporter

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// SignStatus says how far the sessions of devices decide when a profile's services are
// asked. A session is a device's contact with Withings, which getdevice tells of.
type SignStatus struct {
	Known    bool      // the sessions of some device are known
	Unread   bool      // that cannot be said yet: the list of devices has not been read since the start
	Unproven []Service // have not been seen to arrive with a session yet: asked at least every quarter of an hour
	Unheeded []Service // asked at every poll: they arrive without a session …
	Since    time.Time // … as was noticed last then; zero: no device of the account would tell of them
	Dormant  []Service // no device would tell of them, and there have been none for weeks: asked every three hours
	Quiet    [48]bool  // the half hours of the day, in the person's zone, at which hardly anything arrives
}

// heedSessions notes what the devices tell after a round in which they were asked, and plans
// when to ask for what they have sent.
func (w *shift) heedSessions(r *round) {
	if !slices.Contains(r.due, Device) || !w.lists(r.choice, w.profile.Status.Condition()) {
		return
	}
	state, now := w.profile.State, w.Now()
	zone := state.zoneOrUTC()
	moved := w.sign.look(state, now)
	w.adjust(r.choice)
	for _, is := range moved {
		w.expect(r.choice.Asked, is)
	}
	for _, is := range w.sign.judge(now) {
		w.weigh(is, now)
	}
	state.learn(func(l *learned) {
		for _, is := range moved {
			l.Hours.add(Earlier(is.at, now).In(zone))
		}
	})
	w.check(r.choice.Asked, now)
}

// check notes up to when the devices have sent nothing more than is known.
func (w *shift) check(asked []Service, now time.Time) {
	ahead, failing := time.Until(now), w.profile.Status.Condition().Problems
	for _, service := range asked {
		row := service.Row()
		if _, fails := failing[service]; fails || w.schedule.heed[service] != heeded || len(row.senders()) == 0 {
			continue
		}
		upTo := now
		if first := w.errands.waiting(cmp.Or(row.Follows, service)); !first.IsZero() {
			upTo = Earlier(upTo, first.Add(ahead))
		}
		_ = w.profile.State.Advance(service, func(is *Progress) {
			if len(is.Wanted) == 0 {
				is.Checked = Earlier(Later(is.Checked, upTo), now)
			}
		})
	}
}

// expect plans when to ask for what a device may have sent.
func (w *shift) expect(asked []Service, is contact) {
	machine, announced := time.Now(), slices.ContainsFunc(w.schedule.announced, func(s Service) bool {
		return s.Row().sends(&is) && w.lookout.knows(s, is.at)
	})
	at := machine.Add(-max(w.Now().Sub(is.at), 0))
	for _, service := range asked {
		row := service.Row()
		typed := len(row.senders()) == 0 && is.kind == tracker && len(w.schedule.announced) == 0  // while its app is open
		told := announced && service != Measure && slices.Contains(w.schedule.announced, service) // of measures only some are
		if row.Follows != "" || !typed && !row.sends(&is) || told || w.soon(service, machine) {
			continue
		}
		with := []Service{service}
		for _, s := range asked {
			if s.Row().Follows == service {
				with = append(with, s)
			}
		}
		w.errands.look(with, w.profile.State.glances(service, is, times{
			at: at, now: machine, asked: w.schedule.asked[service], news: w.errands.news[service],
		}))
	}
}

// soon reports whether a service is asked at the next poll anyway, as soon as a session
// could have it asked.
func (w *shift) soon(service Service, now time.Time) bool {
	at, _ := w.schedule.at(service)
	return w.schedule.pace(service) == w.Interval && !at.After(now.Add(w.Interval))
}

// weigh learns from news whether a session told of them.
func (w *shift) weigh(is verdict, now time.Time) {
	state := w.profile.State
	if !w.sign.tells(is.service, now) && !is.signed {
		return // nothing was expected
	}
	news, zone := false, state.zoneOrUTC()
	state.learn(func(l *learned) {
		before := l.trusts(is.service, now)
		if is.signed {
			l.signed(is.service)
			news = !before && l.of(is.service).Doubt > 0 && l.trusts(is.service, now)
			return
		}
		news = l.unsigned(is.service, now)
		l.Hours.add(Earlier(is.changed, now).In(zone))
	})
	switch {
	case news && is.signed:
		w.log.Info("news arrive with the sessions of devices again; it is asked when there was one", "service", string(is.service))
	case news:
		w.log.Info("news arrived without a session of a device; it is asked at every poll for some days", "service", string(is.service))
	}
}

// lists reports whether the list of devices is as Withings has it now: it is asked for and
// allowed, and what it leaves out is not doubted.
func (w *shift) lists(choice Choice, is Condition) bool {
	_, failing := is.Problems[Device]
	barred := !choice.Sure && slices.Contains(is.Barred, Device)
	return slices.Contains(choice.Asked, Device) && !failing && !barred && w.profile.State.Progress(Device).Doubted.IsZero()
}

// heedSigns makes the schedule one for what is known of the sessions now.
func (w *shift) heedSigns(choice Choice, status Condition) {
	s, state, now := &w.schedule, w.profile.State, w.Now()
	s.signed = w.lists(choice, status) && w.sign.heeded(now)
	known := regard{state: state, sign: &w.sign, signed: s.signed, known: state.experience(), now: now}
	var is SignStatus
	is, s.heed = known.all(choice, s.rare)
	s.lively = nil
	for _, service := range choice.Asked {
		if service.Row().Past == UntilFirst && len(service.Row().Devices) == 0 && time.Since(w.errands.news[service]) < lively {
			s.lively = append(s.lively, service)
		}
	}
	ahead, zone := time.Until(now), state.zoneOrUTC()
	s.quiet = func(at time.Time) bool { return is.Quiet[halfHour(at.Add(ahead).In(zone))] }
	s.midnight = func(at time.Time) time.Time {
		local := at.Add(ahead).In(zone)
		return startOfDay(local.Year(), local.Month(), local.Day()+1, zone).Add(-ahead)
	}
	is.Unread = w.sign.read.IsZero() && w.lists(choice, status)
	w.profile.Status.change(func(c *Condition) {
		if !is.Unread || !c.Sign.Known { // what was known before a reload is true until the devices are read again
			c.Sign = is
		}
	})
}

// lively is how long Withings may change a night or a workout without a session after something
// new of it has come, and newsOf is how long a service that no session tells of may have nothing new
// before it counts as dormant.
const lively, newsOf = 40 * time.Minute, 14 * 24 * time.Hour

// sooner makes a wait a little shorter, at random: what is to be read within --poll-interval
// is asked before it is over, and clients that started together drift apart.
func sooner(wait time.Duration) time.Duration {
	return wait - wait/300 - time.Duration(rand.Int64N(int64(wait/60)+1))
}
