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
}

// layouts are the files that are read, by folded name without its ending. They
// are made when an archive is: most runs of the program never see one.
var layouts = sync.OnceValue(func() map[string]*layout {
	weight := moment("weight", bodyColumns)
	height := moment("height", heightColumns)
	bp := moment("bp", pressureColumns)
	temperature := moment("temperature", temperatureColumns)
	spo2 := moment("spo2", valueColumn("54", percent, "%", "spo2", "sp02"))
	return map[string]*layout{
		"weight":                      weight,
		"height":                      height,
		"bp":                          bp,
		"blood pressure":              bp,
		"temperature":                 temperature,
		"body temperature":            temperature,
		"spo2":                        spo2,
		"manual spo2":                 spo2,
		"pwv":                         moment("pwv", valueColumn("91", speed, "m/s", "pwv", "pulse wave velocity")),
		"other":                       {name: "other", service: exporter.Measure, shape: typed},
		"sleep":                       {name: "sleep", service: exporter.Sleep, shape: nights, columns: byName(exporter.Sleep, sleepColumns)},
		"activities":                  {name: "activities", service: exporter.Workout, shape: workouts},
		"aggregates steps":            aggregate(valueColumn("steps", count, "", "steps")),
		"aggregates distance":         aggregate(valueColumn("distance", length, "m", "distance")),
		"aggregates elevation":        aggregate(valueColumn("elevation", length, "m", "elevation")),
		"aggregates calories earned":  aggregate(valueColumn("calories", energy, "kcal", "calories")),
		"aggregates calories passive": aggregate(valueColumn(passiveKey, energy, "kcal", "calories")),
	}
})

// dailyTotals is what activities.csv was before it listed workouts.
var dailyTotals = sync.OnceValue(func() *layout { return aggregate(dayColumns) })

func moment(name string, columns []column) *layout {
	return &layout{name: name, service: exporter.Measure, shape: moments, columns: byName(exporter.Measure, columns)}
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
	if !isCSV {
		return nil, "not a CSV file"
	}
	return nil, "unknown file"
}
