package boards

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// overview is a person at a glance: six cards, each a number with its past, its
// goal, where it is going, and how old it is.
func (b build) overview() board {
	const (
		needsScale   = "Needs a scale"
		needsCuff    = "Needs a blood-pressure monitor"
		needsNight   = "Needs a sleep mat or a watch"
		needsTracker = "Needs a watch or a phone"
		resting      = "sleep_heart_rate_min_beats_per_minute"
	)
	cards := [][]panel{
		b.card(panel{title: "Weight", about: "The newest weight, and the weights before it.", needs: needsScale,
			asks: []ask{b.past("Weight", weight).paint(weightColor)}}, weight, b.goal("goal_weight_grams"), b.change(weight)),
		b.card(panel{title: "Body fat", about: "Fat mass as a share of weight.", needs: "Needs a body-composition scale",
			asks: []ask{b.past("Body fat", "fat_ratio").paint(fatColor)}}, "fat_ratio", b.goal("objective_fat_ratio"), b.change("fat_ratio")),
		b.card(panel{title: "Steps today", about: "Steps of the day so far, and of the days before.", needs: needsTracker,
			asks: []ask{b.measured("Steps", "activity_steps").paint(stepColor)}}, "activity_steps", b.goal("goal_steps"), b.change("activity_steps")),
		b.card(panel{title: "Blood pressure", about: "Upper and lower blood pressure of the last reading. Not a diagnosis.", needs: needsCuff,
			asks: []ask{b.past("Systolic", systolic).paint(upperColor), b.past("Diastolic", diastolic).paint(lowerColor)}},
			systolic, b.newest("Pulse", "heart_pulse_beats_per_minute"), b.change(systolic)),
		b.card(panel{title: "Resting heart rate", about: "Lowest heart rate of each night.", needs: needsNight,
			asks: []ask{b.measured("Resting heart rate", resting).paint(heartColor)}}, resting,
			b.newest("Mean", "sleep_heart_rate_average_beats_per_minute"), b.change(resting)),
		b.card(panel{title: "Last night", about: "Time asleep: light, deep and REM.", needs: needsNight,
			asks: []ask{b.measured("Asleep", "sleep_total_seconds").paint(deepColor)}}, "sleep_total_seconds",
			b.goal("goal_sleep_seconds"), b.newest("Score", "sleep_score")),
	}
	var panels, below []panel
	for i, card := range cards {
		panels, below = append(panels, card[0]), append(below, card[1:]...)
		if i%3 == 2 { // a line of cards is a line of pictures over a line of facts
			panels, below = append(panels, below...), nil
		}
	}
	return board{
		slug: "overview", title: "Overview", from: "now-90d", refresh: "5m",
		about: "A person at a glance: the newest weight, blood pressure, heart rate, night and steps, each with its goal and its age.",
		rows:  []row{{title: "$profile", each: true, panels: panels}},
	}
}

// card is a number with its past, and under it goal, change and age. What is
// under it has no heading: on a narrow screen there is no room.
func (b build) card(picture panel, row string, facts ...ask) []panel {
	picture.w, picture.h, picture.colors = 8, 5, dashboard.FieldColorModeIdFixed
	below := named(tile(panel{w: 5, h: 2, needs: "–", asks: facts,
		about: "The goal set in the Withings app, or what belongs to the number above, and how far the 7-day mean moved in the time shown."}))
	if facts[0].unit == counted {
		below.decimals = new(0.0)
	}
	age := named(tile(panel{w: 3, h: 2, needs: "–", asks: []ask{b.aged(row)},
		about: "When the number above was measured. With Prometheus this needs a running exporter."}))
	age.display = "Measured" // where InfluxDB says Time
	if b.source == InfluxDB {
		age = byTime(age)
	}
	return []panel{spark(picture), lettered(11, 15, below), lettered(11, 14, age)}
}
