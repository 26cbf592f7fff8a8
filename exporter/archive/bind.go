package archive

import (
	"fmt"
	"slices"
	"strings"
)

// bound is a column that has been found in a file.
type bound struct {
	column
	index int
	unit  unit
	named string // the unit as the header has it
}

// binding is where in a row of one file things stand; -1 for what is nowhere.
type binding struct {
	*layout
	commas     bool // separate the fields
	width      int  // fields of the header
	start, end int  // a moment and a day have no end
	kind       int  // the type of a value of other.csv, or of a workout
	amount     int  // of other.csv, as are the next two
	unitAt     int
	position   int
	data       int // of workouts
	cells      []bound
}

// bind finds the columns of a layout in a header. A header that is not
// understood is named in the report.
func bind(l *layout, header []string, file *FileReport) (*binding, error) {
	if l.shape == workouts && isDaily(header) {
		l = dailyTotals()
	}
	file.Layout = l.name
	if slices.ContainsFunc(header, isValue) {
		return nil, refusal("no header in the first line") // and values are nobody's business
	}
	b := &binding{layout: l, width: len(header), start: -1, end: -1, kind: -1, amount: -1, unitAt: -1, position: -1, data: -1}
	var foreign []bound // what a file with one column may hold by another name
	misfit := ""
	for i, text := range header {
		name, measured := heading(text)
		switch place := b.place(name); {
		case place != nil && *place < 0:
			*place = i
		case silent[name] || name == "" && measured == "" || l.shape == nights && dateNames[name]:
		case place != nil:
			file.unknown(text + secondTime)
		default:
			switch why, ok := b.bindValue(text, name, measured, i); {
			case ok:
			case why == "" && b.soleFits(measured):
				foreign = append(foreign, bound{column: *l.sole, index: i, unit: units[l.sole.of][measured], named: measured})
			case why == notFitting:
				misfit = text
				fallthrough
			default:
				file.unknown(text + why)
			}
		}
	}
	if len(b.cells) == 0 && len(foreign) == 1 {
		b.cells, foreign = foreign, nil
	}
	for i := range foreign {
		file.unknown(header[foreign[i].index])
	}
	return b, b.check(misfit)
}

// What keeps a column with a known name from being read, as the report says it after
// its header.
const (
	secondTime = " (a second time)"
	notFitting = " (" + valueWrongUnit + ")"
	unitless   = " (" + valueNoUnit + ")"
)

// soleFits reports whether the one column of a file can have a unit.
func (b *binding) soleFits(measured string) bool {
	if b.sole == nil || measured == "" {
		return false
	}
	_, ok := units[b.sole.of][measured]
	return ok
}

// isValue reports whether a header is a number or a time.
func isValue(text string) bool {
	_, why := numbers(text)
	_, dated := parseStamp(text, orderUnknown)
	return why == "" || dated
}

// place is where the index of a column is kept that holds no value of its own;
// nil when a name has none.
func (b *binding) place(name string) *int {
	switch {
	case b.shape == nights || b.shape == workouts:
		switch {
		case startNames[name]:
			return &b.start
		case endNames[name]:
			return &b.end
		case b.shape == workouts && name == "data":
			return &b.data
		case b.shape == workouts && name == "activity type":
			return &b.kind
		}
	case dateNames[name]:
		return &b.start
	case b.shape == typed:
		switch name {
		case typeName:
			return &b.kind
		case valueName:
			return &b.amount
		case unitName:
			return &b.unitAt
		case positionName:
			return &b.position
		}
	}
	return nil
}

// bindValue finds what a column holds; why not is "" for an unknown name.
func (b *binding) bindValue(text, name, measured string, index int) (why string, ok bool) {
	c, ok := b.columns[name]
	if field, is := b.api[strings.TrimSpace(text)]; is {
		c, ok = field, true
	}
	if !ok {
		if b.sole != nil && measured != "" && !b.soleFits(measured) {
			return notFitting, false
		}
		return "", false
	}
	if slices.ContainsFunc(b.cells, func(other bound) bool { return other.key == c.key }) {
		return secondTime, false
	}
	missing := unitless
	if measured == "" {
		measured = c.unit
	} else {
		missing = notFitting
	}
	u, ok := units[c.of][measured]
	if !ok {
		return missing, false
	}
	b.cells = append(b.cells, bound{column: c, index: index, unit: u, named: measured})
	return "", true
}

// check refuses a file that lacks what every row needs. misfit is a header whose unit does not
// fit.
func (b *binding) check(misfit string) error {
	switch {
	case b.start < 0:
		return refusal("no column for the date")
	case b.shape == nights && b.end < 0, b.shape == workouts && b.end < 0:
		return refusal("no column for the end")
	case b.shape == typed && (b.kind < 0 || b.amount < 0):
		return refusal("no columns for type and value")
	case (b.shape == moments || b.shape == days) && len(b.cells) == 0 && misfit != "":
		return refusal(fmt.Sprintf("%q has a unit that does not fit the file", printable(misfit)))
	case (b.shape == moments || b.shape == days) && len(b.cells) == 0:
		return refusal("no known column with values")
	}
	return nil
}

// tooLong reports whether a row has more fields than the header: where commas separate
// them, that of a number which was not quoted has split it. Sessions have whole numbers,
// and notes at their end.
func (b *binding) tooLong(fields []string) bool {
	return b.commas && len(fields) > b.width && b.shape != nights && b.shape != workouts
}

// typed finds what a row of other.csv holds, or why it is not read.
func (b *binding) typed(fields []string) (value bound, why string) {
	c, why := kindOf(cell(fields, b.kind))
	if why != "" {
		return value, why
	}
	measured, missing := foldUnit(cell(fields, b.unitAt)), valueWrongUnit
	if measured == "" {
		measured, missing = c.unit, valueNoUnit
	}
	u, ok := units[c.of][measured]
	if !ok {
		return value, missing
	}
	return bound{column: c, unit: u, named: measured}, ""
}

// isDaily tells the totals of days from workouts, which have a beginning.
func isDaily(header []string) bool {
	dated := false
	for _, text := range header {
		name, _ := heading(text)
		if startNames[name] {
			return false
		}
		dated = dated || dateNames[name] && name != "data" // Data are those of a workout
	}
	return dated
}

// cell is a field of a row; "" when the row has not so many.
func cell(fields []string, index int) string {
	if index < 0 || index >= len(fields) {
		return ""
	}
	return fields[index]
}
