package boards

import "github.com/grafana/grafana-foundation-sdk/go/common"

// urinePanel is one value of a urine test.
type urinePanel struct {
	title, row, color, about string
	decimals                 float64
	normal                   [2]float64 // what is usual, by a well-known source; zeros for nothing
	axis                     [2]float64 // reaches at least from here to there
}

// Only two ranges are the same for everybody: pH 4.5 to 8 (Simerville, Maxted and Pahira,
// "Urinalysis: A Comprehensive Review", American Family Physician 71:6, 2005), and
// specific gravity 1.005 to 1.030 (Medscape, "Urine Specific Gravity", reference range).
var urinePanels = []urinePanel{
	{title: "pH", row: "urine_ph", color: violet, decimals: 1, normal: [2]float64{4.5, 8}, axis: [2]float64{4, 8.5},
		about: "Acidity: below 7 acid, above 7 alkaline. Meals move it. Most urine has 4.5 to 8, the green band."},
	{title: "Specific gravity", row: "urine_specific_gravity", color: brown, decimals: 3, normal: [2]float64{1.005, 1.030}, axis: [2]float64{1, 1.035},
		about: "Density compared with water: the less was drunk, the higher. Most urine has 1.005 to 1.030, the green band."},
	{title: "Ketones", row: "urine_ketones_millimoles_per_liter", color: rose, decimals: 1,
		about: "Ketones come about when the body burns fat. 0 is a value: none was found."},
	{title: "Nitrites", row: "urine_nitrites_micromoles_per_liter", color: sky, decimals: 1,
		about: "Nitrites, which some bacteria make. 0 is a value: none were found."},
	{title: "Vitamin C", row: "urine_vitamin_c_millimoles_per_liter", color: teal, decimals: 2,
		about: "Vitamin C that the body did not keep. 0 is a value: none was found."},
	{title: "Calcium", row: "urine_calcium_millimoles_per_liter", color: blue, decimals: 2,
		about: "Calcium. It depends on how much was drunk: compare the ratio to creatinine."},
	{title: "Creatinine", row: "urine_creatinine_millimoles_per_liter", color: ocean, decimals: 1,
		about: "Creatinine, of which a body makes about the same every day: it shows how diluted the urine is."},
	{title: "Calcium to creatinine", row: "urine_calcium_creatinine_ratio", color: purple, decimals: 2,
		about: "Amount of calcium for each unit of creatinine, which does not depend on how much was drunk. Not a share: it may be above 1."},
}

// needsUrine is said where nobody has a sensor for urine.
const needsUrine = "Needs a U-Scan"

// urine has a panel for each value of a urine test.
func (b build) urine() row {
	r := row{title: "Urine · $profile"}
	for _, u := range urinePanels {
		r.whose = append(r.whose, u.row)
		p := days(panel{title: u.title, w: 6, h: 7, needs: needsUrine, decimals: &u.decimals,
			about: u.about + " Dots are tests, the last of each day; the line is the mean of 30 days. Not a diagnosis.",
			asks:  []ask{b.measured("Test", u.row).paint(u.color), b.average("30-day mean", u.row, 30).paint(u.color).as(bold)}})
		field := p.custom.(common.GraphFieldConfig)
		field.AxisSoftMin = &u.axis[0]
		if u.axis[1] > 0 {
			field.AxisSoftMax = &u.axis[1]
		}
		p.custom = field
		if u.normal != [2]float64{} {
			p = banded(p)
			p.thresholds = bands("transparent", from(u.normal[0], good), from(u.normal[1], "transparent"))
		}
		r.panels = append(r.panels, p)
	}
	return r
}
