package boards

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// howMany days or weeks are shown of the best.
const howMany = 5

// bestDays are the days with most of something.
func (b build) bestDays(title, row, needs string) panel {
	s := b.series(row)
	return best("Day", "time:ddd, D MMM YYYY", panel{title: title, needs: needs,
		about: "The five highest days of the time shown. Today does not count.",
		asks:  []ask{{series: s, name: words(s.row), text: b.complete(s)}}})
}

// bestWeeks are the weeks with most of something.
func (b build) bestWeeks(title, row, needs string) panel {
	s := b.series(row)
	return best("Week from", "time:ddd, D MMM YYYY", panel{title: title, needs: needs,
		about: "The five highest weeks of those that begin in the time shown. The week that runs counts up to yesterday.",
		asks:  []ask{{series: s, name: words(s.row), text: b.language.weeks(s, b.WeekStart)}}})
}

// best is a table of the highest values and when they were.
func best(when, unit string, p panel) panel {
	p.daily = true
	p = columns("", p)
	name := p.asks[0].name
	p.transforms = []dashboard.DataTransformerConfig{
		sortedBy(name, true),
		limited(howMany),
		organized(nil, nil, map[string]any{"Time": when}),
	}
	p.overrides = append(p.overrides, override{name: when, properties: map[string]any{"unit": unit, "custom.width": 150}},
		override{matcher: "byRegexp", name: "/.*/", properties: map[string]any{"custom.minWidth": 100}}) // half a narrow panel, or digits are cut off
	return p
}

// streaks is for how many days a goal was reached, one after the other.
func (b build) streaks(title, row, goal, needs string) panel {
	one := func(name string, longest bool) ask {
		return ask{series: series{row: mustRow(row), scale: scale{unit: "suffix: days"}}, name: name,
			text: b.streak(b.series(row), b.series(goal), longest), once: true}
	}
	return lettered(14, 30, named(tile(panel{title: title, needs: needs, colors: dashboard.FieldColorModeIdFixed, fixed: goalColor, decimals: new(0.0),
		mappings: []dashboard.ValueMapping{{ValueMap: &dashboard.ValueMap{Type: "value", Options: map[string]dashboard.ValueMappingResult{"1": {Text: new("1 day")}}}}},
		about:    "Days in a row on which the goal was reached: up to yesterday, and the longest streak of the time shown. A day without data ends a streak.",
		asks:     []ask{one("Now", false), one("Longest", true)}})))
}

// yearTotals are those of this year and of the last, up to the same date.
func (b build) yearTotals(title, row, color, needs string) panel {
	s := b.series(row)
	switch s.unit { // words have no unit of Grafana's
	case "lengthm":
		s.scale = scale{unit: "suffix: m"}
		if row == "activity_distance_meters" {
			s.scale = scale{unit: "suffix: km", over: 1000}
		}
	case "lengthmi":
		s.unit = "suffix: mi"
	case "lengthft":
		s.unit = "suffix: ft"
	}
	one := func(name string, which year) ask {
		s := s
		if which == yearAhead {
			s.scale = s.changed()
			s.places = ones
		}
		grouped := s.unit != counted && !s.change
		s.whole = grouped
		return ask{series: s, name: name, text: b.yearToDate(s, which), once: true, grouped: grouped}
	}
	return lettered(12, 14, named(tile(panel{title: title, needs: needs, colors: dashboard.FieldColorModeIdFixed, fixed: color, decimals: new(0.0),
		about: "The total of this year up to yesterday, that of the year before up to the same date, and the difference.",
		asks:  []ask{one("This year", yearSoFar), one("By now last year", yearBefore), one("Difference", yearAhead)}})))
}
