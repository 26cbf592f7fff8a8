package archive

import (
	"slices"
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
		{key: "123", of: plain, names: []string{"vo2max", "vo2 max"}},
		{key: "130", of: plain, names: []string{"atrial fibrillation result"}},
		{key: "135", of: millis, unit: "ms", names: []string{"qrs interval duration"}},
		{key: "136", of: millis, unit: "ms", names: []string{"pr interval duration"}},
		{key: "137", of: millis, unit: "ms", names: []string{"qt interval duration"}},
		{key: "138", of: millis, unit: "ms", names: []string{"corrected qt interval duration"}},
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
		{key: "226", of: energy, unit: "kcal", names: []string{"basal metabolic rate bmr", "bmr"}},
		{key: "227", of: plain, names: []string{"metabolic age"}},
	})
})

// unimportedKinds are kinds of value that are known and left out, by how their
// folded names begin.
var unimportedKinds = []string{
	"bone percent", "muscle percent", "fat percent", "water percent", "fat free mass", "fat free percent", "bmi",
	"va reached count", "pwv reached count", "bia error", "impedence", "impedance", "phase", "hr ",
}

func unimported(name string) bool {
	if _, known := kinds()[name]; known {
		return false // fat free mass for segments
	}
	return slices.ContainsFunc(unimportedKinds, func(begin string) bool { return strings.HasPrefix(name, begin) })
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
