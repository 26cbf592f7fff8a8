package boards

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// doctor is one person's blood pressure on two pages of paper, for somebody who sees
// it for the first time: means with their number, the course, and the last readings.
func (b build) doctor() board {
	return board{
		slug: "doctor", title: "For the doctor", from: "now-90d", refresh: "15m", whose: []string{systolic}, alone: true,
		about: "One person's blood pressure, to be printed: means of 7, 14 and 30 days with the number of readings, mornings and evenings, the course and the last readings. Not a diagnosis.",
		rows: []row{{panels: []panel{
			b.patient(),
			b.meansOfDays(),
			b.bothPressures(),
			b.spread(),
			sized(7, 6, b.classOfWeek()),
			sized(7, 6, b.aboveThreshold()),
			b.lastReadings(),
		}}},
	}
}

// patient is whose readings these are, with room to write.
func (b build) patient() panel {
	s := schemeOf(b.Scheme)
	p := note(24, 5, "", "Whose readings these are. To write into it, choose Edit in the menu of this panel, or leave it to a pen. The link in the corner shows the page as it is printed: without margins, once at the top and once at the end, since a browser prints what is in view.",
		"### Blood pressure measured at home · $profile\n"+
			"Until ${__to:date:YYYY-MM-DD} · thresholds of "+s.String()+" · not a diagnosis\n\n"+
			"Name, date of birth: …………………………………………………………………………………………\n\n"+
			"Medication: …………………………………………………………………………………………………………\n\n"+
			"Notes: ………………………………………………………………………………………………………………")
	return titled(p, "To print: light and without menus", b.to("doctor")+"&theme=light&kiosk")
}

// spell is a line of the table of means.
type spell struct {
	code  int // by which lines are told apart and sorted
	words string
	readings
}

// spells are whole days, mornings and evenings of each number of days.
func spells() []spell {
	var all []spell
	for _, days := range []int{7, 14, 30} {
		for i, words := range []string{"", ", mornings", ", evenings"} {
			all = append(all, spell{10*days + i, fmt.Sprintf("%d days%s", days, words), readings{days, part(i)}})
		}
	}
	return all
}

// keyed is the column by which the lines of a table of means are told apart.
const keyed = "of"

// meansOfDays is a table of means: Prometheus answers a column at a time, InfluxDB a
// line.
func (b build) meansOfDays() panel {
	s := schemeOf(b.Scheme)
	p := columns("", panel{title: "Means", w: 24, h: 11, needs: needsCuff, unit: "none", decimals: wholePressure,
		about: "Means in mmHg and beats per minute of all readings of the last 7, 14 and 30 days, of those before noon, and of those from noon on, with their number. " +
			"Colours are the bands of " + s.String() + "." + b.aboutReadings()})
	names := map[string]dashboard.ValueMappingResult{}
	for _, one := range spells() {
		names[fmt.Sprint(one.code)] = dashboard.ValueMappingResult{Text: new(one.words)}
	}
	p.asks, p.transforms = b.tableOfMeans()
	p.overrides = append(p.overrides, pressureCells(s)...)
	p.overrides = append(p.overrides, override{name: "Mean of", properties: map[string]any{"custom.align": "left", "custom.width": 148,
		"mappings": []dashboard.ValueMapping{{ValueMap: &dashboard.ValueMap{Type: "value", Options: names}}}}})
	return narrow(p)
}

// pressureCells paint the columns of both pressures by their bands.
func pressureCells(s scheme) []override {
	painted := func(name string, limit func(class) float64) override {
		return override{name: name, properties: map[string]any{
			"thresholds": absolute(s.shown(limit)), "custom.cellOptions": map[string]any{"type": "color-text"}}}
	}
	return []override{painted("Systolic", class.upper), painted("Diastolic", class.lower)}
}

// bothPressures is a band from the diastolic to the systolic pressure.
func (b build) bothPressures() panel {
	high := schemeOf(b.Scheme).threshold()
	upper := b.average("Systolic, "+weekTrend, systolic, 7).paint(upperColor).as(bold)
	upper.below = "Diastolic, " + weekTrend
	return dashedAt(days(panel{title: "Course", w: 24, h: 7, needs: needsCuff,
		thresholds: bands("transparent", from(high.diastolic, lowerColor), from(high.systolic, upperColor)),
		about:      "Dots are the last reading of each day, the band reaches from the 7-day trend of the diastolic pressure to that of the systolic. Dashed: " + high.limits() + " mmHg. " + aboutTrends,
		asks: []ask{upper, b.average("Diastolic, "+weekTrend, diastolic, 7).paint(lowerColor).as(bold),
			b.measured("Systolic", systolic).paint(purple), b.measured("Diastolic", diastolic).paint(teal)}}))
}

// measuredTogether are the columns of a table of readings.
func measuredTogether() []struct{ name, row string } {
	return []struct{ name, row string }{{"Systolic", systolic}, {"Diastolic", diastolic}, {"Pulse", pulse}}
}

// classOfWeek is what the mean of a week is called.
func (b build) classOfWeek() panel {
	s := schemeOf(b.Scheme)
	p := tile(panel{title: "Class of 7 days", needs: needsCuff, mappings: []dashboard.ValueMapping{s.names()},
		about: "The class of the mean of 7 days by " + s.String() + ". Of few readings, a class says little. Not a diagnosis.",
		asks:  []ask{figure("Class", "none", b.ranked(s, pastWeek))}})
	return lettered(13, 18, p)
}

// spread is how far readings lie from each other.
func (b build) spread() panel {
	p := columns("", panel{title: "Range of 30 days", w: 10, h: 6, needs: needsCuff, unit: "none", decimals: wholePressure,
		about: "The lowest and the highest of the readings of the last 30 days, in mmHg and beats per minute, and their standard deviation (SD): about two thirds of readings lie no further than that from the mean."})
	p.asks, p.transforms = b.tableOfSpread()
	names := map[string]dashboard.ValueMappingResult{}
	for i, c := range measuredTogether() {
		names[fmt.Sprint(i)] = dashboard.ValueMappingResult{Text: new(c.name)}
	}
	p.overrides = []override{
		{name: "Reading", properties: map[string]any{"custom.align": "left", "custom.width": 85,
			"mappings": []dashboard.ValueMapping{{ValueMap: &dashboard.ValueMap{Type: "value", Options: names}}}}},
		{name: "SD", properties: map[string]any{"decimals": 1, "custom.minWidth": 68}},
		{name: "Lowest", properties: map[string]any{"custom.minWidth": 68}},
		{name: "Highest", properties: map[string]any{"custom.minWidth": 70}}, // three find room on paper
	}
	return narrow(p)
}

// lastReadings is a table of single readings, the newest first.
func (b build) lastReadings() panel {
	const most = 30
	high := schemeOf(b.Scheme).threshold()
	p := columns("", panel{title: "Last 30 readings", w: 24, h: 31, needs: needsCuff, unit: "none", decimals: wholePressure,
		about: fmt.Sprintf("The last readings, at most %d and not older than %d days, in mmHg and beats per minute. Coloured: systolic pressures of %s mmHg and more, diastolic ones of %s and more.",
			most, pastMonth.days, number(high.systolic), number(high.diastolic))})
	if b.source == Prometheus {
		p.asks = []ask{{text: listedPressures(pastMonth), table: true, once: true}}
		p.transforms = append(matrixBy(recordTime, recordTime), organized(map[string]any{recordTime: true}, map[string]any{"Measured": 0}, nil))
	} else {
		p.asks = []ask{{text: pressureColumns(pastMonth), table: true}}
		p.transforms = []dashboard.DataTransformerConfig{organized(nil, map[string]any{"Time": 0}, map[string]any{"Time": "Measured"})}
	}
	p.transforms = append(p.transforms, sortedBy("Measured", true), limited(most))
	marked := func(name string, from float64) override {
		return override{name: name, properties: map[string]any{"custom.cellOptions": map[string]any{"type": "color-text"},
			"thresholds": absolute(bands(ink, dashboard.Threshold{Value: new(from), Color: bad}))}}
	}
	p.overrides = []override{marked("Systolic", high.systolic), marked("Diastolic", high.diastolic), {name: "Measured", properties: map[string]any{
		"unit": "time:YYYY-MM-DD HH:mm", "custom.align": "left", "custom.width": 140}}}
	return narrow(p)
}

// narrow lets the columns of a table be as narrow as a page needs.
func narrow(p panel) panel {
	o := p.custom.(common.TableFieldOptions)
	o.MinWidth = new(80.0)
	p.custom = o
	return p
}

// tableOfMeans are the queries of the table of means.
func (b build) tableOfMeans() ([]ask, []dashboard.DataTransformerConfig) {
	if b.source == Prometheus {
		return []ask{{text: pressureMeansByKey(), table: true, once: true}}, matrixBy(keyed, "Mean of")
	}
	var asks []ask
	for _, one := range spells() {
		asks = append(asks, ask{text: pressureMeans(one.readings, one.code), table: true})
	}
	return asks, below("Mean of")
}

// tableOfSpread are the queries of the table of extremes.
func (b build) tableOfSpread() ([]ask, []dashboard.DataTransformerConfig) {
	if b.source == Prometheus {
		return []ask{{text: pressureSpreadByKey(pastMonth), table: true, once: true}}, matrixBy(keyed, "Reading")
	}
	var asks []ask
	for i, c := range measuredTogether() {
		asks = append(asks, ask{text: pressureSpread(c.row, pastMonth, i), table: true})
	}
	return asks, below("Reading")
}

// below puts InfluxDB's answers one below the other, sorted by their keys.
func below(key string) []dashboard.DataTransformerConfig {
	return []dashboard.DataTransformerConfig{merged(),
		organized(map[string]any{"Time": true}, map[string]any{keyed: 0}, map[string]any{keyed: key}), sortedBy(key, false)}
}

// matrixBy makes lines of the values of one label of Prometheus' answer, columns of
// those of another, and sorts by the former, as numbers.
func matrixBy(label, key string) []dashboard.DataTransformerConfig {
	lines := label + `\` + column
	order := map[string]any{lines: 0}
	for i, name := range []string{"Systolic", "Diastolic", "Pulse", "Readings", "Lowest", "Highest", "SD"} {
		order[name] = i + 1
	}
	return []dashboard.DataTransformerConfig{
		{Id: "groupingToMatrix", Options: map[string]any{"columnField": column, "rowField": label, "valueField": "Value", "emptyValue": "null"}},
		converted(conversion{column: lines, to: "number"}), organized(nil, order, map[string]any{lines: key}), sortedBy(key, false)}
}
