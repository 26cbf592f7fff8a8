package truth

import (
	"strconv"

	"withings-exporter/exporter"
	"withings-exporter/exporter/simulator"
)

const (
	categoryMeasure   = 1
	categoryObjective = 2
	// attribAmbiguous is for measures that may belong to another person (section 3.4).
	attribAmbiguous = 1
	// inconclusive is how the simulator represents is_inconclusive: true.
	inconclusive = 2
)

// group writes the values of a measure group (sections 3.2 to 3.6).
func (b *book) group(g *simulator.Group) {
	r := record{start: g.Date, end: g.Date, modified: g.Modified, id: g.ID}
	if !b.has(r) || g.Inconclusive == inconclusive || g.Attrib == attribAmbiguous && !b.ambiguous {
		return
	}
	for _, m := range g.Measures {
		key := strconv.Itoa(m.Type)
		value := integer(m.Value)
		value.Mul(value, power(m.Unit))
		switch g.Category {
		case categoryMeasure:
			if row := exporter.ByOrigin(exporter.Measure, key); row != nil {
				b.put(r, row, position(m.Position), value)
			} else { // as it was sent: how "not available" looks is not known
				b.write(r, exporter.ByOrigin(exporter.Measure, "unknown"), key, value)
			}
		case categoryObjective: // only of the whole body, and only kinds that have a row
			if row := exporter.ByOrigin(exporter.Objective, key); row != nil {
				b.put(r, row, "", value)
			}
		}
	}
}

// position returns the label of a body position; the whole body has none.
func position(code int) string {
	switch {
	case code == simulator.NoPosition:
		return ""
	case code >= 0 && code < len(positions):
		return positions[code]
	}
	return "position_" + strconv.Itoa(code)
}

// positions are the words of section 3.5, by code. Codes 6 and 7 are the
// whole body too.
var positions = [32]string{
	0: "right_wrist", 1: "left_wrist", 2: "right_arm", 3: "left_arm", 4: "right_foot", 5: "left_foot",
	8: "left_part_of_body", 9: "right_part_of_body",
	10: "left_leg", 11: "right_leg", 12: "torso", 13: "left_hand", 14: "right_hand",
	15: "cardiovascular_aortic", 16: "cardiovascular_pulmonic", 17: "cardiovascular_tricuspid",
	18: "cardiovascular_mitral", 19: "cardiovascular_apex",
	20: "pulmonary_front_upper_right", 21: "pulmonary_front_upper_left",
	22: "pulmonary_front_bottom_right", 23: "pulmonary_front_bottom_left",
	24: "pulmonary_back_upper_left", 25: "pulmonary_back_upper_right",
	26: "pulmonary_back_bottom_left", 27: "pulmonary_back_bottom_right",
	28: "wide_mode", 29: "between_arms", 30: "hold_right", 31: "hold_left",
}
