package boards

const (
	needsScale   = "Needs a scale"
	needsCuff    = "Needs a blood-pressure monitor"
	needsNight   = "Needs a sleep mat or a watch"
	needsTracker = "Needs a watch or a phone"
)

// overview is a person at a glance: six cards, each a number with its goal, where it
// is going, and how old it is; then the last days, and the weeks behind them.
func (b build) overview() board {
	cards := []panel{
		b.card("body", panel{title: "Weight", about: "The newest weight, the goal, and how the mean of 7 days moved since the first day shown.", needs: needsScale,
			asks: []ask{b.newest("Weight", weight).paint(weightColor)}}, weight, b.aim(weight, "goal_weight_grams"), b.change(weight)),
		b.card("activity", panel{title: "Steps", about: "Steps of today so far and of yesterday, the goal, and how the mean of 7 days moved since the first day shown." + b.uncounted(), needs: needsTracker,
			asks: []ask{b.soFar("activity_steps").paint(stepColor), b.yesterday("activity_steps").paint(stepColor)}},
			"activity_steps", b.aim("activity_steps", "goal_steps"), b.change("activity_steps")),
		b.card("sleep", panel{title: "Last night", about: "Time asleep in the last night: light, deep and REM, the goal, and Withings' score of the night.", needs: needsNight,
			asks: []ask{b.asleep().paint(deepColor)}}, "sleep_total_seconds",
			b.sleepGoal(), b.newest("Score", "sleep_score")),
		b.card("body", panel{title: "Body fat", about: "Fat mass as a share of weight. How its 7-day mean moved since the first day shown is in percentage points.", needs: "Needs a body-composition scale",
			asks: []ask{b.newest("Body fat", "fat_ratio").paint(fatColor)}}, "fat_ratio", b.aim("fat_ratio", "objective_fat_ratio"), b.change("fat_ratio")),
		b.card("heart", panel{title: "Blood pressure", about: "Systolic and diastolic blood pressure and pulse of the last reading, and how the 7-day trend of the systolic one moved since the first day shown. Not a diagnosis.", needs: needsCuff,
			asks: []ask{b.newest("Systolic", systolic).paint(upperColor), b.newest("Diastolic", diastolic).paint(lowerColor)}},
			systolic, b.newest("Pulse", pulse), b.change(systolic)),
		b.card("heart", panel{title: "Resting heart rate", about: "Lowest heart rate of the last night, its mean, and how the 7-day mean of the lowest moved since the first day shown.", needs: needsNight,
			asks: []ask{b.newest("Resting heart rate", resting).paint(heartColor)}}, resting,
			b.newest("Mean of the night", "sleep_heart_rate_average_beats_per_minute"), b.change(resting)),
	}
	return board{
		slug: "overview", title: "Overview", from: "now-60d", refresh: "5m",
		about: "A person at a glance: the newest weight, blood pressure, heart rate, night and steps, each with its goal and its age.",
		rows: []row{
			{title: "$profile", each: true, panels: append(cards, b.daysTable(), b.weekMeans(), b.weekGoals())},
			{title: "Weeks · $profile", each: true, panels: []panel{
				titled(b.weights(), "Body", b.to("body")), titled(sized(8, 9, b.stepping("Steps, past weeks")), "Activity", b.to("activity")),
				titled(sized(8, 9, b.stages("Nights, past weeks", needsNight)), "Sleep", b.to("sleep")),
			}},
		},
	}
}

// weights are those of the past weeks; there is no room for more than the mean.
func (b build) weights() panel {
	return b.goalLine(days(panel{title: "Weight, past weeks", w: 8, h: 9, needs: needsScale, about: "Dots are weigh-ins, the line is the mean of 7 days. " + aboutMeans,
		asks: []ask{b.measured("Weigh-in", weight).paint(weightColor), b.average("7-day mean", weight, 7).paint(weightColor).as(bold)}}), "goal_weight_grams")
}

// sized is a panel of another size.
func sized(w, h uint32, p panel) panel {
	p.w, p.h = w, h
	return p
}

// asleep is the time asleep of each night, as one says it.
func (b build) asleep() ask {
	s := b.series("sleep_total_seconds")
	s.scale = clock
	return ask{series: s, name: "Asleep", text: b.latest(s), once: true}
}

// sleepGoal is the goal of it, in the same way.
func (b build) sleepGoal() ask {
	a := b.aim("sleep_total_seconds", "goal_sleep_seconds")
	a.scale = clock
	a.text = b.level(b.series("sleep_total_seconds"), a.series)
	return a
}

// uncounted says why no time is shown at steps, where that is so: a point of InfluxDB has the time at which the day began.
func (b build) uncounted() string {
	if b.source == Prometheus {
		return ""
	}
	return " InfluxDB does not know when they were last counted."
}

// card is everything at a glance about one thing, in one panel, so that it holds
// together on a phone: the number, its goal, its change, and when it was measured. A
// click leads to the dashboard that tells more.
func (b build) card(slug string, picture panel, row string, facts ...ask) panel {
	p := picture
	p.asks = append(p.asks, facts...)
	if b.source == Prometheus || !totals(mustRow(row)) {
		p.asks = append(p.asks, b.aged(row))
	}
	return titled(linked(listed(sized(8, 6, p)), "More", b.to(slug)), "More", b.to(slug))
}
