package boards

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// composition is what the body is made of, first of all how that changes: fat goes
// in small steps, which are lost in the sum.
func (b build) composition() board {
	const (
		needsComposition = "Needs a body-composition scale"
		needsSegments    = "Needs a scale that measures arms and legs"
	)
	return board{
		slug: "composition", title: "Composition", from: "now-1y", refresh: "15m", whose: []string{"fat_ratio", "fat_mass_grams"},
		about: "What the body is made of, and how that has changed since the first day shown.",
		rows: []row{
			{title: "$profile", each: true, panels: []panel{
				days(panel{title: "Change since " + sinceWhen, w: 16, h: 10, needs: needsComposition,
					about: "How far each has moved since the first day shown, as means of 7 days. " + aboutMeans,
					asks: []ask{
						b.moving("Fat", "fat_mass_grams").paint(fatColor).as(bold),
						b.moving("Muscle", "muscle_mass_grams").paint(muscleColor).as(bold),
						b.moving("Water", "hydration_grams").paint(waterColor),
						b.moving("Bone", "bone_mass_grams").paint(boneColor),
					}}),
				listed(panel{title: "Since " + sinceWhen, w: 8, h: 10, needs: needsComposition, about: aboutChange,
					asks: []ask{
						b.changeOf("Fat", "fat_mass_grams"), b.changeOf("Muscle", "muscle_mass_grams"), b.changeOf("Water", "hydration_grams"),
						b.changeOf("Bone", "bone_mass_grams"), b.changeOf("Body fat", "fat_ratio"),
					}}),
				days(panel{title: "Body fat", w: 8, h: 8, needs: needsComposition,
					about: "Fat mass as a share of weight; dots are readings. " + aboutMeans,
					asks:  []ask{b.measured("Reading", "fat_ratio").paint(fatColor), b.average("14-day mean", "fat_ratio", 14).paint(fatColor).as(bold)}}),
				sized(8, 8, b.madeOf(needsComposition)),
				days(panel{title: "Water", w: 8, h: 8, needs: needsComposition,
					about: "Mass of body water, inside and outside the cells if the scale measures both, as means of 14 days. " + aboutMeans,
					asks: []ask{
						b.average("Water", "hydration_grams", 14).paint(waterColor).as(bold),
						b.average("Inside cells", "intracellular_water_grams", 14).paint(deepColor),
						b.average("Outside cells", "extracellular_water_grams", 14).paint(purple),
					}}),
			}},
			{title: "Fat and ages · $profile", whose: []string{"visceral_fat", "metabolic_age_years", "vascular_age_years"}, panels: []panel{
				days(panel{title: "Visceral fat", w: 12, h: 8, needs: needsComposition, min: new(0.0),
					about: "Withings' index of the fat around the organs; it has no unit.",
					asks:  []ask{b.measured("Reading", "visceral_fat").paint(fatColor), b.average("14-day mean", "visceral_fat", 14).paint(fatColor).as(bold)}}),
				days(panel{title: "Estimated ages", w: 12, h: 8, needs: needsComposition,
					about: "Age of the metabolism and of the blood vessels as the scale estimates it, in years.",
					asks: []ask{
						b.past("Metabolic age", "metabolic_age_years").paint(energyColor),
						b.past("Vascular age", "vascular_age_years").paint(heartColor),
					}}),
			}},
			{title: "Segments · $profile", whose: []string{"segment_muscle_mass_grams", "segment_fat_mass_grams"}, panels: []panel{
				b.segments("Muscle", "segment_muscle_mass_grams", muscleColor, needsSegments),
				b.segments("Fat", "segment_fat_mass_grams", fatColor, needsSegments),
			}},
		},
	}
}

// moving asks how far something is from where it was on the first day shown.
func (b build) moving(name, row string) ask {
	s := b.change(row).series
	return ask{series: s, name: name, text: b.since(s)}
}

// madeOf is the newest of what the weight is made of.
func (b build) madeOf(needs string) panel {
	_, unit := b.series("muscle_mass_grams").bare()
	return gauges(panel{title: "Now, " + unit, w: 8, h: 10, needs: needs, about: "The newest readings.", min: new(0.0), decimals: new(1.0),
		colors: dashboard.FieldColorModeIdFixed, asks: []ask{
			b.number("Muscle", "muscle_mass_grams").paint(muscleColor),
			b.number("Fat", "fat_mass_grams").paint(fatColor),
			b.number("Water", "hydration_grams").paint(waterColor),
			b.number("Bone", "bone_mass_grams").paint(boneColor),
			b.number("Without fat", "fat_free_mass_grams").paint(purple),
		}})
}

// segments is a bar for each part of the body.
func (b build) segments(title, row, color, needs string) panel {
	s := b.series(row)
	s.by = "position"
	bare, unit := s.bare()
	s.scale = bare
	p := gauges(panel{title: title + ", " + unit, w: 8, h: 8, needs: needs, min: new(0.0), decimals: new(1.0), about: "The newest reading of each part of the body.",
		asks: []ask{{series: s, text: b.latest(s), once: true}}, colors: dashboard.FieldColorModeIdFixed})
	p.fixed = color
	p.transforms = []dashboard.DataTransformerConfig{{Id: "renameByRegex", Options: map[string]any{"regex": "(.*)_(.*)", "renamePattern": "$1 $2"}}}
	return p
}
