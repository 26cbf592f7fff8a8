package boards

import (
	"regexp"
	"slices"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
)

// A change has a sign, one unit however small it is, and as many decimals as are
// worth reading: +1.13 kg, −0.63 kg, +0.4 pp. Grafana has no format with a plus
// sign, but a value mapping may put one before the digits of a value. They are
// the value's own, so the value is rounded where it is asked for.

// changed is the scale of changes of what has the scale.
func (s scale) changed() scale {
	s.plus, s.change = 0, true // a difference of temperatures has no zero point
	switch s.unit {
	case "massg":
		s.unit, s.over, s.places = "suffix: kg", 1000, hundredths
	case "masslb":
		s.unit, s.places = "suffix: lb", tenths
	case "percentunit":
		s.unit, s.times, s.places = "suffix: pp", 100, tenths // percentage points
	case "lengthm":
		s.unit, s.over, s.places = "suffix: km", 1000, hundredths
	case "lengthmi":
		s.unit, s.places = "suffix: mi", hundredths
	case "lengthft":
		s.unit, s.places = "suffix: ft", ones
	case "celsius":
		s.unit, s.places = "suffix: °C", tenths
	case "fahrenheit":
		s.unit, s.places = "suffix: °F", tenths
	case "s":
		s.unit, s.times, s.places = "suffix: ms", millisInSecond, ones
	case "velocityms":
		s.unit, s.places = "suffix: m/s", tenths
	case hours.unit, clock.unit:
		return scale{unit: minutes.unit, over: secondsInMinute, places: ones, change: true}
	case counted, "none":
		s.unit = "none"
	}
	if s.places == asGrafana {
		s.places = tenths
	}
	return s
}

// signed makes words of the changes among the numbers of a panel, since Grafana looks
// for patterns in words only.
func (p panel) signed() panel {
	o, ok := p.options.(stat.Options)
	if !ok || !slices.ContainsFunc(p.asks, ask.worded) {
		return p
	}
	var names []string
	var words []conversion
	for _, a := range p.asks {
		names = append(names, a.read())
		if a.worded() {
			words = append(words, conversion{column: a.name, to: "string"})
		}
	}
	o.ReduceOptions.Fields = new("/^(" + strings.Join(names, "|") + ")$/")
	p.options, p.transforms = o, append(slices.Clone(p.transforms), converted(words...))
	return p
}

// read is a pattern for the name that people read, in which Grafana has filled in
// times.
func (a ask) read() string {
	before, _, filled := strings.Cut(a.shown, "${")
	switch {
	case a.shown == "":
		return regexp.QuoteMeta(a.name)
	case filled:
		return regexp.QuoteMeta(before) + ".+"
	}
	return regexp.QuoteMeta(a.shown)
}

// worded reports whether a number of a tile is shown as a word.
func (a ask) worded() bool { return a.change || a.grouped }

// signs are the mappings that write a sign before a change, its unit behind it and
// commas between the thousands.
func (s scale) signs() []dashboard.ValueMapping {
	return s.written([][2]string{
		{`^-?0$`, "±0"},
		{`^-(\d+)(\d{3})(\d{3}(?:\.\d+)?)$`, "−$1,$2,$3"}, {`^(\d+)(\d{3})(\d{3}(?:\.\d+)?)$`, "+$1,$2,$3"},
		{`^-(\d+)(\d{3}(?:\.\d+)?)$`, "−$1,$2"}, {`^(\d+)(\d{3}(?:\.\d+)?)$`, "+$1,$2"},
		{`^-(.+)$`, "−$1"}, {`^(\d.*)$`, "+$1"},
	})
}

// commas are the mappings that write commas between the thousands of a number that has
// a unit: Grafana writes them for numbers without one only.
func (s scale) commas() []dashboard.ValueMapping {
	return s.written([][2]string{
		{`^(\d+)(\d{3})(\d{3})$`, "$1,$2,$3"}, {`^(\d+)(\d{3})$`, "$1,$2"}, {`^(\d+)$`, "$1"},
	})
}

// written are mappings from patterns to words, with the unit behind them.
func (s scale) written(patterns [][2]string) []dashboard.ValueMapping {
	unit := strings.TrimPrefix(strings.TrimPrefix(s.unit, "none"), "suffix:")
	none := map[string]dashboard.ValueMappingResult{"null": {Text: new("–")}} // a cell without a value, as a word
	all := []dashboard.ValueMapping{{ValueMap: &dashboard.ValueMap{Type: "value", Options: none}}}
	for _, p := range patterns {
		all = append(all, dashboard.ValueMapping{RegexMap: &dashboard.RegexMap{Type: "regex", Options: dashboard.DashboardRegexMapOptions{
			Pattern: "/" + p[0] + "/", Result: dashboard.ValueMappingResult{Text: new(p[1] + unit)}}}})
	}
	return all
}
