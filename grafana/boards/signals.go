package boards

import (
	"slices"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// signal is something that a night measures and that an illness changes.
type signal struct {
	name, row, color string
}

// bodySignals are those of a night.
var bodySignals = []signal{
	{"Heart rate", "sleep_heart_rate_average_beats_per_minute", heartColor},
	{"Variability", "sleep_rmssd_end_average_seconds", variabilityColor},
	{"Temperature", "sleep_core_body_temperature_average_celsius", temperatureColor},
	{"Breathing", "sleep_respiratory_rate_average_breaths_per_minute", breathColor},
}

// What is usual for a person is what their nights before were like: as many as
// usualNights, of which so many must be known. Beyond so many standard deviations lies
// one night in twenty.
const (
	usualNights  = 60
	enoughNights = 14
	unusualFrom  = 2
)

const needsSignals = "Needs a sleep mat or a watch, and 14 nights before"

// signals is the nights compared with what is usual for the person.
func (b build) signals() board {
	var whose []string
	for _, s := range bodySignals {
		whose = append(whose, s.row)
	}
	panels := []panel{sized(24, 3, b.unusualToday()), b.deviations()}
	for _, s := range bodySignals {
		panels = append(panels, b.usually(s))
	}
	return board{
		slug: "signals", title: "Body signals", from: "now-60d", refresh: "15m", whose: whose,
		about: "Heart rate, its variability, temperature and breathing of each night, beside what is usual for the person. Not a diagnosis.",
		rows:  []row{{title: "$profile", each: true, panels: panels}},
	}
}

const aboutUsual = "Usual is the mean of the 60 nights before, 2 standard deviations (SD) to either side; at least 14 of them must be known. By chance alone, one night in twenty lies outside, of each signal; an illness widens the band for the nights after it."

// unusualToday says what is unusual, in words.
func (b build) unusualToday() panel {
	p := tile(panel{title: "Is today unusual?", needs: "Not enough nights yet, or none that ended today", mappings: []dashboard.ValueMapping{oddities()},
		about: "Which of heart rate, variability, temperature and breathing of the night that ended on the last day shown were unusual. " + aboutUsual + " Not a diagnosis."})
	factor := 1.0
	for _, s := range bodySignals {
		p.asks = append(p.asks, figure(s.name, "none", b.odd(series{row: mustRow(s.row), scale: scale{times: factor}})))
		factor *= 3
	}
	p.transforms = []dashboard.DataTransformerConfig{joined(), added("Today")}
	return lettered(13, 20, p)
}

// oddities are the words for what is unusual: of each signal, a digit of base three,
// which may be -1, 0 or 1.
func oddities() dashboard.ValueMapping {
	all := map[string]dashboard.ValueMappingResult{}
	var add func(i int, code, digit float64, words []string)
	add = func(i int, code, digit float64, words []string) {
		if i == len(bodySignals) {
			result := dashboard.ValueMappingResult{Text: new("Nothing unusual"), Color: new(good)}
			if len(words) > 0 {
				text := strings.Join(words, ", ")
				result = dashboard.ValueMappingResult{Text: new(strings.ToUpper(text[:1]) + text[1:]), Color: new(warning)}
			}
			result.Index = new(int32(len(all)))
			all[number(code)] = result
			return
		}
		name := strings.ToLower(bodySignals[i].name)
		for way, word := range []string{name + " low", "", name + " high"} {
			more := words
			if word != "" {
				more = append(slices.Clip(words), word)
			}
			add(i+1, code+float64(way-1)*digit, digit*3, more)
		}
	}
	add(0, 0, 1, nil)
	return dashboard.ValueMapping{ValueMap: &dashboard.ValueMap{Type: "value", Options: all}}
}

// deviation asks how many standard deviations a night lies from what is usual.
func (b build) deviation(s signal) ask {
	return ask{series: series{scale: scale{unit: "suffix: SD"}}, name: s.name, text: b.unusual(b.series(s.row)), color: s.color}
}

// deviations are all signals in one picture.
func (b build) deviations() panel {
	p := days(panel{title: "Deviation from what is usual", w: 24, h: 10, needs: needsSignals, decimals: new(1.0),
		about: "Each night, in standard deviations (SD) from the mean of the 60 nights before. Beyond the dashed lines lies what is unusual; the chart ends at 6. " + aboutUsual,
		min:   new(-6.0), max: new(6.0),
		thresholds: bands("transparent", from(-unusualFrom, warning), from(unusualFrom, warning))})
	for _, s := range bodySignals {
		p.asks = append(p.asks, b.deviation(s))
	}
	o := p.options.(timeseries.Options)
	o.Legend.Calcs = []string{"lastNotNull"}
	p.options = o
	return linked(dashedAt(p), "Nights in detail", b.to("sleep"))
}

// usually is one signal over the band of what is usual.
func (b build) usually(s signal) panel {
	row := b.series(s.row)
	low := ask{series: row, name: "Usual, from", text: b.usual(row, -unusualFrom), color: s.color}
	high := ask{series: row, name: "Usual, to", text: b.usual(row, unusualFrom), color: s.color, below: low.name}
	p := days(panel{title: s.name, w: 12, h: 7, needs: needsSignals, about: aboutOf[s.name] + " " + aboutUsual,
		asks: []ask{high, low, b.measured("Night", s.row).paint(ink)}})
	for _, edge := range []string{low.name, high.name} {
		p.overrides = append(p.overrides, override{name: edge, properties: map[string]any{"custom.lineWidth": 0}})
	}
	return linked(p, "Nights in detail", b.to("sleep"))
}

// aboutOf says what the signals are.
var aboutOf = map[string]string{
	"Heart rate":  "Mean heart rate of each night. Fever, alcohol, late training and stress raise it.",
	"Variability": "RMSSD at the end of each night: how much the time between heartbeats varies. Strain lowers it.",
	"Temperature": "Mean core body temperature of each night, as the watch estimates it.",
	"Breathing":   "Mean respiratory rate of each night. It hardly varies in health.",
}
