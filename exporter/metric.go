package exporter

import (
	"slices"
	"strings"
)

// Group is what a metric belongs to; it names the InfluxDB measurement.
type Group string

// The groups of interface and documentation.
const (
	GroupBody     Group = "body"
	GroupHeart    Group = "heart"
	GroupActivity Group = "activity"
	GroupSleep    Group = "sleep"
	GroupWorkout  Group = "workout"
	GroupDevice   Group = "device"
)

// Unit is the unit of a metric: the ending of its name and what Grafana calls it.
type Unit struct {
	Ending  string // last words of the name, "" for a plain number
	Grafana string // unit identifier of a Grafana panel
}

// The units of the catalogue. Masses are grams, energies joules, shares ratios from
// 0 to 1; medical units without a base unit stay as they are.
var (
	Number         = Unit{"", "none"}
	Count          = Unit{"", "short"}
	Info           = Unit{"info", "none"}
	StateSet       = Unit{"", "bool"}
	Truth          = Unit{"", "bool_yes_no"} // 1 or 0
	Grams          = Unit{"grams", "massg"}
	Meters         = Unit{"meters", "lengthm"}
	Ratio          = Unit{"ratio", "percentunit"}
	Celsius        = Unit{"celsius", "celsius"}
	Seconds        = Unit{"seconds", "s"}
	Timestamp      = Unit{"timestamp_seconds", "dateTimeAsIso"}
	Joules         = Unit{"joules", "joule"}
	JoulesPerDay   = Unit{"joules_per_day", "joule"}
	MMHG           = Unit{"mmhg", "suffix: mmHg"}
	BeatsPerMinute = Unit{"beats_per_minute", "suffix: bpm"}
	BreathsPerMin  = Unit{"breaths_per_minute", "suffix: /min"}
	EventsPerHour  = Unit{"events_per_hour", "suffix: /h"}
	EventsPerMin   = Unit{"events_per_minute", "suffix: /min"}
	MetersPerSec   = Unit{"meters_per_second", "velocityms"}
	Years          = Unit{"years", "suffix: years"}
	OxygenUptake   = Unit{"milliliters_per_minute_per_kilogram", "suffix: ml/min/kg"}
	Siemens        = Unit{"siemens", "si:S"}
	Micromolar     = Unit{"micromoles_per_liter", "suffix: µmol/L"}
	Millimolar     = Unit{"millimoles_per_liter", "suffix: mmol/L"}
	MolarRatio     = Unit{"ratio", "none"} // of two amounts of substance: no share, so it is not shown as a percentage
)

// Metric is one row of the catalogue: everything about one gauge.
type Metric struct {
	Name         string   // without "withings_"
	Service      Service  // origin: the service that has it …
	Key          string   // … and where in its answer: measure type or field
	Frame        bool     // not a data field but part of the row around them, so it is never asked for
	Undocumented bool     // left out when Withings rejects a request
	Unit         Unit     //
	Power        int      // value × 10^Power …
	Factor       int64    // … × Factor (0 counts as 1) is in Unit
	Present      bool     // 0 means "not measured"
	Labels       []string // besides profile
	Announced    bool     // of a measure: Withings announces new values with a notification
	Daily        bool     // of a measure: the values of the last month are kept, for a chart of its days
	GaugeOnly    bool     // only on /metrics: it follows from others and the time, and no record has it
	States       []string // a state set: one series per state, in label "state", 1 for the current one
	Group        Group    //
	Help         string   // a sentence or two, ending in Withings' own name and key

	number int // of the row in the table
}

// Prefix starts the name of every metric.
const Prefix = "withings_"

// FullName is the name on /metrics.
func (m *Metric) FullName() string { return Prefix + m.Name }

// Field is the InfluxDB field: the name without its group. Names of measures have
// no group in front: body_temperature is Withings' own term.
func (m *Metric) Field() string {
	if m.Service == Measure {
		return m.Name
	}
	return strings.TrimPrefix(m.Name, string(m.Group)+"_")
}

// Scaled converts a value from Withings' unit to the metric's.
func (m *Metric) Scaled(d Decimal) (Decimal, error) {
	return d.Scale(max(m.Factor, 1), m.Power)
}

// Catalog lists every row, sorted by name.
func Catalog() []*Metric { return sorted }

// ByName finds a row by its name without "withings_".
func ByName(name string) *Metric { return byName[name] }

// ByOrigin finds the row for a measure type or field of a service; nil if none.
func ByOrigin(s Service, key string) *Metric { return byOrigin[origin{s, key}] }

// Fields lists the data_fields to ask a service for; the undocumented ones only if
// all is set.
func Fields(s Service, all bool) []string {
	var keys []string
	for i := range rows {
		if m := &rows[i]; m.Service == s && !m.Frame && (all || !m.Undocumented) {
			keys = append(keys, m.Key)
		}
	}
	return keys
}

// Group is that of a service's metrics, for one whose metrics are all of one group.
func (s Service) Group() Group {
	for i := range rows {
		if rows[i].Service == s {
			return rows[i].Group
		}
	}
	return ""
}

type origin struct {
	service Service
	key     string
}

var (
	sorted   []*Metric
	byName   = map[string]*Metric{}
	byOrigin = map[origin]*Metric{}
)

func init() {
	for i := range rows {
		m := &rows[i]
		m.number = i
		sorted = append(sorted, m)
		byName[m.Name] = m
		byOrigin[origin{m.Service, m.Key}] = m
	}
	slices.SortFunc(sorted, func(a, b *Metric) int { return strings.Compare(a.Name, b.Name) })
}
