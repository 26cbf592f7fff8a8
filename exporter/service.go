package exporter

import (
	"slices"
	"time"
)

// Service is a kind of data that Withings is asked for; its text is the value of the
// service label.
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
	Heart     Service = "heart"
	Stetho    Service = "stetho"
	Intraday  Service = "intraday"
	Night     Service = "night"
	Presence  Service = "presence"
)

// services is the table of services, in the order in which they are asked.
// Everything else follows from a service's row, except where to ask Withings for it
// and how to read the answer: that is a row in package withings.
var services = []ServiceRow{
	// What scales, monitors, thermometers and people measured.
	{Name: Measure, Noun: "measurements", Scope: metrics, Past: WholePast, Moments: true, home: true,
		Announced: []int{1, 2, 4, 58, 63}, Senders: []string{scale, cuff, tracker, mat, thermometer}, Unable: countsSteps, Net: typedNet,
		keep: keepLatest, show: appendLatest},
	// Totals of a day.
	{Name: Activity, Noun: "days of activity", Scope: activity, Announced: []int{16}, Senders: []string{tracker}, Net: daysNet,
		keep: keepNewestDates, show: appendDays, later: "yesterday", end: endOfDay, ofDate: oneRow, day: dayOf, relayed: true},
	// One row for each sleep session, night or nap.
	{Name: Sleep, Noun: "sleep sessions", Scope: activity, Past: UntilFirst, Together: true, zoned: true, Announced: []int{44},
		Senders: []string{tracker, mat}, Unable: countsSteps, Net: daysNet,
		keep: keepNewestDates, show: appendNight, ofDate: sessionsAndNaps, day: mainSleep},
	{Name: Device, Noun: "devices", Scope: info, Current: true, AtEnd: true,
		keep: keepNewest(keptDevices), show: appendEach},
	{Name: Goal, Noun: "goals", Scope: info, Current: true, Undated: true, Net: goalsNet,
		keep: keepAll, show: appendEach},
	// What the person entered as objectives of measures.
	{Name: Objective, Noun: "objectives", Scope: metrics, Past: WholePast, Moments: true, Net: goalsNet,
		keep: keepLatest, show: appendLatest},
	{Name: Workout, Noun: "workouts", Scope: activity, Past: UntilFirst, Announced: []int{16}, Senders: []string{tracker}, Net: typedNet,
		keep: keepNewest(keptWorkouts), show: appendNewest},
	// ECGs, with what the same device measured at that moment. A watch, a cuff, a scale with a handle and a thermometer record them.
	{Name: Heart, Noun: "ECG recordings", Scope: metrics, Past: UntilFirst, Announced: []int{54, 55},
		Devices: []string{tracker, cuff, scale, thermometer}, Unable: withoutECG, Net: recordingsNet,
		keep: keepNewest(keptRecordings), show: appendNewest},
	// Sounds of heart and lungs.
	{Name: Stetho, Noun: "stethoscope recordings", Scope: metrics, Past: UntilFirst, Announced: []int{61},
		Devices: []string{cuff, thermometer}, Unable: withoutStethoscope, Net: recordingsNet,
		keep: keepNewest(keptRecordings), show: appendNewest},
	// What trackers and phones count and measure within a day.
	{Name: Intraday, Noun: "readings within a day", Scope: activity, Follows: Activity, Minutes: true, Announced: []int{16, 62}, Senders: []string{tracker}, Net: daysNet,
		keep: keepMinutes, show: appendLatest},
	// What mats and watches see in each minute of a night.
	{Name: Night, Noun: "minutes of sleep", Scope: activity, Follows: Sleep, Minutes: true, Announced: []int{44}, Senders: []string{tracker, mat}, Unable: countsSteps, Net: daysNet,
		keep: keepMinutes, show: appendMinutes, fresh: stateFresh},
	// When the person got in and out of bed, as a sleep mat notices.
	{Name: Presence, Noun: "bed events", Scope: events, Told: true, Moments: true, Announced: []int{50, 51},
		keep: keepEvents, show: appendPresence, fresh: freshPresence},
}

// The scopes that a person allows, as in Withings' developer guide.
const (
	info     = "user.info"
	metrics  = "user.metrics"
	activity = "user.activity"
	events   = "user.sleepevents"
)

// The types of devices of getdevice that not every account has and that some service
// needs. The others need none: people enter weights, days and workouts by hand, phones
// count steps, and apps of other makers deliver nights, too. A mat may even be missing
// from the list although there are nights of it.
const (
	scale       = "Scale"
	cuff        = "Blood Pressure Monitor"
	tracker     = "Activity Tracker"
	thermometer = "Smart Connected Thermometer"
	mat         = "Sleep Monitor"
)

// How long a service goes unasked at most while nothing tells of news.
const (
	typedNet      = 59 * time.Minute // what people type in shows within an hour
	goalsNet      = 3 * time.Hour    // what people rarely change, and mostly with the app open: then it is hourly
	hourly        = time.Hour
	daysNet       = 6 * time.Hour
	recordingsNet = 6 * time.Hour
)

// countsSteps reports whether a model is a phone that counts steps and does nothing else.
func countsSteps(model int) bool { return model >= 1051 && model <= 1054 }

// withoutECG reports whether a model is known to record no ECGs: the scales but for Body
// Scan, the older cuffs but for BPM Core, the trackers before ScanWatch but for Move ECG,
// and Thermo.
func withoutECG(model int) bool {
	return model >= 1 && model <= 20 && model != 10 && model != 19 || model >= 51 && model <= 59 || model == 90 ||
		withoutStethoscope(model) || countsSteps(model)
}

// withoutStethoscope reports whether a cuff or thermometer is known to have none: BPM Core
// and BeamO have one.
func withoutStethoscope(model int) bool {
	return model >= 41 && model <= 46 && model != 44 || model == 70
}

// Past is how far back a service is read for the gauges.
type Past int

// The values of Past.
const (
	RecentOnly Past = iota // only the window that is read again and again
	UntilFirst             // until there is a record
	WholePast              // to the beginning, since what is shown may be years old
)

// ServiceRow is everything about one service, except what only package withings
// needs.
type ServiceRow struct {
	Name     Service
	Noun     string  // what people call its records, in the plural
	Scope    string  // what the person must have allowed
	Current  bool    // Withings has only the present state, all of it in one answer: there is no past
	Undated  bool    // records have no date: one with the same values as before keeps its time
	AtEnd    bool    // a record counts from its end (when it was last seen) instead of its start
	Moments  bool    // a record is of one moment, by which Withings sorts; otherwise the order is not documented
	Told     bool    // Withings is never asked: all that is known came with notifications
	Minutes  bool    // samples of a minute or so, thousands a day, known by time and device: none is missed when it vanishes, and the past is only read on request
	Together bool    // the records of a date are shown together, in the past as in the present
	Follows  Service // asked only for the times of new or changed records of this service
	Past     Past
	Devices  []string // types of devices that can have data of it, as Withings names them; empty: any account can
	Senders  []string // types of devices whose session may mean news of it, if those are not Devices; empty: only people change it
	// Unable reports whether a model, by Withings' number of it, is known to have no data of it; nil: none is.
	Unable func(model int) bool
	// Net is how long it goes unasked at most while the sessions of devices are trusted to tell of its news.
	Net time.Duration

	Announced []int // the categories of Withings' notifications that announce news of it

	home    bool          // its answers name the person's time zone; those of other services, the zone of a record
	zoned   bool          // the time zone in which a record began is saved with it
	relayed bool          // a date may have rows of several sources, see Relayed
	fresh   time.Duration // what is shown vanishes when it is older; 0: never
	later   Labels        // replaces the labels of a record once it has ended; "" keeps them

	keep   func([]Record) []Record                           // drops the records that no gauge can need
	show   func([]Sample, []Record, time.Time) []Sample      // adds the samples of records at a moment in the person's time zone
	ofDate func(rows []*Record) []Record                     // turns all rows of a date into records for a sink; nil: each row is one
	day    func(rows []*Record) *Record                      // the row of a date that counts, nil if none does; nil: the latest that has the value in question
	end    func(r *Record, profile *time.Location) time.Time // when a record will have ended; nil: at its End
}

// unlisted is the row of a service that is not in the table.
var unlisted ServiceRow

// Services lists every service in the order of the table.
func Services() []Service {
	all := make([]Service, len(services))
	for i := range services {
		all[i] = services[i].Name
	}
	return all
}

// Asked lists the services that Withings can be asked for, in the order of the table.
func Asked() []Service {
	return slices.DeleteFunc(Services(), func(s Service) bool { return s.Row().Told })
}

// Historic lists the services of which Withings has the past, in the order of the
// table, without those of minutes.
func Historic() []Service {
	return named(func(w *ServiceRow) bool { return !w.Current && !w.Told && !w.Minutes })
}

// Minutely lists the services of minutes, whose past is large and read only on
// request, in the order of the table.
func Minutely() []Service { return named(func(w *ServiceRow) bool { return w.Minutes }) }

// named lists some services in the order of the table.
func named(picks func(*ServiceRow) bool) []Service {
	var all []Service
	for i := range services {
		if picks(&services[i]) {
			all = append(all, services[i].Name)
		}
	}
	return all
}

// Row is the row of a service; an empty one if the table has none.
func (s Service) Row() *ServiceRow {
	for i := range services {
		if services[i].Name == s {
			return &services[i]
		}
	}
	return &unlisted
}

// ByDate reports whether the rows of a date must be seen together.
func (w *ServiceRow) ByDate() bool { return w.ofDate != nil }

// senders are the types of devices whose sessions may mean news of the service.
func (w *ServiceRow) senders() []string {
	if len(w.Senders) > 0 {
		return w.Senders
	}
	return w.Devices
}

// sends reports whether a session of a device may mean news of the service. One of a type
// that is not known may have anything.
func (w *ServiceRow) sends(is *contact) bool {
	all := w.senders()
	known := slices.Contains([]string{scale, cuff, tracker, thermometer, mat}, is.kind)
	return len(all) > 0 && (!known || slices.Contains(all, is.kind) && (w.Unable == nil || !w.Unable(is.model)))
}

// needsPast reports whether records older than the known ones can be shown.
func (w *ServiceRow) needsPast(state *State) bool {
	return w.Past == WholePast || w.Past == UntilFirst && !state.Holds(w.Name)
}

// AppendPast adds the samples of records that have ended: of one, or of all of a
// date where they are shown together.
func (w *ServiceRow) AppendPast(samples []Sample, records ...Record) []Sample {
	if w.Together {
		return w.show(samples, records, time.Time{})
	}
	for i := range records {
		samples = appendRecord(samples, &records[i], w.later)
	}
	return samples
}

// Ended is when a record has ended, or will have if more may still be added to it.
// The profile's time zone is for a record without one.
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
