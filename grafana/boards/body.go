package boards

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// body is weight, where it goes, and what it is made of.
func (b build) body() board {
	const (
		needsComposition = "Needs a body-composition scale"
		needsSegments    = "Needs a scale that measures arms and legs"
	)
	composed := []string{"fat_ratio"}
	return board{
		slug: "body", title: "Body", from: "now-1y", refresh: "15m",
		about: "Weight, its goal and when it will be reached, and what the body is made of.",
		more:  []dashboard.VariableModel{reachWithin()},
		rows: []row{
			{title: "Weight · $profile", each: true, panels: []panel{
				sized(18, 11, b.weighing("Weight")),
				b.bodyMassIndex(),
				tile(panel{title: "Weight since " + sinceWhen, about: aboutChange, needs: "Nothing to compare with", w: 6, h: 4, under: true, asks: []ask{b.change(weight)}}),
				b.outlook("Where the weight goes", weight, weightGoal, needsScale),
				lettered(14, 26, tile(panel{title: "Goal reached", w: 8, h: 3, needs: "Not at this pace, or no goal", asks: []ask{b.reached("Goal reached", weight, weightGoal).on(date)},
					about: "When the mean of 14 days is at the goal, if it keeps the pace of the past four weeks."})),
				lettered(14, 22, tile(panel{title: "Pace", w: 8, h: 3, under: true, needs: "Needs a goal and weigh-ins of six weeks", asks: []ask{b.pace("Now"), b.pace("Needed")},
					about: "Change per week: that of the past four weeks, and the one with which the goal is reached in the time chosen above."})),
				lettered(14, 26, tile(panel{title: "Left to the goal", w: 8, h: 3, under: true, needs: "No goal, or no weigh-ins of late", asks: []ask{b.toGo(weight, weightGoal)},
					about: "From the mean of the past 14 days to the goal."})),
				b.weeks(days(panel{title: "Change per week", w: 24, h: 7, needs: needsScale,
					about: "Mean weight of each week minus that of the week before.",
					asks:  []ask{b.perWeek("Change", weight).paint(weightColor).as(bars)}})),
			}},
			{title: "Composition · $profile", whose: composed, panels: []panel{
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
				sized(8, 8, b.composition(needsComposition)),
				days(panel{title: "Water", w: 8, h: 8, needs: needsComposition,
					about: "Mass of body water, inside and outside the cells if the scale measures both, as means of 14 days. " + aboutMeans,
					asks: []ask{
						b.average("Water", "hydration_grams", 14).paint(waterColor).as(bold),
						b.average("Inside cells", "intracellular_water_grams", 14).paint(deepColor),
						b.average("Outside cells", "extracellular_water_grams", 14).paint(purple),
					}}),
			}},
			{title: "Visceral fat and ages · $profile", whose: []string{"visceral_fat", "metabolic_age_years", "vascular_age_years"}, folded: true, panels: []panel{
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
			{title: "Segments · $profile", whose: []string{"segment_muscle_mass_grams", "segment_fat_mass_grams"}, folded: true, panels: []panel{
				b.segments("Muscle", "segment_muscle_mass_grams", muscleColor, needsSegments),
				b.segments("Fat", "segment_fat_mass_grams", fatColor, needsSegments),
			}},
			{title: "Temperature · $profile", whose: []string{"body_temperature_celsius", "skin_temperature_celsius", "temperature_celsius"}, folded: true, panels: []panel{
				days(panel{title: "Temperature", w: columnsOfBoard, h: 8, needs: "Needs a thermometer or a watch that measures temperature",
					about: "Readings of a thermometer or a watch: the last of each day.",
					asks: []ask{
						b.measured("Body", "body_temperature_celsius").paint(temperatureColor),
						b.measured("Skin", "skin_temperature_celsius").paint(blue),
						b.measured("Kind unknown", "temperature_celsius").paint(grey),
					}}),
			}},
			b.rest("body"),
		},
	}
}

// sinceWhen is the first day shown, as Grafana writes it in a title.
const sinceWhen = "${__from:date:D MMM YYYY}"

// aboutChange says what is compared.
const aboutChange = "Mean of the past 7 days minus that of the 7 days up to the first day shown. Another time above is another first day."

const weightGoal = "goal_weight_grams"

// weighing is the weight with one mean and the goal.
func (b build) weighing(title string) panel {
	return b.goalLine(days(panel{title: title, needs: needsScale,
		about: "Dots are weigh-ins, the line is the mean of 14 days, which evens out water and meals. " + aboutMeans,
		asks: []ask{
			b.measured("Weigh-in", weight).paint(weightColor),
			b.average("14-day mean", weight, 14).paint(weightColor).as(bold),
		}}), weightGoal)
}

// weeks makes bars as wide as a week. Grafana makes them as wide as a step, which is
// a day where the data source is Prometheus.
func (b build) weeks(p panel) panel {
	field := p.custom.(common.GraphFieldConfig)
	field.BarWidthFactor = new(0.85)
	if b.source == Prometheus {
		field.BarWidthFactor = new(0.85 * 7)
	}
	p.custom = field
	return p
}

// changeOf is a change with a name of its own.
func (b build) changeOf(name, row string) ask {
	a := b.change(row)
	a.name = name
	return a
}

// moving asks how far something is from where it was on the first day shown.
func (b build) moving(name, row string) ask {
	s := b.change(row).series
	return ask{series: s, name: name, text: b.since(s)}
}

// toGo asks how far it is to a goal.
func (b build) toGo(row, goal string) ask {
	s := b.change(row).series
	return ask{series: s, name: "Left", text: b.left(s, b.series(goal)), once: true}
}

// pace is what the weight changes in a week, or must.
func (b build) pace(name string) ask {
	s := b.change(weight).series
	s.scale.times = 7
	a := ask{series: s, name: name, text: b.language.rate(s), once: true}
	if name == "Needed" {
		a.text = b.owed(s, b.series(weightGoal))
	}
	a.unit += "/week"
	return a
}

// date shows a moment as a day.
var date = scale{unit: "time:D MMM YYYY"}

// on shows it in another scale.
func (a ask) on(s scale) ask {
	a.scale = s
	return a
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
