package exporter

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

const (
	// announcedPace is how often a service is asked whose news Withings announces. It is
	// the longest that something new stays unnoticed when a notification is lost.
	announcedPace = time.Hour
	// quietPace is how often the other services are asked then, and without notifications
	// those that no device sends and that had nothing new for weeks.
	quietPace = 3 * time.Hour
	// quietReread is how often the last weeks are read again then, and while sessions are
	// heeded; rareReread is how often then for what nobody deletes by hand.
	quietReread, rareReread = 6 * time.Hour, 12 * time.Hour
	// nightPace is how often the devices are read at quiet hours while Withings announces news.
	nightPace = 4 * time.Hour
	// rarePace is how often a service is asked that the account has nothing of.
	rarePace = 24 * time.Hour
	// slowest is how often a service is asked of which news may come at any time although it
	// is unlikely: every third poll, and within a quarter of an hour.
	slowest, everyThird = 14 * time.Minute, 3
	// leeway is the part of a pace by which a service may be asked early, so that services
	// share polls.
	leeway = 10
)

// heed is how far the sessions of devices decide when a service is asked.
type heed int

// The values of heed.
const (
	unheeded heed = iota // no session tells of its news: it is asked at every poll
	unproven             // a session has not been seen to tell of its news yet
	heeded               // it is asked when there was a session, and otherwise rarely
	dormant              // no session would tell of its news, and there have been none for weeks
)

// schedule decides which services are asked when. Its times are by the clock of the
// machine.
type schedule struct {
	interval  time.Duration             // between two polls without notifications
	announced []Service                 // of these Withings announces what is new; nil: notifications do not take the place of polls
	rare      []Service                 // the account has nothing of these
	pressing  []Service                 // could not be read, their past has not been read to its end, or their last answer is doubted
	lively    []Service                 // have just changed, and may change again without a session
	heed      map[Service]heed          // how far sessions decide; missing: not at all
	signed    bool                      // the sessions of some device are known
	tight     bool                      // requests wait for the rate limit
	quiet     func(time.Time) bool      // whether hardly anything arrives at a moment; may be nil
	midnight  func(time.Time) time.Time // the person's next midnight after a moment; may be nil
	asked     map[Service]time.Time     // when each was last asked; missing: not yet
	polled    map[Service]time.Time     // when the last weeks of each were last read again, or it was asked if it has none
}

// pace is how long after a service was asked it is asked again.
func (s *schedule) pace(service Service) time.Duration {
	is, notified := s.heed[service], len(s.announced) > 0
	switch {
	case slices.Contains(s.pressing, service):
		return s.interval
	case slices.Contains(s.rare, service):
		return max(rarePace, s.interval)
	case service == Device && s.signed && notified:
		return max(announcedPace, s.interval)
	case is == heeded && notified:
		return max(rareReread, s.interval)
	case slices.Contains(s.announced, service) && is != dormant:
		return max(announcedPace, s.interval)
	case is == dormant && !notified && service.Row().Net > 0:
		return max(min(service.Row().Net, quietPace), s.interval)
	case notified, is == dormant:
		return max(quietPace, s.interval)
	case is == heeded && slices.Contains(s.lively, service):
		return s.interval
	case is == unproven && !s.tight:
		return s.third()
	case is == unproven, is == heeded:
		return max(service.Row().Net, s.interval)
	}
	return s.interval
}

// third is the time of three polls, or of as many as there are in a quarter of an hour.
func (s *schedule) third() time.Duration { return max(min(everyThird*s.interval, slowest), s.interval) }

// stretched is when a service is asked that is due at a moment: later at quiet hours.
func (s *schedule) stretched(service Service, asked, due time.Time) time.Time {
	most := time.Duration(0)
	switch pace := s.pace(service); {
	case s.quiet == nil || slices.Contains(s.pressing, service):
	case service == Device && len(s.announced) > 0:
		most = max(nightPace, pace)
	case slices.Contains(s.lively, service):
	case pace == s.interval:
		most = s.third()
	}
	for last := asked.Add(most); due.Before(last) && s.quiet(due); {
		due = Earlier(due.Truncate(time.Hour/4).Add(time.Hour/4), last) // zones differ by whole quarters of an hour
	}
	return due
}

// due picks the services that are to be asked now.
func (s *schedule) due(services []Service, now time.Time) (due []Service) {
	for _, service := range services {
		at, asked := s.at(service)
		led := slices.Contains(due, service.Row().Follows) // which costs nothing when there is nothing to follow
		if led || !asked || !now.Before(at.Add(-s.early(service))) || s.turned(service, now) {
			due = append(due, service)
		}
	}
	return due
}

// early is how much earlier than due a service may be asked, so that services share polls.
func (s *schedule) early(service Service) time.Duration {
	pace := s.pace(service)
	if s.heed[service] == heeded && len(s.announced) == 0 {
		return min(pace/leeway, s.interval/2)
	}
	return min(pace, max(cmp.Or(s.reread(service), pace), s.interval)) / leeway
}

// turned reports whether a day has ended since a service of days was asked: Withings may
// have completed it without a session.
func (s *schedule) turned(service Service, now time.Time) bool {
	if s.midnight == nil || service.Row().end == nil || s.heed[service] == unheeded || len(s.announced) > 0 {
		return false
	}
	return now.After(s.midnight(s.asked[service]).Add(time.Minute))
}

// at is when a service is due; false if it has not been asked at all.
func (s *schedule) at(service Service) (time.Time, bool) {
	asked, ever := s.asked[service]
	at := s.stretched(service, asked, asked.Add(s.pace(service)))
	polled, known := s.polled[service]
	if known && (slices.Contains(s.announced, service) || s.heed[service] == heeded) { // of hints alone, nobody would notice that something was deleted
		at = Earlier(at, polled.Add(max(s.reread(service), quietReread, s.interval)))
	}
	return at, ever
}

// next is how long it is until a service is due, and at least some time if none is
// asked at all.
func (s *schedule) next(services []Service, now time.Time) time.Duration {
	wait := max(rarePace, s.interval)
	for _, service := range services {
		at, asked := s.at(service)
		if !asked {
			return 0
		}
		wait = min(wait, at.Sub(now))
	}
	if len(services) == 0 {
		return s.interval
	}
	return max(wait, 0)
}

// reread is how long the last weeks of a service need not be read again; 0: as the fetcher
// decides. What a person deletes is mostly a measurement.
func (s *schedule) reread(service Service) time.Duration {
	switch {
	case s.signed && !service.Row().Moments:
		return rareReread
	case s.signed, len(s.announced) > 0:
		return quietReread
	}
	return 0
}

// outdated reports whether the last weeks are to be read again, at some pace, that were last
// read at a moment. That may be early, so that a service which is asked anyway is not asked once
// more soon.
func outdated(read, now time.Time, pace time.Duration) bool {
	const early = 6
	age := now.Sub(read)
	return age < 0 || age >= pace-pace/early
}

// replaced returns the services that need no frequent polls, since all that could be
// announced is: of each service of which news are certain to be announced, Withings has
// confirmed the subscription.
func replaced(asked, confirmed []Service) []Service {
	var all []Service
	for _, service := range asked {
		switch {
		case slices.Contains(confirmed, service):
			all = append(all, service)
		case service.Row().announces():
			return nil
		}
	}
	return all
}

// announces reports whether Withings is certain to announce what is new of the service.
func (w *ServiceRow) announces() bool {
	return slices.ContainsFunc(w.Announced, func(category int) bool { return !Uncertain(category) })
}

// Uncertain reports whether Withings may not have a category of notifications: 61, 62 and
// 63 are known from one source alone, of October 2026.
func Uncertain(category int) bool { return category >= 61 && category <= 63 }

// Rare are the services of a choice that need not be asked often: no device of the
// account can have data of them, as far as the devices are known, and there have never
// been any. What a person chose by name is not among them.
func (s *State) Rare(c Choice) (rare []Service) {
	_, rare = s.devices(c)
	return rare
}

// devices are the sessions of the devices, and what is rare.
func (s *State) devices(c Choice) (all []contact, rare []Service) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.services[Device].progress.Success.IsZero() {
		return nil, nil
	}
	all = s.contacts()
	for _, service := range c.Asked {
		row := service.Row()
		if len(row.Devices) > 0 && !slices.Contains(c.Named, service) && s.services[service].held.count() == 0 &&
			!slices.ContainsFunc(all, func(is contact) bool {
				return slices.Contains(row.Devices, is.kind) && (row.Unable == nil || !row.Unable(is.model))
			}) {
			rare = append(rare, service)
		}
	}
	return all, rare
}

// device is what Withings calls the type of a device, and the number of its model; "" and
// 0 if it does not say.
func (r *Record) device() (kind string, model int) {
	const place, number = 1, 3 // among the labels
	for _, reading := range r.Readings {
		if labels := reading.Labels.Values(); reading.Metric.Name == "device_info" && len(labels) > number {
			model, _ = strconv.Atoi(labels[number])
			return labels[place], model
		}
	}
	return "", 0
}
