package rules

import "fmt"

// trends are means of days, ready to be shown or alerted on.
func trends() []recording {
	var all []recording
	mean := func(name string, days ...int) {
		r := rowOf(name)
		for _, n := range days {
			all = append(all, recording{fmt.Sprintf("profile:%s:mean%dd", r.FullName(), n), r.over("avg_over_time", n, 0)})
		}
	}
	mean("weight_grams", 7, 14, 30)
	weight := rowOf("weight_grams")
	all = append(all, recording{"profile:withings_weight_grams:change7d",
		"profile:withings_weight_grams:mean7d - " + weight.over("avg_over_time", 7, 7)})
	mean("fat_ratio", 30)
	mean("systolic_blood_pressure_mmhg", 7, 30)
	mean("diastolic_blood_pressure_mmhg", 7, 30)
	mean("activity_steps", 7)
	mean("sleep_total_seconds", 7)
	return all
}
