package boards

import (
	"math"
	"strconv"
	"strings"

	"withings-exporter/exporter"
)

// scale converts the value of a row to the unit that a panel shows:
// value × times ÷ over + plus.
type scale struct {
	unit   string  // unit identifier of Grafana
	times  float64 // 0 counts as 1
	over   float64 // 0 counts as 1
	plus   float64
	places places
	change bool // a difference, which has a sign and is rounded
	whole  bool // rounded to a whole number, for the words of a tile
}

// places are how many decimals are shown.
type places int

const (
	asGrafana places = iota // as many as Grafana finds right
	ones
	tenths
	hundredths
)

// count is how many that is, if anything is said.
func (p places) count() (int, bool) { return int(p) - int(ones), p != asGrafana }

// Sizes of what people measure in, in the units of the catalogue.
const (
	gramsInPound      = 453.59237
	gramsInStone      = 14 * gramsInPound
	metersInMile      = 1609.344
	metersInFoot      = 0.3048
	joulesInCalorie   = 4184 // a kilocalorie, as Withings counts it
	millisInSecond    = 1000
	secondsInMinute   = 60
	secondsInHour     = 3600
	fahrenheitPerStep = 1.8
	fahrenheitAtZero  = 32
)

// counted is Grafana's unit for numbers written out: 11,304 steps, not 11.3 K.
const counted = "locale"

// minutes and hours show seconds as people say them.
var (
	minutes = scale{unit: "suffix: min", over: secondsInMinute, places: ones}
	hours   = scale{unit: "suffix: h", over: secondsInHour, places: tenths}
	clock   = scale{unit: "clocks"} // 07h:20m, where one number stands alone
)

// scaleOf is how a row is shown in a system of units. Energy is shown in
// kilocalories and numbers are written out everywhere, as people count them.
func scaleOf(system string, m *exporter.Metric) scale {
	s := unitOf(system, m)
	if s.places == asGrafana {
		s.places = precision[m.Unit]
	}
	return s
}

// precision is how many decimals are worth reading.
var precision = map[exporter.Unit]places{
	exporter.Count: ones, exporter.Grams: tenths, exporter.Ratio: tenths, exporter.Celsius: tenths, exporter.MMHG: ones,
	exporter.BeatsPerMinute: ones, exporter.BreathsPerMin: tenths, exporter.EventsPerHour: tenths, exporter.MetersPerSec: tenths,
	exporter.Joules: ones, exporter.JoulesPerDay: ones, exporter.Years: ones, exporter.OxygenUptake: tenths,
}

// unitOf is the unit and the conversion.
func unitOf(system string, m *exporter.Metric) scale {
	switch m.Unit {
	case exporter.Count:
		return scale{unit: counted}
	case exporter.Seconds:
		return lasting(m)
	case exporter.Timestamp:
		return scale{unit: "time:YYYY-MM-DD HH:mm", times: millisInSecond} // seconds would not fit in a column
	case exporter.Joules, exporter.JoulesPerDay:
		return scale{unit: "suffix: kcal", over: joulesInCalorie}
	}
	if system == metric {
		return scale{unit: m.Unit.Grafana}
	}
	switch m.Unit {
	case exporter.Grams:
		if system == uk && !strings.HasPrefix(m.Name, "segment_") {
			return scale{unit: "suffix: st", over: gramsInStone, places: hundredths}
		}
		return scale{unit: "masslb", over: gramsInPound}
	case exporter.Meters:
		if strings.Contains(m.Name, "distance") {
			return scale{unit: "lengthmi", over: metersInMile}
		}
		return scale{unit: "lengthft", over: metersInFoot}
	case exporter.Celsius:
		if system == imperial {
			return scale{unit: "fahrenheit", times: fahrenheitPerStep, plus: fahrenheitAtZero}
		}
	}
	return scale{unit: m.Unit.Grafana}
}

// lasting is how a time is shown: nights in hours, parts of days in minutes, parts
// of minutes in seconds, heartbeats in milliseconds, which Grafana makes of seconds
// itself.
func lasting(m *exporter.Metric) scale {
	switch m.Name {
	case "sleep_total_seconds", "sleep_asleep_seconds", "sleep_time_in_bed_seconds", "goal_sleep_seconds",
		"sleep_deep_seconds", "sleep_light_seconds", "sleep_rem_seconds", "sleep_wakeup_seconds":
		return hours
	}
	if m.Group == exporter.GroupHeart || m.Service.Row().Minutes || strings.Contains(m.Name, "rmssd") || strings.Contains(m.Name, "sdnn") {
		return scale{unit: m.Unit.Grafana}
	}
	return minutes
}

// apply writes the conversion behind an expression; the two languages agree on
// arithmetic.
func (s scale) apply(expression string) string {
	factor := ""
	if s.times != 0 {
		factor += " * " + number(s.times)
	}
	if s.over != 0 {
		factor += " / " + number(s.over)
	}
	if s.plus != 0 {
		factor += " + " + number(s.plus)
	}
	places, ok := s.places.count()
	if s.whole {
		places, ok = 0, true
	}
	if ok && (s.change || s.whole) {
		one := number(math.Pow10(places))
		return "floor(" + expression + factor + " * " + one + " + 0.5) / " + one // both languages round halves in this way
	}
	return expression + factor
}

// bare is the scale without a unit beside each number, and what the unit is
// called, for headings of tables.
func (s scale) bare() (scale, string) {
	name := strings.TrimPrefix(s.unit, "suffix: ")
	switch s.unit {
	case "massg":
		s.over, name = 1000, "kg"
	case "masslb":
		name = "lb"
	case counted:
		s.over, name = 1000, "thousands"
	}
	s.unit = "none"
	return s, name
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
