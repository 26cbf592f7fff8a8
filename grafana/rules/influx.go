package rules

import (
	"fmt"
	"slices"
	"strings"
)

// influx is how Grafana asks InfluxDB the same. Each query has one number for each
// person or device, which the condition calls by the query's letter: $A, $B. The first
// number is the value of the alert.
type influx struct {
	queries   []string
	condition string
	summary   string // where it is other than in Prometheus
}

// people is who an alert is about, a condition of its first query.
const people = `"profile" =~ /.*/`

// points is a number of points in the past days, or nothing of them for a factor of 0.
type points struct {
	factor            int
	field, from, days string
	conditions        []string
}

const forgotten = "%(forgottenDays)s"

// sum adds numbers of points. InfluxDB only adds what is in one measurement.
func sum(tags string, all ...points) string {
	var from []string
	for _, p := range all {
		where := strings.Join(append(slices.Clone(p.conditions), "time > now() - "+p.days+"d"), " AND ")
		from = append(from, fmt.Sprintf(`(SELECT %d * count(%q) AS "points" FROM %q WHERE %s GROUP BY %s)`, p.factor, p.field, p.from, where, tags))
	}
	return fmt.Sprintf(`SELECT sum("points") FROM %s WHERE time > now() - %sd GROUP BY %s`, strings.Join(from, ", "), forgotten, tags)
}

// count has how many points there were in so many days: 0 where there were some before,
// within the time after which they are forgotten.
func count(p points, tags string) string {
	before := p
	before.factor, before.days = 0, forgotten
	return sum(tags, before, p)
}

// contacts are those of devices.
func contacts(days string, conditions ...string) points {
	return points{factor: 1, field: "info", from: "withings_device", days: days, conditions: conditions}
}

const byPerson = `"profile"`

// A person whose devices are in contact nearly every day is quiet if none was for three
// days: then it is the exporter, or the token, and that is one alert.
const (
	quietDays = "3"
	regular   = 60 // contacts in the time after which people are forgotten
)

// unlessQuiet adds that to a condition about $A.
func unlessQuiet(condition, query string) *influx {
	return &influx{queries: []string{query, count(contacts(quietDays), byPerson), count(contacts(forgotten), byPerson)},
		condition: fmt.Sprintf("%s && !($B == 0 && $C >= %d)", condition, regular)}
}

// silentPerson has no points of a field, though devices of some kinds, if there are any,
// are in contact.
func silentPerson(group, field, setting string, devices ...silent) *influx {
	values := points{factor: 1, field: field, from: "withings_" + group, days: "%(" + setting + ")s", conditions: []string{people}}
	i := unlessQuiet("$A == 0", count(values, byPerson))
	i.unlessSilent(contacts(forgotten), byPerson, devices...)
	return i
}

func silentDevice(of silent) *influx {
	return unlessQuiet("$A == 0", count(contacts("%("+of.setting+")s", people, isOf(of.kind)), `"profile", "device", "type", "model"`))
}

// silent are devices of a kind that have been out of contact for so many days.
type silent struct{ kind, setting string }

// The devices that may be silent.
var (
	silentWatch   = silent{"Activity Tracker", "watchSilentDays"}
	silentMat     = silent{"Sleep Monitor", "matSilentDays"}
	silentScale   = silent{"Scale", "scaleSilentDays"}
	silentMonitor = silent{"Blood Pressure Monitor", "monitorSilentDays"}
)

func isOf(kind string) string { return fmt.Sprintf(`"type" = '%s'`, kind) }

// unlessSilent adds that no such device is silent. All of whom there are some points have
// a number of contacts, even those without such a device.
func (i *influx) unlessSilent(some points, tags string, devices ...silent) {
	some.factor = 0
	for _, d := range devices {
		letter := 'A' + rune(len(i.queries))
		i.queries = append(i.queries, sum(tags, some, contacts("%("+d.setting+")s", isOf(d.kind))), sum(tags, some, contacts(forgotten, isOf(d.kind))))
		i.condition += fmt.Sprintf(" && !($%c == 0 && $%c > 0)", letter, letter+1)
	}
}

// nothingArrives is only for Grafana: Prometheus knows more about exporters.
var nothingArrives = alert{
	name: "WithingsNothingArrives", lasts: "1h", severity: "critical", board: "overview", about: ofPerson,
	summary: "Nothing of {{ $labels.profile }} has reached InfluxDB for " + quietDays + " days.",
	description: "Check whether the exporter is running and what its log says, and whether InfluxDB accepts what it writes; run `withings-exporter " +
		"check`. If the token was rejected, run `withings-exporter auth -- " + quotedProfile + "`.",
	influx: &influx{queries: []string{count(contacts(quietDays, people), byPerson), count(contacts(forgotten), byPerson)}, condition: fmt.Sprintf("$A == 0 && $B >= %d", regular)},
}

var lowBattery = withLowBattery()

func withLowBattery() *influx {
	i := &influx{
		queries: []string{`SELECT last("battery_state") FROM "withings_device" WHERE ` + people +
			` AND "state" = 'low' AND time > now() - %(forgottenDays)sd GROUP BY "profile", "device"`},
		condition: "$A == 1",
		summary:   "A device of {{ $labels.profile }} has a low battery.",
	}
	i.unlessSilent(points{field: "battery_state", from: "withings_device", days: forgotten}, `"profile", "device"`,
		silentWatch, silentMat, silentScale, silentMonitor)
	return i
}

// ofReadings is a function of the readings of a field in so many days.
func ofReadings(function, group, field string, days int) string {
	return fmt.Sprintf(`SELECT %s(%q) FROM "withings_%s" WHERE %s AND "position" = '' AND time > now() - %dd GROUP BY "profile"`, function, field, group, people, days)
}

var (
	fastWeightGain = &influx{
		queries: []string{fmt.Sprintf(`SELECT (last("now") - min("before")) / 1000 FROM `+
			`(SELECT last("weight_grams") AS "now" FROM "withings_body" WHERE %[1]s AND "position" = '' AND time > now() - 36h GROUP BY "profile"), `+
			`(SELECT last("weight_grams") AS "before" FROM "withings_body" WHERE %[1]s AND "position" = '' AND time > now() - 84h GROUP BY time(1d), "profile" fill(none)) `+
			`WHERE time > now() - 5d GROUP BY "profile"`, people)},
		condition: "$A > %(weightGainKilograms)s",
	}
	highBloodPressure = &influx{
		queries: []string{
			ofReadings("mean", "heart", "systolic_blood_pressure_mmhg", 7),
			ofReadings("mean", "heart", "diastolic_blood_pressure_mmhg", 7),
			ofReadings("count", "heart", "systolic_blood_pressure_mmhg", 7),
		},
		condition: "(round($A) >= %(systolicMmhg)s || round($B) >= %(diastolicMmhg)s) && $C >= %(pressureReadings)s",
		summary:   `{{ $labels.profile }}'s mean blood pressure of seven days is {{ printf "%%.0f" $values.A.Value }}/{{ printf "%%.0f" $values.B.Value }} mmHg.`,
	}
	// The classes that mean atrial fibrillation are where a polynomial is 0.
	atrialFibrillation = &influx{
		queries:   []string{fmt.Sprintf(`SELECT min("other") FROM %s, %s WHERE time > now() - 7d GROUP BY "profile"`, otherClass("ecg"), otherClass("ppg"))},
		condition: "$A == 0",
		summary:   "{{ $labels.profile }}'s last ECG or background check shows signs of atrial fibrillation.",
	}
	lowOxygen = &influx{
		queries:   []string{ofReadings("mean", "heart", "spo2_ratio", 1), ofReadings("count", "heart", "spo2_ratio", 1)},
		condition: "$A <= %(oxygenPercent)s / 100 && $B >= %(oxygenReadings)s",
	}
	fever = &influx{
		queries:   []string{ofReadings("max", "body", "body_temperature_celsius", 1)},
		condition: "$A >= %(feverCelsius)s",
	}
)

// otherClass is 0 if the last class is one of those.
func otherClass(kind string) string {
	var factors []string
	for _, class := range positive {
		factors = append(factors, fmt.Sprintf(`("class" - %d)`, class))
	}
	return fmt.Sprintf(`(SELECT abs(%s) AS "other" FROM (SELECT last("%s_atrial_fibrillation_class") AS "class" FROM "withings_heart" WHERE %s AND "position" = '' `+
		`AND time > now() - 7d GROUP BY "profile") GROUP BY "profile")`, strings.Join(factors, " * "), kind, people)
}
