package archive

import (
	"strings"
	"sync"

	"withings-exporter/exporter"
)

// The columns of other.csv, which holds one value a row.
const (
	typeName     = "type"
	valueName    = "value"
	unitName     = "unit"
	positionName = "position"
)

// kinds are the kinds of value of other.csv, by folded name. They are English
// in every language. Those that are worked out from weight.csv and rounded to
// whole numbers (FAT_PERCENT and its like) are left out: they would take the
// place of exact ones. So are raw readings (impedance, phase).
var kinds = sync.OnceValue(func() map[string]column {
	return byName(exporter.Measure, []column{
		{key: "123", of: uptake, unit: "ml/min/kg", names: []string{"vo2max", "vo2 max"}},
		{key: "130", of: class, names: []string{"atrial fibrillation result"}},
		{key: "135", of: millis, unit: "ms", names: []string{"qrs interval duration"}},
		{key: "136", of: millis, unit: "ms", names: []string{"pr interval duration"}},
		{key: "137", of: millis, unit: "ms", names: []string{"qt interval duration"}},
		{key: "138", of: millis, unit: "ms", names: []string{"corrected qt interval duration"}},
		{key: "139", of: class, names: []string{"atrial fibrillation result from ppg"}},
		{key: "147", of: plain, names: []string{"urine ph", "ph"}},
		{key: "148", of: plain, names: []string{"urine specific gravity", "specific gravity", "urine density"}},
		{key: "151", of: micromolar, unit: "umol/l", names: []string{"urine nitrites", "urine nitrite", "nitrites", "nitrite"}},
		{key: "155", of: plain, names: []string{"vascular age"}},
		{key: "158", of: plain, names: []string{"nerve health score left foot"}},
		{key: "159", of: plain, names: []string{"nerve health score right foot"}},
		{key: "167", of: plain, names: []string{"nerve health score feet"}},
		{key: "168", of: mass, names: []string{"extracellular water", "ecw"}},
		{key: "169", of: mass, names: []string{"intracellular water", "icw"}},
		{key: "170", of: plain, names: []string{"visceral fat"}},
		{key: "173", of: mass, names: []string{"fat free mass for segments"}},
		{key: "174", of: mass, names: []string{"fat mass for segments in mass unit"}},
		{key: "175", of: mass, names: []string{"muscle mass for segments"}},
		{key: "196", of: reaction, names: []string{"electrodermal activity feet", "nerve response score nrs", "nerve response score nrs feet", "nerve response score", "nerve response score feet"}},
		{key: "197", of: reaction, names: []string{"electrodermal activity left foot", "nerve response score nrs left foot", "nerve response score left foot"}},
		{key: "198", of: reaction, names: []string{"electrodermal activity right foot", "nerve response score nrs right foot", "nerve response score right foot"}},
		{key: "204", of: millimolar, unit: "mmol/l", names: []string{"urine ketones", "urine ketone", "ketones", "ketone"}},
		{key: "205", of: millimolar, unit: "mmol/l", names: []string{"urine vitamin c", "vitamin c", "urine ascorbic acid", "ascorbic acid"}},
		{key: "226", of: energy, unit: "kcal", names: []string{"basal metabolic rate bmr", "bmr"}},
		{key: "227", of: plain, names: []string{"metabolic age"}},
		{key: "248", of: millimolar, unit: "mmol/l", names: []string{"urine calcium", "calcium"}},
		{key: "249", of: millimolar, unit: "mmol/l", names: []string{"urine creatinine", "creatinine"}},
		{key: "251", of: molar, names: []string{"urine calcium/creatinine ratio", "calcium/creatinine ratio", "urine calcium creatinine ratio", "calcium creatinine ratio",
			"urine calcium/creatinine", "calcium/creatinine", "urine calcium to creatinine ratio", "calcium to creatinine ratio"}},
		{key: "229", of: conductance, unit: "us", names: []string{"electrochemical skin conductance", "electrochemical skin conductance esc"}},
	})
})

// unimportedKinds are kinds of value that are known and left out, by how their
// folded names begin, with the reason.
var unimportedKinds = []struct{ begin, why string }{
	{"bone percent", valueNotImported}, {"muscle percent", valueNotImported}, {"fat percent", valueNotImported},
	{"water percent", valueNotImported}, {"fat free mass", valueNotImported}, {"fat free percent", valueNotImported},
	{"bmi", valueNotImported}, {"va reached count", valueNotImported}, {"pwv reached count", valueNotImported},
	{"bia error", valueNotImported}, {"impedence", valueNotImported}, {"impedance", valueNotImported},
	{"phase", valueNotImported}, {"hr ", valueNotImported}, {"quality score", valueNotImported}, {"spo2 quality score", valueNotImported},
	{"max nerve response score", valueNotImported}, {"checked atrial fibrillation", valueNotImported},
	{"training load", valueNoMetric}, {"training duration", valueNoMetric}, {"menstruation flow", valueNoMetric},
	{"activity class", valueNoMetric}, {"valvular heart disease result", valueNoMetric},
}

// kindOf finds a kind of value by its name, or why it is not read.
func kindOf(name string) (c column, why string) {
	folded := fold(name)
	if c, ok := kinds()[folded]; ok { // also fat free mass for segments
		return c, ""
	}
	for _, k := range unimportedKinds {
		if strings.HasPrefix(folded, k.begin) {
			return c, k.why
		}
	}
	return c, valueNoRow
}

// positions are the body segments of other.csv, as the API's readings label
// them; its codes have the same meaning.
var positions = map[string]string{
	"left arm": "left_arm", "right arm": "right_arm", "left leg": "left_leg", "right leg": "right_leg",
	"torso": "torso", "trunk": "torso",
	"2": "right_arm", "3": "left_arm", "10": "left_leg", "11": "right_leg", "12": "torso",
}

// bySegment reports whether a kind of value has one for each body segment.
func bySegment(m *exporter.Metric) bool { return strings.HasPrefix(m.Name, "segment_") }
