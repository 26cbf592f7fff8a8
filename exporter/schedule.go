package exporter

import (
	"slices"
	"time"
)

const (
	// announcedPace is how often a service is asked whose news Withings announces. It is
	// the longest that something new stays unnoticed when a notification is lost.
	announcedPace = time.Hour
	// quietPace is how often the other services are asked then: devices, goals and
	// objectives, which change rarely.
	quietPace = 3 * time.Hour
	// quietReread is how often the last weeks are read again then.
	quietReread = 6 * time.Hour
	// rarePace is how often a service is asked that the account has nothing of.
	rarePace = 24 * time.Hour
	// leeway is the part of a pace by which a service may be asked early, so that services
	// share polls.
	leeway = 10
)

// schedule decides which services are asked when. Its times are by the clock of the
// machine.
type schedule struct {
	interval  time.Duration         // between two polls without notifications
	announced []Service             // of these Withings announces what is new; nil: notifications do not take the place of polls
	rare      []Service             // the account has nothing of these
	pressing  []Service             // could not be read, or their past has not been read to its end
	asked     map[Service]time.Time // when each was last asked; missing: not yet
	polled    map[Service]time.Time // when each was last asked by a poll, which may read the last weeks again
}

// pace is how long after a service was asked it is asked again.
func (s *schedule) pace(service Service) time.Duration {
	switch {
	case slices.Contains(s.pressing, service):
		return s.interval
	case slices.Contains(s.rare, service):
		return max(rarePace, s.interval)
	case slices.Contains(s.announced, service):
		return max(announcedPace, s.interval)
	case len(s.announced) > 0:
		return max(quietPace, s.interval)
	}
	return s.interval
}

// due picks the services that are to be asked now.
func (s *schedule) due(services []Service, now time.Time) (due []Service) {
	for _, service := range services {
		if at, asked := s.at(service); !asked || !now.Before(at.Add(-s.pace(service)/leeway)) {
			due = append(due, service)
		}
	}
	return due
}

// at is when a service is due; false if it has not been asked at all.
func (s *schedule) at(service Service) (time.Time, bool) {
	asked, ever := s.asked[service]
	at := asked.Add(s.pace(service))
	if slices.Contains(s.announced, service) { // of hints alone, nobody would notice that something was deleted
		at = Earlier(at, s.polled[service].Add(max(quietReread, s.interval)))
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

// reread is how long the last weeks need not be read again; 0: as the fetcher decides.
func (s *schedule) reread() time.Duration {
	if len(s.announced) == 0 {
		return 0
	}
	return quietReread
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
	s.mu.Lock()
	defer s.mu.Unlock()
	devices := s.services[Device]
	if devices.progress.Success.IsZero() {
		return nil
	}
	types := map[string]bool{}
	for i := range devices.records {
		types[devices.records[i].deviceType()] = true
	}
	for _, service := range c.Asked {
		able := service.Row().Devices
		if len(able) > 0 && !slices.Contains(c.Named, service) && len(s.services[service].records) == 0 &&
			!slices.ContainsFunc(able, func(kind string) bool { return types[kind] }) {
			rare = append(rare, service)
		}
	}
	return rare
}

// deviceType is what Withings calls the type of a device; "" if it does not say.
func (r *Record) deviceType() string {
	const place = 1 // of the type among the labels
	for _, reading := range r.Readings {
		if labels := reading.Labels.Values(); reading.Metric.Name == "device_info" && len(labels) > place {
			return labels[place]
		}
	}
	return ""
}
