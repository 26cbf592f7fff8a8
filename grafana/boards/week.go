package boards

// glances are questions about the week that lies behind, and about goals.
type glances interface {
	// recent is the mean of the last so many days: up to the last one shown, of totals
	// up to the last one that is over. It is one value.
	recent(s series, days int) string
	// fulfilled is the same as a share of a goal.
	fulfilled(s, goal series, days int) string
	// ofGoal is daily as a share of a goal.
	ofGoal(s, goal series) string
	// level is a goal as a line across a chart of something; there is none where there
	// is nothing of it in the time shown.
	level(s, goal series) string
}

// lately asks for the mean of the last days. Of blood pressures it is that of all
// readings, as guidelines have it and as For the doctor shows it: they are measured
// several times a day, and one person must not have two means of a week.
func (b build) lately(name, row string, days int) ask {
	s := b.series(row)
	if byHalves(s.row) {
		return b.noted(name, row, averageOf, readings{days: days})
	}
	return ask{series: s, name: name, text: b.recent(s, days), once: true}
}

// aim asks for the goal of something that is measured.
func (b build) aim(row, goal string) ask {
	s := b.series(goal)
	return ask{series: s, name: "Goal", text: b.level(b.series(row), s), once: true}
}

// yesterday asks for the total of the last day that is over.
func (b build) yesterday(row string) ask { return b.lately("Yesterday", row, 1) }

// fulfilment asks how much of a goal the mean of the last days is.
func (b build) fulfilment(name, row, goal string, days int) ask {
	return ask{series: series{scale: share}, name: name, text: b.fulfilled(b.series(row), b.series(goal), days), once: true}
}

// share is a part of a whole.
var share = scale{unit: "percentunit", places: ones}
