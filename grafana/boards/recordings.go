package boards

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// Rows of the list of ECGs.
const (
	recordedAt    = "ecg_recording_timestamp_seconds"
	recordedFound = "ecg_result"
	recordedRate  = "ecg_heart_rate_beats_per_minute"
	recordedAs    = "ecg_signal_id"
)

// findingLabel is the label of Prometheus with the code of a finding; see recordTime for
// why it is the last one.
const findingLabel = "result"

// failed is the finding of an ECG without a result.
const failed = -1

// finding is what an ECG says, by the code of the list.
type finding struct {
	code  float64 // failed where there is none
	name  string
	color string
}

// findings are the results of ECGs in words.
var findings = []finding{
	{code: 0, name: "No fibrillation", color: good},
	{code: 1, name: "Atrial fibrillation", color: bad},
	{code: 2, name: "Inconclusive", color: unknown},
	{code: failed, name: "Failed", color: unknown},
}

// foundInWords names findings in the cells of a table.
func foundInWords() []dashboard.ValueMapping {
	codes, none := map[string]dashboard.ValueMappingResult{}, dashboard.ValueMappingResult{}
	for i, f := range findings {
		word := dashboard.ValueMappingResult{Text: new(f.name), Color: new(f.color), Index: new(int32(i))}
		if f.code == failed {
			none = word
			continue
		}
		codes[number(f.code)] = word
	}
	return []dashboard.ValueMapping{
		{ValueMap: &dashboard.ValueMap{Type: "value", Options: codes}},
		{SpecialValueMap: &dashboard.SpecialValueMap{Type: "special",
			Options: dashboard.DashboardSpecialValueMapOptions{Match: dashboard.SpecialValueMatchNull, Result: none}}},
	}
}

// needsECG is said where there is no ECG.
const needsECG = "Needs a device that records ECGs"

// recordingsOverTime is a mark for each ECG, as high as the heart was fast.
func (b build) recordingsOverTime() panel {
	rate := b.series(recordedRate)
	p := lines(panel{title: "ECG recordings", w: columnsOfBoard, h: 8, needs: needsECG, unit: rate.unit, min: new(0.0), decimals: new(0.0),
		about: "A mark for each ECG at its moment, as high as the heart was fast, in the colour of its result. Those without a heart rate, such as failed ones, are at 0." +
			b.aboutReadings() + " Not a diagnosis."})
	field := dots.field()
	field.PointSize = new(9.0)
	p.custom = field
	for _, f := range findings {
		p.overrides = append(p.overrides, override{name: f.name, properties: map[string]any{
			"color": dashboard.FieldColor{Mode: dashboard.FieldColorModeIdFixed, FixedColor: new(f.color)}}})
	}
	for i, query := range b.marks(rate) {
		p.asks = append(p.asks, ask{series: rate, name: findings[i].name, text: query})
	}
	if b.source == Prometheus {
		p.asks[0].name, p.asks[0].table, p.asks[0].once = "", true, true
		const moment = recordTime + `\` + findingLabel
		names, order := map[string]any{moment: "Time"}, map[string]any{moment: 0}
		for i, f := range findings {
			names[number(f.code)], order[number(f.code)] = f.name, i+1
		}
		p.transforms = []dashboard.DataTransformerConfig{
			{Id: "groupingToMatrix", Options: map[string]any{"columnField": findingLabel, "rowField": recordTime, "valueField": "Value", "emptyValue": "null"}},
			converted(conversion{column: moment, to: "number"}, conversion{column: moment, to: "time"}),
			organized(nil, order, names),
			sortedBy("Time", false),
		}
	}
	return p
}

// recordingColumns are the columns of the table; the first is what a record must have.
var recordingColumns = []tableColumn{
	{"When", recordedAt},
	{"Result", recordedFound},
	{"Heart rate", recordedRate},
	{"Signal", recordedAs},
	{"Systolic", "ecg_systolic_blood_pressure_mmhg"},
	{"Diastolic", "ecg_diastolic_blood_pressure_mmhg"},
}

// recordings are the ECGs one by one. The number of a signal leads to its curve.
func (b build) recordings() panel {
	p := columns("When", panel{title: "ECGs one by one", w: columnsOfBoard, h: 9, needs: needsECG,
		about: "The ECGs of the time shown, and the blood pressure that the same device measured. The number of a signal leads to its curve, which the exporter draws " +
			"of recent recordings: its address stands above the dashboard."})
	var rows []series
	names := map[string]string{}
	for _, c := range recordingColumns {
		name, row := c.name, c.row
		names[row] = name
		s := b.series(row)
		rows = append(rows, s)
		// A column without any value has no type; unless it is text, Grafana shows null.
		properties := map[string]any{"unit": s.unit, "noValue": "–", "custom.minWidth": 80, "custom.cellOptions": map[string]any{"type": "color-text"}}
		switch row {
		case recordedAt:
			properties["custom.width"] = 140
		case recordedFound:
			properties["custom.minWidth"] = 105
			properties["mappings"], properties["noValue"] = foundInWords(), findings[len(findings)-1].name
		case recordedAs:
			properties["links"] = []link{{"The curve", drawingOf("${__value.raw}")}}
		}
		p.overrides = append(p.overrides, override{name: name, properties: properties})
	}
	return b.ofRecords(p, rows, func(row string) string { return names[row] })
}

// exporterVariable is the choice above a dashboard that says where the exporter is.
const exporterVariable = "exporter_url"

// exporterAddress is where a browser reaches the exporter. No data source knows: the
// instance of Prometheus is what that calls it, which may be a name of containers.
func exporterAddress() dashboard.VariableModel {
	const address = "http://localhost:10054"
	option := dashboard.VariableOption{Selected: new(true), Text: dashboard.StringOrArrayOfString{String: new(address)}, Value: dashboard.StringOrArrayOfString{String: new(address)}}
	return dashboard.VariableModel{
		Type: dashboard.VariableTypeTextbox, Name: exporterVariable, Label: new("Exporter's address"),
		Description: new("Where your browser reaches withings-exporter, which draws ECGs"),
		Query:       &dashboard.StringOrMap{String: new(address)}, Current: &option, Options: []dashboard.VariableOption{option},
	}
}

// drawingOf is where the exporter draws a signal.
func drawingOf(signal string) string {
	return fmt.Sprintf("${%s:raw}/ecg/%s.svg?profile=${profile:percentencode}", exporterVariable, signal)
}
