package boards

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"

	"withings-exporter/exporter"
)

// Rows about who is in bed, as notifications of a sleep mat tell.
const (
	isInBed  = "in_bed"
	gotIn    = "got_in_bed_timestamp_seconds"
	gotOut   = "got_out_of_bed_timestamp_seconds"
	bedSteps = "5m" // of the chart
	bedDays  = "7d" // that it shows, whatever the dashboard does
	// bedHours is for how long the last event says who is in bed.
	bedHours = 36
)

// ofBed reports whether a row is of bed events.
func ofBed(m *exporter.Metric) bool { return m.Service == exporter.Presence }

// needsMat is said where no bed event is known.
const needsMat = "No events in this time: needs a sleep mat, and notifications with --web.external-url"

// presence is who was in bed, and when.
func (b build) presence() row {
	return row{title: "In bed · $profile", whose: []string{isInBed}, panels: []panel{
		b.inBedNow(), b.inBedOverDays(), b.bedTimes(),
	}}
}

// inBedNow is the state at the end of the time shown, and since when.
func (b build) inBedNow() panel {
	one := func(name string, in bool) ask {
		return ask{series: series{row: mustRow(isInBed), scale: scale{unit: "time:ddd HH:mm", times: millisInSecond}}, name: name, text: b.inBedSince(in), once: true}
	}
	return lettered(14, 26, named(tile(panel{title: "Now", w: 4, h: 5, needs: "Nothing has arrived for 36 hours",
		about: "Whether the mat has noticed somebody in bed, and since when. After 36 hours without an event nothing is known.",
		asks:  []ask{one("In bed since", true), one("Out of bed since", false)}})))
}

// inBedOverDays is a bar for each time in bed.
func (b build) inBedOverDays() panel {
	s := series{row: mustRow(isInBed), scale: scale{unit: "none"}}
	words := map[string]dashboard.ValueMappingResult{
		"1":  {Text: new("In bed"), Color: new(deepColor), Index: new(int32(0))},
		"0":  {Text: new("Out of bed"), Color: new(grey), Index: new(int32(1))},
		"-1": {Text: new("Unknown"), Color: new("rgba(142, 142, 154, 0.15)"), Index: new(int32(2))},
	}
	p := panel{title: "In bed, past week", kind: "state-timeline", w: 20, h: 5, needs: needsMat, every: bedSteps, span: timespan{from: bedDays}, unit: "none",
		about:    "The past seven days as notifications of the mat tell. Nothing is known 36 hours after the last of them" + b.aboutScrapes() + ".",
		mappings: []dashboard.ValueMapping{{ValueMap: &dashboard.ValueMap{Type: "value", Options: words}}},
		asks:     []ask{{series: s, name: "Bed", text: b.bedState(s)}}}
	p.custom = statetimeline.FieldConfig{LineWidth: new(uint32(0)), FillOpacity: new(uint32(80))}
	p.options = statetimeline.Options{ShowValue: common.VisibilityModeNever, RowHeight: 0.6, MergeValues: new(true),
		AlignValue: new(common.TimelineValueAlignmentLeft), Legend: legend(), Tooltip: common.VizTooltipOptions{Mode: common.TooltipDisplayModeSingle}}
	return p
}

// aboutScrapes says what Prometheus cannot know.
func (b build) aboutScrapes() string {
	if b.source == Prometheus {
		return ", and while the exporter was not scraped"
	}
	return ""
}

// nightsOfBed is how many nights the table shows.
const nightsOfBed = 14

// bedTimes are what the mat noticed at once, beside what Withings made of the night
// later.
func (b build) bedTimes() panel {
	p := columns("", panel{title: "Bed times", w: columnsOfBoard, h: 9, needs: needsMat, daily: true, unit: clockTime,
		about: "The first time in bed and the last time out of it between one noon and the next, as notifications tell, beside when the night began and ended by its summary. " +
			"The last 14 nights, on the day of waking up."})
	order, names := map[string]any{"Time": 0}, map[string]any{"Time": "Day"}
	for i, c := range []tableColumn{{"Got in", gotIn}, {"Night from", nightStart}, {"Night until", nightEnd}, {"Got out", gotOut}} {
		a := b.measured(c.name, c.row).as(line)
		a.unit = clockTime
		p.asks = append(p.asks, a)
		p.overrides = append(p.overrides, override{name: c.name, properties: map[string]any{"noValue": "–", "custom.minWidth": 60}})
		order[c.name] = i + 1
	}
	p.overrides = append(p.overrides, override{name: "Day", properties: map[string]any{"unit": "time:ddd D MMM", "custom.width": 110, "custom.align": "left"}})
	p.transforms = []dashboard.DataTransformerConfig{joined(), sortedBy("Time", true), limited(nightsOfBed), organized(nil, order, names)}
	return p
}
