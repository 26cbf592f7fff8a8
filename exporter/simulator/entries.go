package simulator

import "time"

// account are the groups that come from the account rather than from a body: the height and weight typed in
// on the first day, and the weight objective of every year (category 2).
func (p *person) account(day int) []*Group {
	var groups []*Group
	if day == p.firstDay {
		at := p.Since.Unix()
		groups = append(groups, p.group(day, slotAccount, at, 4, nil,
			measure(4, round(1000*p.Height), -3).typed(), measure(1, round(p.weight*10)*10, -2).typed()))
	}
	if _, month, d := civil(day); p.Kind == Full && (day == p.firstDay+1 || month == time.January && d == 2) {
		goal := p.group(day, slotObjective, p.clockTime(day, 9*3600), 2, nil, measure(1, p.goals(day).Weight, -3).typed())
		goal.Category = 2
		groups = append(groups, goal)
	}
	return groups
}

// entries are what the person types in: without a device, with exponents of their own, and often only
// remembered weeks later.
func (p *person) entries(day int) []*Group {
	dice := p.dice(topicManual, day)
	every := 0.008
	if p.Kind == Pressure {
		every = 0.12
	}
	if !dice.chance(every) {
		return nil
	}
	unit, scale := -2, 1
	if dice.chance(0.25) {
		unit, scale = -4, 100
	}
	weight := round(100*dice.around(p.weightOn(day), 0.3)) / 10 * 10
	g := p.group(day, slotEntry, p.clockTime(day, 12*3600+dice.between(0, 9*3600)), 2, nil, measure(1, weight*scale, unit).typed())
	if p.Kind == Full && dice.chance(0.3) { // the form was sent with a fat mass of nothing
		g.Measures = append(g.Measures, measure(8, 0, -2).typed(), measure(6, 0, -3).typed(), measure(5, weight, -2).typed())
	}
	if dice.chance(0.3) {
		g.late(int64(dice.between(1, 59))*secondsPerDay + int64(dice.between(0, 3600)))
	}
	return []*Group{g}
}

// Goals are a person's targets; 0 means that there is none.
type Goals struct {
	Steps  int // per day
	Sleep  int // seconds
	Weight int // grams
}

// goals are the targets of a day, before a test changes them. They are set again every year.
func (p *person) goals(day int) Goals {
	year, _, _ := civil(p.goalDay(day))
	draw := hash(p.key, uint64(topicGoals), uint64(year))
	switch p.Kind {
	case Full:
		return Goals{
			Steps:  8000 + 500*int(draw%5),
			Sleep:  27000 + 900*int(draw>>8%3),
			Weight: round(p.weight-3)*1000 + 500*int(draw>>16%2),
		}
	case Pressure:
		return Goals{Steps: 5000 + 500*int(draw%3)}
	}
	return Goals{}
}
