package exporter

import (
	"slices"
	"sync"
	"time"
)

// State is what is known of one profile: the records that gauges can need, and how
// far each service has been read. It is safe for concurrent use.
type State struct {
	profile string

	mu       sync.Mutex     // guards what follows
	fixed    *time.Location // overrides what Withings reports; nil otherwise
	user     string         // Withings' number of the person; "" while unknown
	version  uint64
	moved    uint64
	timezone string
	zone     *time.Location
	services map[Service]*serviceState
	learned  learned
	hidden   []Service // those that are not read, which are not shown
	saved    int       // how many of the changes by notifications a file has, too
}

// Progress is how far a service of a profile has been read.
type Progress struct {
	Updated time.Time `json:"updated,omitzero"` // server time up to which changes are known; zero: nothing has been read
	Reread  time.Time `json:"reread,omitzero"`  // when the trailing window was last read as a whole
	Back    time.Time `json:"back,omitzero"`    // the past is known from here on; zero: not at all
	Done    bool      `json:"done,omitempty"`   // the past is known as far back as needed
	Success time.Time `json:"success,omitzero"` // when Withings last answered this service in full
	Checked time.Time `json:"checked,omitzero"` // up to when devices are known to have sent nothing more of it
	Wanted  Spans     `json:"wanted,omitempty"` // of a service of minutes: what is still to be read
	Doubt

	resets int // how often reading the past was started over
}

// AsOf is up to when everything that Withings has of a service is known: since it answered in
// full, or since the sessions of devices, where they are trusted, said that nothing is new.
func (p *Progress) AsOf() time.Time {
	if p.Success.IsZero() {
		return p.Success
	}
	return Later(p.Success, p.Checked)
}

// Renew moves a cursor, which was at was when the fetch began, to where the fetch has
// come. If it was set back in the meantime it stays there, and what follows is read
// again.
func (p *Progress) Renew(f Fetched, was Progress, now time.Time) {
	p.Success = now
	if f.Judged {
		p.Doubt = f.Doubt
	}
	if !p.Updated.Before(was.Updated) {
		p.Updated = f.Updated
	}
	if !f.Whole.IsZero() && !p.Reread.Before(was.Reread) {
		p.Reread = now
	}
	if p.Back.IsZero() && !p.Done && p.resets == was.resets {
		p.Back = f.Whole
	}
}

// NewState returns an empty state. A zone that is not nil overrides the one that
// Withings reports.
func NewState(profile string, zone *time.Location) *State {
	s := &State{profile: profile, fixed: zone, zone: time.UTC, services: map[Service]*serviceState{}}
	for _, service := range Services() {
		s.services[service] = &serviceState{}
	}
	return s
}

// Profile is the name the operator gave.
func (s *State) Profile() string { return s.profile }

// Bind says whose data the state is, by Withings' number of the person. Data of
// another person is dropped, which it reports. An empty number changes nothing.
func (s *State) Bind(user string) (other bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if user == "" || user == s.user {
		return false
	}
	other = s.user != ""
	s.user = user
	if other {
		for _, service := range Services() {
			s.services[service] = &serviceState{}
		}
		s.timezone, s.zone, s.learned = "", time.UTC, learned{}
		s.version++
	}
	return other
}

// IsOf reports whether the state is of a person, or of nobody yet.
func (s *State) IsOf(user string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.isOf(user)
}

// isOf is IsOf with the mutex held.
func (s *State) isOf(user string) bool { return user == "" || s.user == "" || user == s.user }

// SetZone overrides the time zone that Withings reports; nil undoes that.
func (s *State) SetZone(zone *time.Location) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fixed = zone
	s.version++
}

// Progress is how far a service has been read.
func (s *State) Progress(service Service) Progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.services[service].progress
}

// EachProgress shows how far each service has been read at one moment, in the order of the table: for many people that is much
// cheaper than Progress of each service. f must neither keep nor change what it gets, nor ask the state.
func (s *State) EachProgress(f func(Service, *Progress)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range services {
		f(services[i].Name, &s.services[services[i].Name].progress)
	}
}

// AsOf is that of a service's progress.
func (s *State) AsOf(service Service) time.Time {
	is := s.Progress(service)
	return is.AsOf()
}

// Advance records how far a service has been read. A snapshot does not show it, so
// the version does not change. The error is always nil.
func (s *State) Advance(service Service, change func(*Progress)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.services[service].progress)
	s.moved++
	return nil
}

// Holds reports whether any record of the service is known.
func (s *State) Holds(service Service) bool { return s.count(service) > 0 }

// all are the known records of a service, to be looked at. The mutex must be held.
func (s *State) all(service Service) []Record { return s.services[service].held.unpack(service) }

// count is the number of known records of the service.
func (s *State) count(service Service) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.services[service].held.count()
}

// added counts by service the records that were new since the start.
func (s *State) added() map[Service]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[Service]int{}
	for service, held := range s.services {
		all[service] = held.added
	}
	return all
}

// changes counts by service the answers that have changed anything since the start.
func (s *State) changes() map[Service]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[Service]int{}
	for service, held := range s.services {
		all[service] = held.changes
	}
	return all
}

// holdsIn reports whether a record of the service is known in a span.
func (s *State) holdsIn(service Service, span Span) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.all(service), func(r Record) bool { return span.Has(r.Start) })
}

// toldSince are the events of a service that arrived at a moment or later.
func (s *State) toldSince(service Service, since time.Time) Batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := Batch{Service: service}
	for _, r := range s.all(service) {
		if !r.Modified.Before(since) {
			b.Records = append(b.Records, r)
		}
	}
	return b
}

// Version changes whenever a snapshot would, except at midnight.
func (s *State) Version() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

// Moved changes whenever a Progress may have changed.
func (s *State) Moved() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.moved
}

// Newest is when the latest record of a service ended; zero without records.
func (s *State) Newest(service Service) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.services[service].held.last()
}

// Vanishing counts the known records in the span of a complete answer, and how many
// of them are missing from it.
func (s *State) Vanishing(b Batch) (held, gone int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return vanishing(s.all(b.Service), b)
}

// Find is the record that has a value of a row, such as that of a signal's number, if its service is shown.
func (s *State) Find(row *Metric, value Decimal) (Record, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.all(row.Service) {
		if is, has := r.Value(row); has && is == value && !slices.Contains(s.hidden, row.Service) {
			return r, true
		}
	}
	return Record{}, false
}

// OfDate lists the known records of a service with a date.
func (s *State) OfDate(service Service, date string) []Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Record
	for _, r := range s.all(service) {
		if r.Date == date {
			all = append(all, r)
		}
	}
	return all
}

// Apply takes in an answer. Answers may come in any order and more than once.
func (s *State) Apply(b Batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.take(b)
}

// take is Apply with the mutex held.
func (s *State) take(b Batch) {
	zoned := s.setTimezone(b)
	s.moved++
	if s.services[b.Service].apply(b) || zoned {
		s.version++
	}
}

// ApplyOf is Apply for what is told of a person; nothing is taken in if the state is of
// another.
func (s *State) ApplyOf(user string, b Batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isOf(user) {
		s.take(b)
	}
}

// setTimezone keeps the zone Withings reports. An unknown name changes nothing: the
// zone known so far is the better guess. The zone of a record is used only until an
// answer has named that of the person.
func (s *State) setTimezone(b Batch) bool {
	if b.Timezone == "" || b.Timezone == s.timezone || s.timezone != "" && !b.Service.Row().home {
		return false
	}
	zone := zoneNamed(b.Timezone)
	if zone == nil {
		return false
	}
	s.timezone, s.zone = b.Timezone, zone
	return true
}

// Timezone is the time zone that was given or that Withings reports; nil while neither
// is known.
func (s *State) Timezone() *time.Location {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fixed == nil && s.timezone == "" {
		return nil
	}
	return s.location()
}

// location is the zone in which days are counted.
func (s *State) location() *time.Location {
	if s.fixed != nil {
		return s.fixed
	}
	return s.zone
}
