package boards

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
)

// heart is blood pressure, pulse, vessels and ECG.
func (b build) heart() board {
	return board{
		slug: "heart", title: "Heart", from: "now-180d", refresh: "15m", whose: []string{systolic, pulse, "pulse_wave_velocity_meters_per_second", "spo2_ratio", "ecg_atrial_fibrillation_class", recordedAt},
		more:  []dashboard.VariableModel{exporterAddress()},
		about: "Blood pressure beside the thresholds of " + schemeOf(b.Scheme).String() + "; pulse, vessels and ECG. Not a diagnosis.",
		rows: []row{
			{panels: []panel{note(24, 3, "", "What these dashboards are not.",
				"**Not a diagnosis.** Readings at home differ from a doctor's, and bands on a chart know nothing about you. Ask a doctor about what worries you.")}},
			{title: "Blood pressure · $profile", whose: []string{systolic}, panels: []panel{
				titled(sized(10, 4, b.weekOfPressure()), "For the doctor, to print", b.to("doctor")),
				sized(7, 4, b.classOfWeek()),
				sized(7, 4, b.aboveThreshold()),
				b.pressureChart("Systolic", systolic, upperColor, class.upper),
				b.pressureChart("Diastolic", diastolic, lowerColor, class.lower),
				withMeans(days(panel{title: "Morning against evening", w: 9, h: 11, needs: needsCuff,
					about: "The last reading of each morning, before noon, and of each afternoon or evening. Beside the names, their means and how many there are.",
					asks: []ask{
						b.halfDay("Morning, systolic", systolic, morning).paint(morningColor),
						b.halfDay("Evening, systolic", systolic, evening).paint(eveningColor),
						b.halfDay("Morning, diastolic", diastolic, morning).paint(lowMorningColor),
						b.halfDay("Evening, diastolic", diastolic, evening).paint(lowEveningColor),
					}})),
				b.distribution(),
				b.pulsePressure(),
			}},
			{title: "Pulse · $profile", each: true, panels: []panel{
				days(panel{title: "Pulse", w: 24, h: 7, needs: "Needs a scale or a monitor that measures pulse",
					about: "Pulse of single readings: the last of each day. " + aboutMeans,
					asks: []ask{b.measured("Reading", pulse).paint(heartColor),
						b.average("30-day mean", pulse, 30).paint(heartColor).as(bold)}}),
			}},
			{title: "Vessels, oxygen · $profile", whose: []string{"pulse_wave_velocity_meters_per_second", "spo2_ratio"}, panels: []panel{
				days(panel{title: "Pulse wave velocity", w: 12, h: 8, needs: "Needs a scale that measures pulse wave velocity",
					about: "Speed of the pulse wave: the stiffer the blood vessels, the faster.",
					asks: []ask{b.measured("Reading", "pulse_wave_velocity_meters_per_second").paint(purple),
						b.average("30-day mean", "pulse_wave_velocity_meters_per_second", 30).paint(purple).as(bold)}}),
				days(panel{title: "Blood oxygen", w: 12, h: 8, needs: "Needs a watch that measures oxygen", max: new(1.0),
					about: "Oxygen saturation of the blood: the last reading of each day.",
					asks:  []ask{b.measured("Reading", "spo2_ratio").paint(oxygenColor), b.average("30-day mean", "spo2_ratio", 30).paint(oxygenColor).as(bold)}}),
			}},
			{title: "ECG · $profile", whose: []string{"ecg_atrial_fibrillation_class", "ppg_atrial_fibrillation_class", recordedAt}, panels: []panel{
				b.recordingsOverTime(),
				b.recordings(),
				days(panel{title: "ECG intervals", w: 8, h: 7, needs: needsECG,
					about: "Intervals of the ECGs. Withings gives no unit; milliseconds are assumed.",
					asks: []ask{
						b.measured("QRS", "ecg_qrs_interval_seconds").paint(blue),
						b.measured("PR", "ecg_pr_interval_seconds").paint(purple),
						b.measured("QT", "ecg_qt_interval_seconds").paint(brown),
						b.measured("QTc", "ecg_corrected_qt_interval_seconds").paint(rose),
					}}),
				b.rhythm(),
			}},
			b.rest("heart"),
		},
	}
}

// Pressures are shown without decimals: a monitor measures whole mmHg.
var wholePressure = new(0.0)

// Guidelines classify the mean of several days, measured in the morning and in the
// evening: that of a week. What is said of single readings is of a month.
var (
	pastWeek  = readings{days: 7}
	pastMonth = readings{days: 30}
)

// unitless leaves the unit to the heading.
func (a ask) unitless() ask {
	a.scale, _ = a.bare()
	return a
}

// absolute are thresholds as an override has them.
func absolute(steps []dashboard.Threshold) dashboard.ThresholdsConfig {
	return dashboard.ThresholdsConfig{Mode: dashboard.ThresholdsModeAbsolute, Steps: steps}
}

// weekOfPressure is the mean that is classified, and of how many readings it is.
func (b build) weekOfPressure() panel {
	s := schemeOf(b.Scheme)
	p := named(tile(panel{title: "Mean of 7 days, mmHg", needs: needsCuff, decimals: wholePressure,
		about: "Mean of all readings of the last 7 days, in the colours of the bands of " + s.String() + ", and how many those are. " +
			"Measure twice in the morning and twice in the evening: the mean of a few readings says little." + b.aboutReadings() + " Not a diagnosis.",
		asks: []ask{
			b.noted("Systolic", systolic, averageOf, pastWeek).unitless(),
			b.noted("Diastolic", diastolic, averageOf, pastWeek).unitless(),
			b.noted("Readings", systolic, countOf, pastWeek),
		}}))
	p.overrides = []override{
		{name: "Systolic", properties: map[string]any{"thresholds": absolute(s.shown(class.upper))}},
		{name: "Diastolic", properties: map[string]any{"thresholds": absolute(s.shown(class.lower))}},
	}
	return lettered(13, 22, p)
}

// aboveThreshold is how often a reading reaches the pressures of hypertension.
func (b build) aboveThreshold() panel {
	s := schemeOf(b.Scheme)
	high := s.threshold()
	return tile(panel{title: "At or above " + high.limits(), needs: needsCuff, unit: "percentunit", decimals: new(0.0),
		about: "Of the readings of the last 30 days, how many have a systolic pressure of " + number(high.systolic) + " mmHg or more, or a diastolic one of " +
			number(high.diastolic) + " mmHg or more: there, hypertension begins for means by " + s.String() + ".",
		asks: []ask{figure("Share", "percentunit", b.share(high, pastMonth))}})
}

// pressureChart is one of the two pressures over the bands of the scheme.
func (b build) pressureChart(title, row, color string, limit func(class) float64) panel {
	return banded(days(panel{title: title, w: 12, h: 10, needs: needsCuff, thresholds: schemeOf(b.Scheme).steps(limit),
		about: "The last reading of each day and its trends of 7 and 30 days, over the bands of " + schemeOf(b.Scheme).String() +
			". A class belongs to a mean; a single dot in a band says little. " + aboutTrends,
		asks: []ask{b.measured("Reading", row).paint(color), b.average(weekTrend, row, 7).paint(color).as(line), b.average(monthTrend, row, 30).paint(meanColor).as(bold)}}))
}

// aboutReadings says how Prometheus tells readings apart.
func (b build) aboutReadings() string {
	if b.source == Prometheus {
		return " Readings within five minutes count as one, the last."
	}
	return ""
}

// distribution counts the readings in the range of each class.
func (b build) distribution() panel {
	s := schemeOf(b.Scheme)
	p := ring(panel{title: "Readings of 30 days, by range", w: 8, h: 11, needs: needsCuff, unit: "none", colors: dashboard.FieldColorModeIdFixed,
		about: "How many readings of the last 30 days lie in the range of each class of " + s.String() + ". The higher of the two pressures decides. " +
			"A range is not a class: that belongs to the mean of several days." + b.aboutReadings()})
	for _, c := range s.classes {
		p.asks = append(p.asks, figure(c.name, "none", b.classified(c, pastMonth)).paint(c.color))
	}
	return p
}

// pulsePressure is how far the two pressures of a reading lie apart.
func (b build) pulsePressure() panel {
	s := b.series(systolic)
	s.less = mustRow(diastolic)
	return days(panel{title: "Pulse pressure", w: 7, h: 11, needs: needsCuff,
		about: "Systolic less diastolic pressure: the last reading of each day.",
		asks:  []ask{{series: s, name: "Reading", text: b.language.daily(s), look: dots, color: upperColor}}})
}

// rhythm is what the ECGs said.
func (b build) rhythm() panel {
	p := panel{title: "Rhythm", kind: "state-timeline", w: 16, h: 7, needs: needsECG, daily: true,
		about:    "Result of the last ECG, and of the last background check by a watch, for which sinus rhythm only means that no fibrillation was found. Not a diagnosis.",
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
