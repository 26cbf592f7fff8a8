package boards

import (
	"slices"
)

// build is what the boards are made with: the language of their data source and
// the choice.
type build struct {
	source Source
	language
	Choice
}

// Page is a board as Grafana reads it.
type Page struct {
	Slug string // part of the uid, and the name of the file
	JSON map[string]any
}

// Pages are all boards for a data source.
func Pages(source Source, c Choice) ([]Page, error) {
	b := build{source: source, language: languageOf(source), Choice: c}
	var pages []Page
	for _, page := range b.boards() {
		dashboard, err := generic(page.render(source, c))
		if err != nil {
			return nil, err
		}
		dashboard["annotations"] = map[string]any{"list": annotations(source, append(b.happened(page.slug), page.notes...))}
		pages = append(pages, Page{page.slug, dashboard})
	}
	return pages, nil
}

// boards are all boards, in the order of the link bar.
func (b build) boards() []board {
	return []board{b.overview(), b.together(), b.body(), b.composition(), b.heart(), b.doctor(), b.sleep(), b.signals(), b.activity(), b.minuteByMinute(), b.longView(), b.exporterBoard()}
}

// series is a row as a panel shows it.
func (b build) series(name string) series {
	m := mustRow(name)
	s := series{row: m, scale: scaleOf(b.Units, m)}
	if i := slices.IndexFunc(m.Labels, func(l string) bool { return l != "position" && l != "day" }); i >= 0 {
		s.by = m.Labels[i]
	}
	return s
}

// newest asks for the newest value.
func (b build) newest(name, row string) ask {
	s := b.series(row)
	return ask{series: s, name: name, text: b.latest(s), once: true}
}

// measured asks for the values of days, as dots.
func (b build) measured(name, row string) ask {
	s := b.series(row)
	return ask{series: s, name: name, text: b.language.daily(s), look: dots}
}

// soFar asks for the running day.
func (b build) soFar(row string) ask {
	s := b.series(row)
	return ask{series: s, name: "Today", text: b.today(s), once: true}
}

// finished asks for the days that are over; the newest of them is yesterday.
func (b build) finished(row string) ask {
	s := b.series(row)
	return ask{series: s, name: "Yesterday", text: b.complete(s)}
}

// found asks for results.
func (b build) found(name, row string) ask {
	s := b.series(row)
	return ask{series: s, name: name, text: b.result(s)}
}

// past asks for the value that held on each day.
func (b build) past(name, row string) ask {
	s := b.series(row)
	return ask{series: s, name: name, text: b.course(s)}
}

// average asks for the mean of days.
func (b build) average(name, row string, days int) ask {
	s := b.series(row)
	return ask{series: s, name: name, text: b.mean(s, days)}
}

// week asks for the sum of seven days that are over.
func (b build) week(name, row string) ask {
	s := b.series(row)
	return ask{series: s, name: name, text: b.sum(s, 7)}
}

// perWeek asks for the change from week to week.
func (b build) perWeek(name, row string) ask {
	s := b.series(row)
	s.scale = s.changed()
	return ask{series: s, name: name, text: b.weekly(s, b.WeekStart)}
}

// halfDay asks for mornings, or for evenings.
func (b build) halfDay(name, row string, of part) ask {
	s := b.series(row)
	return ask{series: s, name: name, text: b.half(s, of), look: dots}
}

// number asks for the newest value without its unit, where there is no room for
// it beside each number.
func (b build) number(name, row string) ask {
	s := b.series(row)
	s.scale, _ = s.bare()
	return ask{series: s, name: name, text: b.latest(s), once: true}
}

// aged asks when a row was last measured.
func (b build) aged(row string) ask {
	m := mustRow(row)
	return ask{series: series{row: m, scale: scale{unit: "dateTimeFromNow"}}, name: "Measured", text: b.age(m), once: true}
}

// change asks how far something moved in the time shown; its name says since when.
func (b build) change(row string) ask {
	s := b.series(row)
	s.scale = s.changed()
	return ask{series: s, name: "Change", shown: "Since " + sinceWhen, text: b.moved(s), once: true}
}

// goalLine draws a goal across a chart.
func (b build) goalLine(p panel, row string) panel {
	goal := b.series(row)
	p.asks = append(p.asks, ask{series: goal, name: "Goal", text: b.level(p.asks[0].series, goal), color: goalColor, look: dashed})
	return p
}

// noted asks for a statistic of readings.
func (b build) noted(name, row string, which statistic, where readings) ask {
	s := b.series(row)
	if which == countOf {
		return figure(name, "none", b.readings(which, s, where))
	}
	return ask{series: s, name: name, text: b.readings(which, s, where), once: true}
}

// figure is one value that is not in the unit of a row.
func figure(name, unit, text string) ask {
	return ask{series: series{scale: scale{unit: unit}}, name: name, text: text, once: true}
}

// reached asks on which day a goal will be reached.
func (b build) reached(name, row, goal string) ask {
	return ask{series: series{row: mustRow(row), scale: scale{unit: "time:D MMM YYYY"}}, name: name, text: b.forecast(b.series(row), b.series(goal)), once: true}
}
