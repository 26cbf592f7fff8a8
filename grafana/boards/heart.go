package boards

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
)

// heart is blood pressure, pulse, vessels and ECG.
func (b build) heart() board {
	name := schemeOf(b.Scheme).String()
	return board{
		slug: "heart", title: "Heart", from: "now-180d", refresh: "15m", whose: []string{systolic, pulse, "pulse_wave_velocity_meters_per_second", "spo2_ratio", "ecg_atrial_fibrillation_class"},
		about: "Blood pressure with the classes of " + name + ", pulse, vessels and ECG. Not a diagnosis.",
		rows: []row{
			{panels: []panel{note(24, 2, "", "What these dashboards are not.",
				"**Not a diagnosis.** Readings at home differ from those at a doctor's, and bands on a chart know nothing about you. Talk to a doctor about anything that worries you.")}},
			{title: "Blood pressure · $profile", each: true, panels: []panel{
				b.pressureChart("Systolic", systolic, upperColor, needsCuff, func(c class) float64 { return c.systolic }),
				b.pressureChart("Diastolic", diastolic, lowerColor, needsCuff, func(c class) float64 { return c.diastolic }),
				withMeans(days(panel{title: "Morning against evening", w: 9, h: 11, needs: needsCuff,
					about: "Blood pressure in the morning (4 to 12 o'clock) and in the evening (16 to 2 o'clock). InfluxQL does not know the hour: there, the first and last reading of each day that has more than one.",
					asks: []ask{
						b.halfDay("Morning, upper", systolic, morning).paint(morningColor),
						b.halfDay("Evening, upper", systolic, evening).paint(eveningColor),
						b.halfDay("Morning, lower", diastolic, morning).paint(morningColor),
						b.halfDay("Evening, lower", diastolic, evening).paint(eveningColor),
					}})),
				b.distribution(name, needsCuff),
				b.scatter(needsCuff),
			}},
			{title: "Pulse, vessels and oxygen · $profile", each: true, panels: []panel{
				days(panel{title: "Pulse", w: 8, h: 8, needs: "Needs a scale or a monitor that measures the pulse",
					about: "Pulse of single readings: the last of each day. " + aboutMeans,
					asks: []ask{b.measured("Reading", pulse).paint(heartColor),
						b.average("30-day mean", pulse, 30).paint(heartColor).as(bold)}}),
				days(panel{title: "Pulse wave velocity", w: 8, h: 8, needs: "Needs a scale that measures pulse wave velocity",
					about: "Speed of the pulse wave: the stiffer the blood vessels, the faster.",
					asks: []ask{b.measured("Reading", "pulse_wave_velocity_meters_per_second").paint(purple),
						b.average("30-day mean", "pulse_wave_velocity_meters_per_second", 30).paint(purple).as(bold)}}),
				days(panel{title: "Blood oxygen", w: 8, h: 8, needs: "Needs a watch that measures oxygen", max: new(1.0),
					about: "Oxygen saturation of the blood: the last reading of each day.",
					asks:  []ask{b.measured("Reading", "spo2_ratio").paint(blue), b.average("30-day mean", "spo2_ratio", 30).paint(blue).as(bold)}}),
				days(panel{title: "ECG intervals", w: 8, h: 7, needs: "Needs a device that records an ECG",
					about: "Intervals of the ECGs. Withings gives no unit; milliseconds are assumed.",
					asks: []ask{
						b.measured("QRS", "ecg_qrs_interval_seconds").paint(blue),
						b.measured("PR", "ecg_pr_interval_seconds").paint(purple),
						b.measured("QT", "ecg_qt_interval_seconds").paint(orange),
						b.measured("QTc", "ecg_corrected_qt_interval_seconds").paint(red),
					}}),
				b.rhythm(),
			}},
			b.rest("heart"),
		},
	}
}

// pressureChart is one of the two pressures over the bands of its classes.
func (b build) pressureChart(title, row, color, needs string, limit func(class) float64) panel {
	var steps []dashboard.Threshold
	for i, c := range schemeOf(b.Scheme).classes {
		if i == 0 {
			steps = bands(c.color)
			continue
		}
		if i > 1 && limit(c) == *steps[len(steps)-1].Value {
			steps[len(steps)-1].Color = c.color // this pressure does not tell the two apart
			continue
		}
		steps = append(steps, from(limit(c), c.color))
	}
	return banded(days(panel{title: title, w: 12, h: 10, needs: needs, thresholds: steps,
		about: "The last reading of each day and the 30-day mean, over the bands of " + schemeOf(b.Scheme).String() + ". " + aboutMeans,
		asks:  []ask{b.measured("Reading", row).paint(color), b.average("30-day mean", row, 30).paint(color).as(bold)}}))
}

// distribution counts the readings of each class.
func (b build) distribution(name, needs string) panel {
	p := ring(panel{title: "Readings by class", w: 8, h: 11, needs: needs, unit: "none", colors: dashboard.FieldColorModeIdFixed,
		about: "How many readings in the time shown belong to each class of " + name + ". The higher of the two pressures decides. With Prometheus, at most one reading counts for each half day."})
	for _, c := range schemeOf(b.Scheme).classes {
		p.asks = append(p.asks, ask{name: c.name, text: b.classified(c, readings{}), once: true, color: c.color,
			series: series{row: mustRow(systolic), scale: scale{unit: "none"}}})
	}
	return p
}

// rhythm is what the ECGs said.
func (b build) rhythm() panel {
	p := panel{title: "Rhythm", kind: "state-timeline", w: 16, h: 7, needs: "Needs a device that records an ECG", daily: true,
		about:    "Result of the last ECG, and of the last background check by a watch. Not a diagnosis.",
		mappings: []dashboard.ValueMapping{ecgResults()}, unit: "none",
		asks: []ask{b.found("ECG", "ecg_atrial_fibrillation_class"), b.found("Background", "ppg_atrial_fibrillation_class")},
	}
	p.custom = statetimeline.FieldConfig{LineWidth: new(uint32(0)), FillOpacity: new(uint32(80))}
	p.options = statetimeline.Options{ShowValue: common.VisibilityModeNever, RowHeight: 0.6, MergeValues: new(true),
		AlignValue: new(common.TimelineValueAlignmentLeft), Legend: legend(), Tooltip: common.VizTooltipOptions{Mode: common.TooltipDisplayModeSingle}}
	return p
}

// ecgResults are the codes of measure type 130.
func ecgResults() dashboard.ValueMapping {
	results := map[string]dashboard.ValueMappingResult{
		number(notRecorded): {Text: new("None: needs a device that records ECGs"), Color: new("rgba(142, 142, 154, 0.15)")},
	}
	for code, result := range [][2]string{
		{"Sinus rhythm", good}, {"Atrial fibrillation", bad}, {"Inconclusive", unknown}, {"No signal", unknown}, {"Other", unknown}, {"Noise", unknown},
		{"Low heart rate", warning}, {"High heart rate", warning}, {"Inconclusive", unknown}, {"Sinus rhythm", good},
		{"Sinus rhythm, high rate", warning}, {"Atrial fibrillation", bad}, {"Atrial fibrillation, high rate", bad}, {"No diagnosis", unknown},
	} {
		results[number(float64(code))] = dashboard.ValueMappingResult{Text: new(result[0]), Color: new(result[1]), Index: new(int32(code))}
	}
	return dashboard.ValueMapping{ValueMap: &dashboard.ValueMap{Type: "value", Options: results}}
}
