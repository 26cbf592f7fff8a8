package archive

import (
	"strings"
	"sync"

	"withings-exporter/exporter"
)

// shape is what a row of a file is.
type shape int

const (
	moments  shape = iota // one moment with a column for each value
	typed                 // one moment with one value, its kind in a column
	days                  // a part of a day's totals
	nights                // a sleep session
	workouts              // a workout
)

// layout is one of the files of an archive.
type layout struct {
	name    string // in the ids of its records
	service exporter.Service
	shape   shape
	columns map[string]column // by folded name; for workouts and types none
	api     map[string]column // by the name of the API's field
	sole    *column           // what a file with one column holds, by whatever name; nil for others
}

// layouts are the files that are read, by folded name without its ending. They
// are made when an archive is: most runs of the program never see one.
var layouts = sync.OnceValue(func() map[string]*layout {
	weight := moment("weight", bodyColumns)
	height := moment("height", heightColumns)
	bp := moment("bp", pressureColumns)
	body := sole("temperature", &column{key: "71", of: temperature, unit: degrees, names: []string{"body temperature", "temperature", "korpertemperatur",
		"temperatur", "temperature corporelle", "temperatura", "temperatura corporal", "temperatura corporea"}})
	skin := sole("skin-temperature", &column{key: "73", of: temperature, unit: degrees, names: []string{"skin temperature", "temperature"}})
	spo2 := sole("spo2", &column{key: "54", of: percent, unit: "%", names: []string{"spo2", "sp02", "oxygen saturation", "blood oxygen",
		"sauerstoffsattigung", "saturation en oxygene", "saturacion de oxigeno", "saturazione di ossigeno"}})
	vo2 := sole("vo2", &column{key: "123", of: uptake, unit: "ml/min/kg", names: []string{"vo2 max", "vo2max", "vo2"}})
	return map[string]*layout{
		"weight":                      weight,
		"height":                      height,
		"bp":                          bp,
		"blood pressure":              bp,
		"temperature":                 body,
		"body temperature":            body,
		"skin temperature":            skin,
		"spo2":                        spo2,
		"manual spo2":                 spo2,
		"oxy":                         spo2,
		"vo2":                         vo2,
		"vo2max":                      vo2,
		"vo2 max":                     vo2,
		"pwv":                         sole("pwv", &column{key: "91", of: speed, unit: "m/s", names: []string{"pwv", "pulse wave velocity"}}),
		"other":                       {name: "other", service: exporter.Measure, shape: typed},
		"sleep":                       {name: "sleep", service: exporter.Sleep, shape: nights, columns: byName(exporter.Sleep, sleepColumns), api: apiColumns(exporter.Sleep)},
		"activities":                  {name: "activities", service: exporter.Workout, shape: workouts},
		"aggregates steps":            dayTotal(&column{key: "steps", of: count, names: []string{"steps"}}),
		"aggregates distance":         dayTotal(&column{key: "distance", of: length, unit: "m", names: []string{"distance"}}),
		"aggregates elevation":        dayTotal(&column{key: "elevation", of: length, unit: "m", names: []string{"elevation"}}),
		"aggregates calories earned":  dayTotal(&column{key: "calories", of: energy, unit: "kcal", names: []string{"calories"}}),
		"aggregates calories passive": dayTotal(&column{key: passiveKey, of: energy, unit: "kcal", names: []string{"calories"}}),
	}
})

// dailyTotals is what activities.csv was before it listed workouts.
var dailyTotals = sync.OnceValue(func() *layout { return aggregate(dayColumns) })

func moment(name string, columns []column) *layout {
	return &layout{name: name, service: exporter.Measure, shape: moments, columns: byName(exporter.Measure, columns)}
}

// sole is a file that holds nothing but moments and one value of each.
func sole(name string, c *column) *layout { return alone(moment(name, nil), c) }

// dayTotal is a file that holds nothing but days and one value of each.
func dayTotal(c *column) *layout { return alone(aggregate(nil), c) }

func alone(l *layout, c *column) *layout {
	c.names = append(c.names, valueNames...)
	l.columns = byName(l.service, []column{*c})
	only := l.columns[valueNames[0]]
	l.sole = &only
	return l
}

func aggregate(columns []column) *layout {
	return &layout{name: "day", service: exporter.Activity, shape: days, columns: byName(exporter.Activity, columns)}
}

// passed are files that are known and not read, by how their folded names
// begin, with the reason.
var passed = []struct{ prefix, why string }{
	{"raw ", "intraday data, not imported"},
	{"signal", "ECG signal, not imported"},
	{"ecg", "ECG signal, not imported"},
	{"aggregates ", "not a daily total that the API has"},
	{"account", "account data, no readings"},
	{"user", "account data, no readings"},
	{"devices", "account data, no readings"},
	{"note", "notes, not imported"},
	{"bladder", "no metric"},
	{"readme", "no readings"},
}

// layoutOf finds the layout of a file by its name, or why there is none.
func layoutOf(name string) (*layout, string) {
	folded := fold(name)
	stem, isCSV := strings.CutSuffix(folded, " csv")
	if l := layouts()[stem]; isCSV && l != nil {
		return l, ""
	}
	for _, p := range passed {
		if strings.HasPrefix(folded, p.prefix) {
			return nil, p.why
		}
	}
	if strings.HasSuffix(folded, " zip") {
		return nil, "an archive inside the archive; unpack the outer one and import what is in it"
	}
	if !isCSV {
		return nil, "not a CSV file"
	}
	return nil, "unknown file"
}
