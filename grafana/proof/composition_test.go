package proof

import "strings"

// composition is what the dashboard Composition must show.
func composition(h asked) []entry {
	all := []entry{
		{"Body fat", "Reading", h.daily("fat_ratio")},
		{"Body fat", "14-day mean", h.mean("fat_ratio", 14)},
		{sinceWhen, "Body fat", change(h.moved("fat_ratio"), 0.01, 1)},
		{"Now, kg", "Without fat", kilos(h.latest("fat_free_mass_grams"))},
		{"Water", "Water", h.mean("hydration_grams", 14)},
		{"Water", "Inside cells", h.mean("intracellular_water_grams", 14)},
		{"Water", "Outside cells", h.mean("extracellular_water_grams", 14)},
		{"Visceral fat", "Reading", h.daily("visceral_fat")},
		{"Visceral fat", "14-day mean", h.mean("visceral_fat", 14)},
		{"Estimated ages", "Metabolic age", h.held("metabolic_age_years")},
		{"Estimated ages", "Vascular age", h.held("vascular_age_years")},
	}
	for name, row := range map[string]string{"Fat": "fat_mass_grams", "Muscle": "muscle_mass_grams", "Water": "hydration_grams", "Bone": "bone_mass_grams"} {
		all = append(all,
			entry{"Change since ${__from:date:D MMM YYYY}", name, change(h.since(row), 1000, 2)},
			entry{sinceWhen, name, change(h.moved(row), 1000, 2)},
			entry{"Now, kg", name, kilos(h.latest(row))})
	}
	for _, position := range []string{"torso", "left_arm", "right_arm", "left_leg", "right_leg"} {
		name := strings.ReplaceAll(position, "_", " ")
		all = append(all, entry{"Muscle, kg", name, kilos(h.part("segment_muscle_mass_grams", position))},
			entry{"Fat, kg", name, kilos(h.part("segment_fat_mass_grams", position))})
	}
	return all
}
