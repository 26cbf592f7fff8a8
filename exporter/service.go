package exporter

import "time"

// Service is one of the things Withings is asked for; its text is the value of
// the service label.
type Service string

// The services.
const (
	Measure   Service = "measure"
	Activity  Service = "activity"
	Sleep     Service = "sleep"
	Device    Service = "device"
	Goal      Service = "goal"
	Objective Service = "objective"
	Workout   Service = "workout"
)

// services is the table of services, in the order in which they are asked. What
// follows from a service being there is derived from its row; where to ask
// Withings for it and how to read the answer is a row of package withings.
var services = []ServiceRow{
	// What scales, monitors, thermometers and people measured.
	{Name: Measure, Noun: "measurements", Scope: metrics, Past: WholePast, Moments: true, home: true,
		keep: keepLatest, show: appendLatest},
	// Totals of a day.
	{Name: Activity, Noun: "days of activity", Scope: activity,
		keep: keepNewestDates, show: appendDays, later: "yesterday", end: endOfDay, ofDate: oneRow, relayed: true},
	// One row for each sleep session, be it a night or a nap.
	{Name: Sleep, Noun: "sleep sessions", Scope: activity, Past: UntilFirst, Together: true, zoned: true,
		keep: keepNewestDates, show: appendNight, ofDate: sessionsAndNaps},
	{Name: Device, Noun: "devices", Scope: info, Current: true, AtEnd: true,
		keep: keepNewest(keptDevices), show: appendEach},
	{Name: Goal, Noun: "goals", Scope: info, Current: true, Undated: true,
		keep: keepAll, show: appendEach},
	// What the person entered as objectives of measures.
	{Name: Objective, Noun: "objectives", Scope: metrics, Past: WholePast, Moments: true,
		keep: keepLatest, show: appendLatest},
	{Name: Workout, Noun: "workouts", Scope: activity, Past: UntilFirst,
		keep: keepNewest(keptWorkouts), show: appendNewest},
}

// The scopes that a person allows, from the table of scopes of Withings'
// developer guide.
const (
	info     = "user.info"
	metrics  = "user.metrics"
	activity = "user.activity"
)

// Past is how far back the gauges need a service.
type Past int

// How far back a service is read for the gauges.
const (
	RecentOnly Past = iota // the window that is read again and again is enough
	UntilFirst             // until there is a record
	WholePast              // to the beginning: what shows may be years old
)

// ServiceRow is all there is to know about one service, but for what only
// package withings needs.
type ServiceRow struct {
	Name     Service
	Noun     string // what people call its records, in the plural
	Scope    string // what the person must have allowed
	Current  bool   // Withings tells only what is true now, all of it in one answer: there is no past
	Undated  bool   // nothing dates a record: one that says the same as before stays as old as it is
	AtEnd    bool   // a record counts from its end, when it was last heard of, instead of its start
	Moments  bool   // a record is of one moment, by which Withings sorts; else nothing says by which of its times
	Together bool   // the records of a date show together in the past, as in the present
	Past     Past

	home    bool   // its answers name the time zone of the person; those of others, where a record was
	zoned   bool   // the time zone in which a record began is saved with it
	relayed bool   // a date may have rows of several sources, see Relayed
	later   Labels // the label under which a record shows once it has ended, in place of its own; "" keeps those

	keep   func([]Record) []Record                           // drops the records that no gauge can need
	show   func([]Sample, []Record, time.Time) []Sample      // adds what records show at a moment in the person's time zone
	ofDate func(rows []*Record) []Record                     // what all rows of a date come to for a sink; nil: each counts by itself
	end    func(r *Record, profile *time.Location) time.Time // when a record ends that may still be added to; nil: its End tells
}

// unlisted is the row of what is not in the table.
var unlisted ServiceRow

// Services lists every service in the order of the table.
func Services() []Service {
	all := make([]Service, len(services))
	for i := range services {
		all[i] = services[i].Name
	}
	return all
}

// Historic lists the services that have a past, in the order of the table.
func Historic() []Service {
	var all []Service
	for i := range services {
		if !services[i].Current {
			all = append(all, services[i].Name)
		}
	}
	return all
}

// Row is the row of a service; an empty one when the table has none.
func (s Service) Row() *ServiceRow {
	for i := range services {
		if services[i].Name == s {
			return &services[i]
		}
	}
	return &unlisted
}

// ByDate reports whether what a date comes to depends on all of its rows.
func (w *ServiceRow) ByDate() bool { return w.ofDate != nil }

// needsPast reports whether older records than those held can show.
func (w *ServiceRow) needsPast(state *State) bool {
	return w.Past == WholePast || w.Past == UntilFirst && !state.Holds(w.Name)
}

// AppendPast adds what records show once they have ended: one by itself or, where
// they show together, all of a date.
func (w *ServiceRow) AppendPast(samples []Sample, records ...Record) []Sample {
	if w.Together {
		return w.show(samples, records, time.Time{})
	}
	for i := range records {
		samples = appendRecord(samples, &records[i], w.later)
	}
	return samples
}

// Ended is when a record has ended, also while it is still being added to. The
// profile's time zone is for a record that came without one.
func (r *Record) Ended(profile *time.Location) time.Time {
	if end := r.Service.Row().end; end != nil {
		return end(r, profile)
	}
	return r.End
}

// Taken is the moment from which a record counts.
func (r *Record) Taken() time.Time {
	if r.Service.Row().AtEnd {
		return r.End
	}
	return r.Start
}
