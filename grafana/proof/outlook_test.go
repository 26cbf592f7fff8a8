package proof

// within is the time in which a goal is to be reached, as it is chosen at first.
const within = 91

// meanUpTo is the mean of so many days up to one.
func meanUpTo(all map[string]float64, until string, count int) (mean float64, has bool) {
	sum, found := total(all, until, count)
	return sum / float64(found), found > 0
}

// since is how far the mean of a week is from where it was on the first day shown.
func (a asked) since(row string) right {
	all := a.over(row)
	then, had := meanUpTo(all, a.dateOf(a.from), 7)
	return a.shown(row, func(day string) (float64, bool) {
		now, has := meanUpTo(all, day, 7)
		return now - then, has && had
	})
}

// past leaves out the days to come. The days of InfluxDB begin with that of now; they
// may be an hour off midnight by the clock at the end of the time shown.
func (a asked) past(r right) right {
	r.night = true
	for day := range r.days {
		if day > a.today() {
			delete(r.days, day)
		}
	}
	return r
}

// present is the mean of 14 days, some days ago.
func (a asked) present(row string, ago int) (float64, bool) {
	return meanUpTo(a.over(row), after(a.today(), -ago), 14)
}

// rate is how far that moved in a day, over four weeks.
func (a asked) rate(row string) (perDay float64, has bool) {
	now, there := a.present(row, 0)
	then, was := a.present(row, 28)
	return (now - then) / 28, there && was
}

// target is a goal and how far it is from the present.
func (a asked) target(row, goal string) (far float64, has bool) {
	aim := a.goal(goal).number
	now, there := a.present(row, 0)
	if aim == nil || !there {
		return 0, false
	}
	return *aim - now, true
}

// daysAhead has a value for today and each of the days to come.
func (a asked) daysAhead(row string, perDay float64, has bool) right {
	now, _ := a.present(row, 0)
	r := right{days: map[string]float64{}, night: true}
	for i := 0; has && i <= within; i++ {
		r.days[after(a.today(), i)] = now + float64(i)*perDay
	}
	return r
}

// goingOn ends at the goal.
func (a asked) goingOn(row, goal string) right {
	perDay, has := a.rate(row)
	r := a.daysAhead(row, perDay, has)
	now, _ := a.present(row, 0)
	if far, is := a.target(row, goal); is {
		for day, n := range r.days {
			if (n-now)/far > 1 {
				delete(r.days, day)
			}
		}
	}
	return r
}

func (a asked) needed(row, goal string) right {
	far, has := a.target(row, goal)
	return a.daysAhead(row, far/within, has)
}

// reached is when the goal is reached, in milliseconds.
func (a asked) reached(row, goal string) right {
	far, has := a.target(row, goal)
	perDay, moves := a.rate(row)
	left := far / perDay
	return one(float64(a.now.UnixMilli())+left*24*60*60*1000, has && moves && left > 0 && left < 1826)
}

// pace is the change in a week.
func (a asked) pace(row string) right {
	perDay, has := a.rate(row)
	return one(7*perDay, has)
}

func (a asked) paceNeeded(row, goal string) right {
	far, has := a.target(row, goal)
	return one(7*far/within, has)
}

func (a asked) left(row, goal string) right { return one(a.target(row, goal)) }
