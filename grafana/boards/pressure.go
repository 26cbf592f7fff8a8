package boards

import (
	"fmt"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"withings-exporter/exporter"
)

// class is a class of blood pressure: what a mean must be to belong to it, and
// to none of the higher ones.
type class struct {
	name                string
	color               string
	systolic, diastolic float64 // from here on, mmHg; 0 for the lowest class
	above               *class  // the next higher one
}

// scheme is a classification of blood pressure by a guideline, for one setting:
// at home people have lower values than at a doctor's.
type scheme struct {
	guideline string
	setting   string // home or office
	classes   []class
	high      int // the class with which hypertension begins
}

// String is how the dashboards name a scheme: whose thresholds, for which setting.
func (s scheme) String() string { return s.guideline + ", " + s.setting + " values" }

// threshold is where hypertension begins.
func (s scheme) threshold() class { return s.classes[s.high] }

const office = "-office" // at the end of a choice

// schemeOf is the scheme that a Choice names.
//
// ESC 2024: 2024 ESC Guidelines for the management of elevated blood pressure
// and hypertension. AHA/ACC 2025: 2025 guideline for the prevention,
// detection, evaluation and management of high blood pressure in adults; the home
// values are those that its table 7 gives for office values.
func schemeOf(choice string) scheme {
	guideline, atOffice := strings.CutSuffix(choice, office)
	s := scheme{setting: "home"}
	if atOffice {
		s.setting = "office"
	}
	upper, lower := 135.0, 85.0 // the highest class
	if atOffice {
		upper, lower = 140, 90
	}
	s.high = 2
	if guideline == accAHA {
		s.guideline = "AHA/ACC 2025"
		s.classes = []class{
			{name: "Normal", color: good},
			{name: "Elevated", color: warning, systolic: 120, diastolic: 80},
			{name: "Stage 1 hypertension", color: bad, systolic: 130, diastolic: 80},
			{name: "Stage 2 hypertension", color: severe, systolic: upper, diastolic: lower},
		}
	} else {
		s.guideline = "ESC 2024"
		s.classes = []class{
			{name: "Non-elevated", color: good},
			{name: "Elevated", color: warning, systolic: 120, diastolic: 70},
			{name: "Hypertension", color: bad, systolic: upper, diastolic: lower},
		}
	}
	for i := range s.classes[:len(s.classes)-1] {
		s.classes[i].above = &s.classes[i+1]
	}
	return s
}

// upper and lower are the pressures that a class begins with.
func (c class) upper() float64 { return c.systolic }
func (c class) lower() float64 { return c.diastolic }

// steps are the bands of one of the two pressures.
func (s scheme) steps(limit func(class) float64) []dashboard.Threshold {
	steps := bands(s.classes[0].color)
	for i, c := range s.classes[1:] {
		if i > 0 && limit(c) == *steps[len(steps)-1].Value {
			steps[len(steps)-1].Color = c.color // this pressure does not tell the two apart
			continue
		}
		steps = append(steps, from(limit(c), c.color))
	}
	return steps
}

// byHalves reports whether a row has a mean of its own in the morning and in the evening,
// of which that of a day is made: people measure blood pressure twice a day, and it
// differs. The last reading of a day alone would be that of the evening.
func byHalves(m *exporter.Metric) bool { return m == mustRow(systolic) || m == mustRow(diastolic) }

// The lines of charts are called trends: they are means of days, and may differ a
// little from what is called the mean of blood pressures, which is that of all readings.
const (
	aboutTrends = "A trend counts each day once, as the mean of its last morning and its last evening reading; a mean of blood pressures counts every reading and may differ a little."
	weekTrend   = "7-day trend"
	monthTrend  = "30-day trend"
)

// aboutMeansOf is said of lines of means.
func aboutMeansOf(m *exporter.Metric) string {
	if byHalves(m) {
		return aboutTrends
	}
	return aboutMeans
}

// shown are the steps for means that are shown without decimals: what is shown as 135
// has the colour of 135.
func (s scheme) shown(limit func(class) float64) []dashboard.Threshold {
	steps := s.steps(limit)
	for i, step := range steps {
		if step.Value != nil {
			steps[i].Value = new(*step.Value - 0.5)
		}
	}
	return steps
}

// names are those of the classes, by number.
func (s scheme) names() dashboard.ValueMapping {
	all := map[string]dashboard.ValueMappingResult{}
	for i, c := range s.classes {
		all[number(float64(i))] = dashboard.ValueMappingResult{Text: new(c.name), Color: new(c.color), Index: new(int32(i))}
	}
	return dashboard.ValueMapping{ValueMap: &dashboard.ValueMap{Type: "value", Options: all}}
}

// limits are the two pressures that a class begins with, as people write them.
func (c class) limits() string { return number(c.systolic) + "/" + number(c.diastolic) }

// influx is the condition on the two fields of a point.
func (c class) influx(systolic, diastolic string) string {
	var condition string
	if c.systolic > 0 {
		condition = fmt.Sprintf("(%s >= %s OR %s >= %s)", systolic, number(c.systolic), diastolic, number(c.diastolic))
	}
	if c.above == nil {
		return condition
	}
	if condition != "" {
		condition += " AND "
	}
	return condition + fmt.Sprintf("%s < %s AND %s < %s", systolic, number(c.above.systolic), diastolic, number(c.above.diastolic))
}

// prom is the same on two vectors.
func (c class) prom(systolic, diastolic string) string {
	from := func(c *class) string {
		return fmt.Sprintf("(%s >= %s or %s >= %s)", systolic, number(c.systolic), diastolic, number(c.diastolic))
	}
	switch {
	case c.above == nil:
		return from(&c)
	case c.systolic == 0:
		return systolic + " unless " + from(c.above)
	}
	return from(&c) + " unless " + from(c.above)
}
