package withings

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/valyala/fastjson"

	"withings-exporter/exporter"
)

// attribAmbiguous marks a group that may belong to another person. It is the only
// attribution that is left out: all others, known or not, are the person's.
const attribAmbiguous = 1

// entered are the attributions of what a person typed in: measurements, and what is asked
// for when an account is created.
var entered = []int64{2, 4}

// measures and objectives are the two categories of getmeas.
var (
	measures   = category(1)
	objectives = category(2)
)

// category is getmeas for one category.
func category(code int64) endpoint {
	return endpoint{
		path: "/measure", action: "getmeas", params: url.Values{"category": {strconv.FormatInt(code, 10)}}, list: "measuregrps",
		row: func(d *decoder, v *fastjson.Value) (exporter.Record, bool) { return d.group(v, code) },
	}
}

// group reads a measure group. One that does not count becomes a record without
// readings, which also removes an earlier version of it. One without measures is
// treated as if it were not listed.
func (d *decoder) group(v *fastjson.Value, category int64) (exporter.Record, bool) {
	id, okID := integer(v.Get("grpid"))
	taken, okDate := epoch(v.Get("date"))
	if !okID {
		return d.malformed("without grpid", "")
	}
	name := strconv.FormatInt(id, 10)
	if !okDate {
		return d.malformed("without date", name)
	}
	r := exporter.Record{ID: name, Start: taken, End: taken, Modified: d.modified(v)}
	attrib, _ := integer(v.Get("attrib"))
	r.Maker = d.made(v)
	if r.Maker == exporter.Unnamed || slices.Contains(entered, attrib) {
		r.Maker = exporter.ByHand
	}
	is, told := integer(v.Get("category"))
	switch {
	case !d.past(taken):
		return left(name)
	case attrib == attribAmbiguous && !d.ambiguous:
		d.skip(ReasonAmbiguous)
	case told && is != category:
		d.skip(ReasonCategory)
	case truth(v.Get("is_inconclusive")):
		d.skip(ReasonInconclusive)
	default:
		told := v.Get("measures")
		measures := list(told)
		switch {
		case told == nil || told.Type() != fastjson.TypeArray && object(told) == nil:
			return d.malformed("without measures", name)
		case len(measures) == 0:
			return exporter.Record{}, false
		}
		r.Readings = make([]exporter.Reading, 0, len(measures))
		for _, m := range measures {
			d.measure(&r, m)
		}
		r.Damaged = r.Damaged || d.spoilt > 0
		if d.spoilt > 0 && d.spoilt >= len(measures) {
			d.bad("without a value that can be read")
		}
	}
	return r, true
}

// measure reads one value of a group: mantissa, power of ten, type, position.
func (d *decoder) measure(r *exporter.Record, v *fastjson.Value) {
	kind, okType := integer(v.Get("type"))
	value, okValue := number(v.Get("value"))
	unit, okUnit := integer(v.Get("unit"))
	if okType && okUnit && !okValue && v.Get("value") != nil {
		d.spoil(reasonFor(v.Get("value")))
		return
	}
	if !okType || !okValue || !okUnit {
		d.spoil(ReasonMalformed)
		return
	}
	value, err := shift(value, unit)
	if err != nil {
		d.spoil(ReasonOutOfRange)
		return
	}
	if m := measureRows[d.service][kind]; m != nil {
		labels := exporter.Labels("")
		if len(m.Labels) > 0 {
			var known bool
			if labels, known = position(v.Get("position")); !known && !d.admits("positions", string(labels)) {
				r.Damaged = true
				return
			}
		}
		d.put(r, m, value, labels)
		return
	}
	where, _ := position(v.Get("position"))
	name := strconv.FormatInt(kind, 10)
	if !d.admits("types of measures", name+" "+string(where)) {
		r.Damaged = true
		return
	}
	d.skip(ReasonUnknown)
	d.unknown(d.service, name)
	if row := exporter.ByOrigin(d.service, "unknown"); row != nil {
		labels := exporter.LabelValues(name)
		if where != "" {
			labels = exporter.LabelValues(name, string(where))
		}
		d.set(r, exporter.Reading{Metric: row, Labels: labels, Value: value})
	}
}

// shift is value × 10^unit for any unit.
func shift(value exporter.Decimal, unit int64) (exporter.Decimal, error) {
	return value.Scale(1, int(max(min(unit, 1000), -1000)))
}

// measureRows finds a row by service and measure type.
var measureRows = func() map[exporter.Service]map[int64]*exporter.Metric {
	all := map[exporter.Service]map[int64]*exporter.Metric{}
	for _, m := range exporter.Catalog() {
		if kind, err := strconv.ParseInt(m.Key, 10, 64); err == nil {
			if all[m.Service] == nil {
				all[m.Service] = map[int64]*exporter.Metric{}
			}
			all[m.Service][kind] = m
		}
	}
	return all
}()

// positions names Withings' codes for where on the body a value was taken. Values of
// the whole body have "between the legs" (6) or an undocumented 7: they get no
// position.
var positions = [...]string{
	"right_wrist", "left_wrist", "right_arm", "left_arm", "right_foot", "left_foot", "", "",
	"left_part_of_body", "right_part_of_body", "left_leg", "right_leg", "torso", "left_hand", "right_hand",
	"cardiovascular_aortic", "cardiovascular_pulmonic", "cardiovascular_tricuspid", "cardiovascular_mitral",
	"cardiovascular_apex",
	"pulmonary_front_upper_right", "pulmonary_front_upper_left",
	"pulmonary_front_bottom_right", "pulmonary_front_bottom_left",
	"pulmonary_back_upper_left", "pulmonary_back_upper_right",
	"pulmonary_back_bottom_left", "pulmonary_back_bottom_right",
	"wide_mode", "between_arms", "hold_right", "hold_left",
}

// position is the position label of a value; "" for the whole body. An unknown code
// becomes "position_" and its number.
func position(v *fastjson.Value) (where exporter.Labels, known bool) {
	code, ok := integer(v)
	switch {
	case !ok || code < 0:
		return "", true
	case code < int64(len(positions)):
		return exporter.Labels(positions[code]), true
	}
	return exporter.LabelValues("position_" + strconv.FormatInt(code, 10)), false
}
