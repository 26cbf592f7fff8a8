package boards

import "fmt"

// class is a class of blood pressure: what a reading must be to belong to it,
// and to none of the higher ones.
type class struct {
	name                string
	color               string
	systolic, diastolic float64 // from here on, mmHg; 0 for the lowest class
	above               *class  // the next higher one
}

// classes are the classes of a scheme, the lowest first.
//
// ESC 2024: 2024 ESC Guidelines for the management of elevated blood pressure
// and hypertension, office values. ACC/AHA: 2017 guideline for the prevention,
// detection, evaluation and management of high blood pressure in adults.
func classes(scheme string) []class {
	var all []class
	if scheme == accAHA {
		all = []class{
			{name: "Normal", color: good},
			{name: "Elevated", color: warning, systolic: 120, diastolic: 80},
			{name: "Stage 1", color: bad, systolic: 130, diastolic: 80},
			{name: "Stage 2", color: severe, systolic: 140, diastolic: 90},
		}
	} else {
		all = []class{
			{name: "Non-elevated", color: good},
			{name: "Elevated", color: warning, systolic: 120, diastolic: 70},
			{name: "Hypertension", color: bad, systolic: 140, diastolic: 90},
		}
	}
	for i := range all[:len(all)-1] {
		all[i].above = &all[i+1]
	}
	return all
}

// schemeName is how a scheme is called on the boards.
func schemeName(scheme string) string {
	if scheme == accAHA {
		return "ACC/AHA 2017"
	}
	return "ESC 2024"
}

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
