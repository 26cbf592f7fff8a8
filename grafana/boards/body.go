package boards

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// body is weight, where it goes, and what it is made of.
func (b build) body() board {
	const (
		needsComposition = "Needs a body-composition scale"
		needsSegments    = "Needs a scale that measures arms and legs"
	)
	return board{
		slug: "body", title: "Body", from: "now-1y", refresh: "15m",
		about: "Weight with means, trend and goal, and what the body is made of.",
		rows: []row{
			{title: "Weight · $profile", each: true, panels: []panel{
				sized(18, 11, b.weighing("Weight")),
				b.bodyMassIndex(),
				tile(panel{title: "Change", about: "Change of the 7-day mean over the time shown.", needs: "–", w: 6, h: 4, under: true, asks: []ask{b.change(weight)}}),
				lines(panel{title: "Change per week", daily: true, w: 12, h: 8, needs: needsScale,
					about: "Mean weight of each week minus that of the week before.",
					asks:  []ask{b.perWeek("Change", weight).paint(weightColor).as(bars)}}),
				days(panel{title: "Body fat", w: 12, h: 8, needs: needsComposition,
					about: "Fat mass as a share of weight; dots are readings. " + aboutMeans,
					asks:  []ask{b.measured("Reading", "fat_ratio").paint(fatColor), b.average("30-day mean", "fat_ratio", 30).paint(fatColor).as(bold)}}),
			}},
			{title: "Composition · $profile", each: true, panels: []panel{
				stacked(area, panel{title: "Fat, muscle and bone", w: 16, h: 10, needs: needsComposition, min: new(0.0),
					about: "What the weight is made of, as means of 14 days; the three add up to the weight. " + aboutMeans,
					asks: []ask{
						b.average("Muscle", "muscle_mass_grams", 14).paint(muscleColor),
						b.average("Fat", "fat_mass_grams", 14).paint(fatColor),
						b.average("Bone", "bone_mass_grams", 14).paint(boneColor),
					}}),
				b.composition(needsComposition),
				days(panel{title: "Water", w: 8, h: 8, needs: needsComposition,
					about: "Mass of body water, inside and outside the cells if the scale measures both, as means of 14 days. " + aboutMeans,
					asks: []ask{
						b.average("Water", "hydration_grams", 14).paint(waterColor).as(bold),
						b.average("Inside cells", "intracellular_water_grams", 14).paint(blue),
						b.average("Outside cells", "extracellular_water_grams", 14).paint(purple),
					}}),
				days(panel{title: "Visceral fat", w: 8, h: 8, needs: needsComposition, min: new(0.0),
					about: "Withings' index of the fat around the organs; it has no unit.",
					asks:  []ask{b.measured("Reading", "visceral_fat").paint(fatColor), b.average("30-day mean", "visceral_fat", 30).paint(fatColor).as(bold)}}),
				days(panel{title: "Estimated ages", w: 8, h: 8, needs: needsComposition,
					about: "Age of the metabolism and of the blood vessels as the scale estimates it, in years.",
					asks: []ask{
						b.past("Metabolic age", "metabolic_age_years").paint(orange),
						b.past("Vascular age", "vascular_age_years").paint(red),
					}}),
			}},
			{title: "Segments and temperature · $profile", each: true, panels: []panel{
				b.segments("Muscle", "segment_muscle_mass_grams", muscleColor, needsSegments),
				b.segments("Fat", "segment_fat_mass_grams", fatColor, needsSegments),
				days(panel{title: "Temperature", w: 8, h: 8, needs: "Needs a thermometer or a watch that measures temperature",
					about: "Readings of a thermometer or a watch: the last of each day.",
					asks: []ask{
						b.measured("Body", "body_temperature_celsius").paint(red),
						b.measured("Skin", "skin_temperature_celsius").paint(orange),
						b.measured("Kind unknown", "temperature_celsius").paint(grey),
					}}),
			}},
			b.rest("body"),
		},
	}
}

// weighing is the weight with means, trend and goal.
func (b build) weighing(title string) panel {
	return b.goalLine(days(panel{title: title, needs: needsScale,
		about: "Dots are weigh-ins. The line is the mean of 14 days, which evens out water and meals. " + aboutMeans,
		asks: []ask{
			b.measured("Weigh-in", weight).paint(weightColor),
			b.average("14-day mean", weight, 14).paint(weightColor).as(bold),
		}}), "goal_weight_grams")
}

// aboutMeans is said wherever there is a mean.
const aboutMeans = "In a mean, each day with a reading counts once, however many readings it has."

// bodyMassIndex is a dial with the classes of the World Health Organization.
func (b build) bodyMassIndex() panel {
	return dial(panel{title: "BMI", w: 6, h: 7, needs: "Needs weight and height", min: new(15.0), max: new(40.0), decimals: new(1.0),
		about:      "Body-mass index: weight divided by the square of height, kg/m². WHO classes for adults: underweight below 18.5, normal below 25, pre-obesity below 30, obesity from 30. Only the newest value; its history has the shape of that of the weight.",
		unit:       "none",
		thresholds: bands(blue, from(18.5, green), from(25, yellow), from(30, red)),
		asks:       []ask{{name: "BMI", text: b.bmi(), once: true, series: series{scale: scale{unit: "none"}}}}})
}

// composition is the newest of what the weight is made of.
func (b build) composition(needs string) panel {
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
