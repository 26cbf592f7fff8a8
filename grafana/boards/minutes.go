package boards

import (
	"fmt"
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// modelLabel tells the devices apart that saw a minute.
const modelLabel = "model"

// Rows of minutes that tell who has some.
const (
	minuteState = "sleep_minute_state"
	minuteSteps = "activity_intraday_steps"
	minutePulse = "activity_intraday_heart_rate_beats_per_minute"
	minuteSpO2  = "activity_intraday_spo2_ratio"
	minuteRMSSD = "activity_intraday_rmssd_seconds"
)

// Lengths of steps in minutes, and how long a line goes on without a sample.
const (
	aMinute     = 1
	fiveMinutes = 5
	anHour      = 60
	nightGap    = 5
	dayGap      = 60
)

const (
	needsNightMinutes = "Needs a sleep mat or a watch"
	needsWatchMinutes = "Needs a watch that measures it by day"
)

// minuteByMinute is a night and a day as devices saw them.
func (b build) minuteByMinute() board {
	return board{
		slug: "minutes", title: "Minute by minute", from: "now-24h", refresh: "5m", whose: []string{minuteState, minuteSteps, minutePulse},
		about: "A night and a day as devices saw them, minute by minute: stages of sleep, heart rate, breathing, steps." + b.aboutMinutes(),
		rows: []row{
			{title: "Night · $profile", whose: []string{minuteState}, panels: []panel{
				b.newestMinute(),
				titled(b.hypnogram(), "All nights", b.person("sleep")),
				b.ofNight(7, panel{title: "Heart rate at night", needs: needsNightMinutes, about: "Heart rate in each minute, dashed for a watch."},
					trace{row: "sleep_minute_heart_rate_beats_per_minute", color: heartColor}),
				b.ofNight(5, panel{title: "Breathing at night", needs: needsNightMinutes, about: "Breaths in each minute, dashed for a watch."},
					trace{row: "sleep_minute_respiratory_rate_breaths_per_minute", color: breathColor}),
				b.ofNight(5, panel{title: "Snoring", needs: "Needs a sleep mat", min: new(0.0), max: new(60.0),
					about: "Time snoring, or with breathing sounds, in each minute. Where there is no line, nothing listened."},
					trace{row: "sleep_minute_snoring_seconds", color: brown, look: area},
					trace{prefix: "Breathing sounds", row: "sleep_minute_breathing_sounds_seconds", color: purple}),
				b.ofNight(5, panel{title: "Movement", needs: "Needs a sleep mat that measures movement", min: new(0.0), about: "Withings' score of movement in each minute, 0 to 255."},
					trace{row: "sleep_minute_movement_score", color: awakeColor, look: area}),
				b.ofNight(6, panel{title: "Variability at night", needs: "Needs a device that measures heart-rate variability",
					about: "RMSSD and SDNN in the minutes in which they could be measured."},
					trace{prefix: "RMSSD", row: "sleep_minute_rmssd_seconds", color: variabilityColor, look: dots},
					trace{prefix: "SDNN", row: "sleep_minute_sdnn_seconds", color: teal, look: dots}),
			}},
			{title: "Day · $profile", whose: []string{minuteSteps, minutePulse}, panels: []panel{
				b.pulseOfDay(),
				b.stepped("Steps, five minutes each", fiveMinutes, "Steps in each five minutes, of each device: two may count the same ones."),
				b.stepped("Steps by the hour", anHour, "Steps in each hour, of each device: two may count the same ones."),
			}},
			{title: "More by day · $profile", whose: []string{minuteSpO2, minuteRMSSD}, panels: []panel{
				b.ofDay(panel{title: "Blood oxygen", max: new(1.0), about: "Oxygen saturation of the blood."}, trace{row: minuteSpO2, color: oxygenColor}),
				b.ofDay(panel{title: "Variability", about: "Heart-rate variability."},
					trace{prefix: "RMSSD", row: minuteRMSSD, color: variabilityColor}, trace{prefix: "SDNN", row: "activity_intraday_sdnn_seconds", color: teal}),
				b.ofDay(panel{title: "Temperature", about: "Core body temperature."}, trace{row: "activity_intraday_core_body_temperature_celsius", color: temperatureColor}),
				b.ofDay(panel{title: "Breathing", about: "Respiratory rate."}, trace{row: "activity_intraday_respiratory_rate_breaths_per_minute", color: breathColor}),
			}},
		},
	}
}

// aboutMinutes says what Prometheus cannot know.
func (b build) aboutMinutes() string {
	if b.source == Prometheus {
		return " Prometheus has all of them after an import with backfill --minutes; without, it has the newest sample of each poll, and neither stages nor steps."
	}
	return ""
}

// fillsMinutes says how charts fill that cannot do with the newest sample of each poll.
func (b build) fillsMinutes() string {
	if b.source == Prometheus {
		return "Fills with what backfill --minutes imports."
	}
	return ""
}

// trace is a line for each device.
type trace struct {
	prefix string // before the device's name
	row    string
	color  string // with shades for further devices
	look   look
}

// traced is what of a row was measured in each step.
func (b build) traced(t trace, which statistic, minutes int) ask {
	s := b.series(t.row)
	s.by = modelLabel
	return ask{series: s, prefix: t.prefix, text: b.sampled(which, s, minutes), color: t.color, look: t.look}
}

// axisWidth is that of the longest name of a state, so that charts below each other agree.
const axisWidth = 72.0

// chart has steps of so many minutes, and lines that end where nothing was measured for
// some minutes.
func (b build) chart(p panel, minutes, gap int) panel {
	p = lines(p)
	field := line.field()
	field.SpanNulls = &common.BoolOrFloat64{Float64: new(float64(gap * secondsInMinute * millisInSecond))}
	field.AxisWidth, field.BarAlignment = new(axisWidth), new(common.BarAlignmentAfter)
	p.custom, p.every, p.fine = field, fmt.Sprintf("%dm", minutes), true
	return p
}

// ofNight has what was measured in each minute of a night, as wide as its stages.
func (b build) ofNight(h uint32, p panel, traces ...trace) panel {
	p.w, p.h, p.fills = columnsOfBoard, h, b.fillsMinutes()
	for _, t := range traces {
		p.asks = append(p.asks, b.traced(t, averageOf, aMinute))
	}
	return dashedForWatches(b.chart(p, aMinute, nightGap))
}

// dashedForWatches tells the line of a watch from that of a mat: both may see a night.
func dashedForWatches(p panel) panel {
	p.overrides = append(p.overrides, override{matcher: "byRegexp", name: "/^(?!.*(Aura|Sleep)).*$/", properties: map[string]any{
		"custom.lineStyle": common.LineStyle{Fill: new(common.LineStyleFillDash), Dash: []float64{3, 3}}}})
	return p
}

// ofDay has means of five minutes.
func (b build) ofDay(p panel, traces ...trace) panel {
	p.w, p.h, p.needs = columnsOfBoard/2, 7, needsWatchMinutes
	p.about += " Means of five minutes, as the device measured by itself."
	for _, t := range traces {
		t.look = dots
		p.asks = append(p.asks, b.traced(t, averageOf, fiveMinutes))
	}
	return b.chart(p, fiveMinutes, dayGap)
}

// pulseOfDay is of all devices: a person has one heart.
func (b build) pulseOfDay() panel {
	s := b.series(minutePulse)
	s.by = ""
	one := func(name string, which statistic, l look) ask {
		return ask{series: s, name: name, text: b.sampled(which, s, fiveMinutes), color: heartColor, look: l}
	}
	low, mean, high := one("Lowest", lowestOf, line), one("Mean", averageOf, bold), one("Highest", highestOf, line)
	high.below, mean.color = low.name, meanColor
	p := b.chart(panel{title: "Heart rate", w: columnsOfBoard, h: 8, needs: "Needs a watch", asks: []ask{low, high, mean},
		about: "Lowest, mean and highest heart rate of each five minutes. A watch measures about every ten minutes, in a workout all the time."}, fiveMinutes, dayGap)
	p.overrides = []override{{name: mean.name, properties: map[string]any{"custom.lineInterpolation": common.LineInterpolationLinear}}} // no mean above the highest
	return p
}

// stepped are the steps of devices.
func (b build) stepped(title string, minutes int, about string) panel {
	p := b.chart(panel{title: title, w: columnsOfBoard, h: 7, needs: "Needs a watch, a tracker or a phone", fills: b.fillsMinutes(), min: new(0.0), about: about}, minutes, dayGap)
	p.asks = []ask{b.traced(trace{row: minuteSteps, color: stepColor, look: bars}, sumOf, minutes)}
	return p
}

// states are those of a minute in bed, and how high they are drawn: the deeper the sleep,
// the lower, and at the bottom sleep without a stage.
var states = []struct {
	code, level float64
	name, color string
}{
	{code: 15, level: 5, name: "Out of bed", color: grey},
	{code: 0, level: 4, name: "Awake", color: awakeColor},
	{code: 3, level: 3, name: "REM", color: remColor},
	{code: 1, level: 2, name: "Light", color: lightColor},
	{code: 2, level: 1, name: "Deep", color: deepColor},
	{code: 4, level: 0, name: "Entered by hand", color: teal},
	{code: 5, level: 0, name: "No stage", color: teal},
}

// statesNamed gives numbers the names and colours of states.
func statesNamed(numbers func(code, level float64) float64) []dashboard.ValueMapping {
	words := map[string]dashboard.ValueMappingResult{}
	for i, s := range states {
		words[number(numbers(s.code, s.level))] = dashboard.ValueMappingResult{Text: new(s.name), Color: new(s.color), Index: new(int32(i))}
	}
	return []dashboard.ValueMapping{{ValueMap: &dashboard.ValueMap{Type: "value", Options: words}}}
}

// hypnogram is the state of each minute, for each device.
func (b build) hypnogram() panel {
	p := b.chart(panel{title: "Stages", w: columnsOfBoard, h: 7, needs: needsNightMinutes, fills: b.fillsMinutes(), unit: "none", decimals: new(0.0),
		about:    "What each device took each minute for: the deeper the sleep, the lower the line, which is dashed for a watch. It may differ from the night's summary, which Withings makes later.",
		mappings: statesNamed(func(_, level float64) float64 { return level }), colors: dashboard.FieldColorModeIdThresholds,
		asks: []ask{{series: series{row: mustRow(minuteState), by: modelLabel, scale: scale{unit: "none"}}, text: b.depth()}}}, aMinute, nightGap)
	field := p.custom.(common.GraphFieldConfig)
	field.LineInterpolation, field.GradientMode = new(common.LineInterpolationStepAfter), new(common.GraphGradientModeScheme)
	field.LineWidth, field.AxisSoftMin, field.AxisSoftMax = new(3.0), new(1.0), new(5.0)
	p.custom = field
	for _, s := range slices.Backward(states) {
		if len(p.thresholds) == 0 {
			p.thresholds = bands(s.color)
		} else if s.level > 0 {
			p.thresholds = append(p.thresholds, from(s.level-0.5, s.color))
		}
	}
	return dashedForWatches(p)
}

// stateHours is for how long a state says something.
const stateHours = 12

// newestMinute is the state in the newest minute of each device, and when that was.
func (b build) newestMinute() panel {
	s := series{row: mustRow(minuteState), by: modelLabel, scale: scale{unit: "none"}}
	at := ask{series: series{row: s.row, scale: scale{unit: "time:ddd HH:mm"}}, name: "At", text: b.newestStateAt(), once: true}
	return lettered(14, 22, named(tile(panel{title: "Newest minute", w: columnsOfBoard, h: 3, needs: "Nothing of the last 12 hours",
		mappings: statesNamed(func(code, _ float64) float64 { return code }),
		about:    "The state in the newest minute that each device has told of, and when the newest of all was. After 12 hours it says nothing.",
		asks:     []ask{{series: s, text: b.newestState(), once: true}, at}})))
}
