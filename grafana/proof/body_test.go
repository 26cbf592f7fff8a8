package proof

import (
	"strings"

	"withings-exporter/exporter"
)

// body is what the dashboard Body must show.
func body(h asked) []entry {
	all := []entry{
		{"Weight", "Weigh-in", h.daily("weight_grams")},
		{"Weight", "14-day mean", h.mean("weight_grams", 14)},
		{"Weight", "Goal", h.aim("weight_grams", "goal_weight_grams")},
		{"BMI", "BMI", h.bmi()},
		{"Change", "Change", h.moved("weight_grams")},
		{"Change per week", "Change", h.weekly("weight_grams")},
		{"Body fat", "Reading", h.daily("fat_ratio")},
		{"Body fat", "30-day mean", h.mean("fat_ratio", 30)},
		{"Fat, muscle and bone", "Muscle", h.mean("muscle_mass_grams", 14)},
		{"Fat, muscle and bone", "Fat", h.mean("fat_mass_grams", 14)},
		{"Fat, muscle and bone", "Bone", h.mean("bone_mass_grams", 14)},
		{"Now, kg", "Muscle", kilos(h.latest("muscle_mass_grams"))},
		{"Now, kg", "Fat", kilos(h.latest("fat_mass_grams"))},
		{"Now, kg", "Water", kilos(h.latest("hydration_grams"))},
		{"Now, kg", "Bone", kilos(h.latest("bone_mass_grams"))},
		{"Now, kg", "Without fat", kilos(h.latest("fat_free_mass_grams"))},
		{"Water", "Water", h.mean("hydration_grams", 14)},
		{"Water", "Inside cells", h.mean("intracellular_water_grams", 14)},
		{"Water", "Outside cells", h.mean("extracellular_water_grams", 14)},
		{"Visceral fat", "Reading", h.daily("visceral_fat")},
		{"Visceral fat", "30-day mean", h.mean("visceral_fat", 30)},
		{"Estimated ages", "Metabolic age", h.held("metabolic_age_years")},
		{"Estimated ages", "Vascular age", h.held("vascular_age_years")},
		{"Temperature", "Body", h.daily("body_temperature_celsius")},
		{"Temperature", "Skin", h.daily("skin_temperature_celsius")},
		{"Temperature", "Kind unknown", h.daily("temperature_celsius")},
	}
	for _, position := range []string{"torso", "left_arm", "right_arm", "left_leg", "right_leg"} {
		name := strings.ReplaceAll(position, "_", " ")
		all = append(all, entry{"Muscle, kg", name, kilos(h.part("segment_muscle_mass_grams", position))},
			entry{"Fat, kg", name, kilos(h.part("segment_fat_mass_grams", position))})
	}
	return append(all, h.everything("the body", exporter.GroupBody)...)
}
