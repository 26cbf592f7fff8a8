package boards

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// body is weight, where it goes, and what it is made of.
func (b build) body() board {
	return board{
		slug: "body", title: "Body", from: "now-1y", refresh: "15m",
		about: "Weight, its goal, and when it will be reached.",
		more:  []dashboard.VariableModel{reachWithin()},
		rows: []row{
			{title: "Weight · $profile", each: true, panels: []panel{
				sized(18, 11, b.weighing("Weight")),
				b.bodyMassIndex(),
				tile(panel{title: "Change since " + sinceWhen, about: aboutChange, needs: "Nothing to compare with", w: 6, h: 4, under: true, asks: []ask{b.change(weight)}}),
				b.outlook("Where the weight goes", weight, weightGoal, needsScale),
				lettered(14, 26, tile(panel{title: "Goal reached", w: 8, h: 3, needs: "No goal, too few weigh-ins, or not at this pace", asks: []ask{b.reached("Goal reached", weight, weightGoal)},
					about: "When the mean of 14 days is at the goal, if it keeps the pace of the past four weeks."})),
				lettered(14, 22, tile(panel{title: "Pace", w: 8, h: 3, under: true, needs: "No goal, or not yet six weeks of weigh-ins", asks: []ask{b.pace("Now"), b.pace("Needed")},
					about: "Change per week: that of the past four weeks, and the one with which the goal is reached in the time chosen above."})),
				lettered(14, 26, tile(panel{title: "Left to the goal", w: 8, h: 3, under: true, needs: "No goal, or no weigh-ins of late", asks: []ask{b.toGo(weight, weightGoal)},
					about: "From the mean of the past 14 days to the goal."})),
				b.weeks(days(panel{title: "Change per week", w: 24, h: 7, needs: needsScale,
					about: "Mean weight of each week minus that of the week before.",
					asks:  []ask{b.perWeek("Change", weight).paint(weightColor).as(bars)}})),
			}},
			{title: "Temperature · $profile", whose: []string{"body_temperature_celsius", "skin_temperature_celsius", "temperature_celsius"}, panels: []panel{
				days(panel{title: "Temperature", w: columnsOfBoard, h: 8, needs: "Needs a thermometer or a watch that measures temperature",
					about: "Readings of a thermometer or a watch: the last of each day.",
					asks: []ask{
						b.measured("Body", "body_temperature_celsius").paint(temperatureColor),
						b.measured("Skin", "skin_temperature_celsius").paint(blue),
						b.measured("Kind unknown", "temperature_celsius").paint(grey),
					}}),
			}},
			b.urine(),
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

// weeks makes bars as wide as a week, from its first day on. Grafana makes them as wide as a step, a day, as
// long as it knows the steps of the query; of a table from Prometheus it does not.
func (b build) weeks(p panel) panel {
	p.colors, p.fixed = dashboard.FieldColorModeIdFixed, p.asks[0].color
	field := bars.field()
	field.BarAlignment = new(common.BarAlignmentAfter)
	p.custom = field
	if b.source == Prometheus {
		name := p.asks[0].name
		p.asks[0] = p.asks[0].columns()
		p.transforms = append(p.transforms, organized(map[string]any{"profile": true}, nil, map[string]any{"Value": name}))
	}
	return p
}

// changeOf is a change with a name of its own, where the title says since when.
func (b build) changeOf(name, row string) ask {
	a := b.change(row)
	a.name, a.shown = name, ""
	return a
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

// aboutMeans is said wherever there is a mean.
const aboutMeans = "In a mean, each day with a reading counts once, however many readings it has."

// bodyMassIndex is a dial with the classes of the World Health Organization.
func (b build) bodyMassIndex() panel {
	return dial(panel{title: "BMI", w: 6, h: 7, needs: "Needs weight and height", min: new(15.0), max: new(40.0), decimals: new(1.0),
		about:      "Body-mass index: weight divided by the square of height, kg/m². WHO classes for adults: underweight below 18.5, normal below 25, pre-obesity below 30, obesity from 30. Only the newest value; its history has the shape of that of the weight.",
		unit:       "none",
		thresholds: bands(blue, from(18.5, good), from(25, warning), from(30, bad)),
		asks:       []ask{{name: "BMI", text: b.bmi(), once: true, series: series{scale: scale{unit: "none"}}}}})
}
