package archive

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
	start, end int // a moment and a day have no end
	kind       int // the type of a value of other.csv, or of a workout
	amount     int // of other.csv, as are the next two
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
	b := &binding{layout: l, start: -1, end: -1, kind: -1, amount: -1, unitAt: -1, position: -1, data: -1}
	for i, text := range header {
		name, measured := heading(text)
		switch place := b.place(name); {
		case place != nil && *place < 0:
			*place = i
		case silent[name] || name == "":
		case place != nil:
			file.unknown(text + " (a second time)")
		default:
			b.bindValue(text, name, measured, i, file)
		}
	}
	return b, b.check()
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

// bindValue finds what a column holds.
func (b *binding) bindValue(text, name, measured string, index int, file *FileReport) {
	c, ok := b.columns[name]
	if !ok {
		file.unknown(text)
		return
	}
	if measured == "" {
		measured = c.unit
	}
	u, ok := units[c.of][measured]
	if !ok {
		file.unknown(text + " (" + valueNoUnit + ")")
		return
	}
	b.cells = append(b.cells, bound{column: c, index: index, unit: u, named: measured})
}

// check refuses a file that lacks what every row needs.
func (b *binding) check() error {
	switch {
	case b.start < 0:
		return refusal("no column for the date")
	case b.shape == nights && b.end < 0, b.shape == workouts && b.end < 0:
		return refusal("no column for the end")
	case b.shape == typed && (b.kind < 0 || b.amount < 0):
		return refusal("no columns for type and value")
	case (b.shape == moments || b.shape == days) && len(b.cells) == 0:
		return refusal("no known column with values")
	}
	return nil
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
