package proof

import "time"

// longView is what the dashboard Long view must show.
func longView(h asked) []entry {
	all := []entry{
		{"Weight", "30-day mean", h.mean("weight_grams", 30)},
		{"Steps", "30-day mean", h.mean("activity_steps", 30)},
		{"Blood pressure", "Systolic", h.mean(upper, 30)},
		{"Blood pressure", "Diastolic", h.mean(lower, 30)},
		{"Sleep and heart rate at night", "Asleep", hours(h.mean("sleep_total_seconds", 30))},
		{"Sleep and heart rate at night", "Heart rate", h.mean("sleep_heart_rate_min_beats_per_minute", 30)},
	}
	for month := time.January; month <= time.December; month++ {
		name, number := month.String()[:3], time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC).Format("01")
		all = append(all,
			entry{"Weight by month, kg", name, kilos(h.months("weight_grams", number))},
			entry{"Steps by month, thousands", name, kilos(h.months("activity_steps", number))},
			entry{"Sleep by month, h", name, hours(h.months("sleep_total_seconds", number))},
			entry{"Upper blood pressure by month, mmHg", name, h.months(upper, number)})
	}
	for weekday := time.Sunday; weekday <= time.Saturday; weekday++ {
		name := weekday.String()[:3]
		all = append(all,
			entry{"Steps, day by day", name, h.weekdays("activity_steps", weekday)},
			entry{"Sleep, night by night", name, hours(h.weekdays("sleep_total_seconds", weekday))},
			entry{"Weight, day by day", name, h.weekdays("weight_grams", weekday)})
	}
	return all
}
