package boards

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// panel is one picture of a board.
type panel struct {
	title string
	about string // the description: what is seen, and how it comes about
	needs string // what to say when there is no data: "Needs a scale"
	fills string // how data comes, when not as most does; see filling
	kind  string // Grafana's name of the panel
	w, h  uint32 // of 24 columns; rows of 30 pixels
	asks  []ask

	daily      bool     // steps are days
	every      string   // the least length of a step, when not days
	fine       bool     // steps are that long, whatever time is shown
	span       timespan // the time shown, when not that of the board
	options    any
	custom     any
	unit       string // when it is not that of the first ask
	min, max   *float64
	decimals   *float64
	thresholds []dashboard.Threshold
	mappings   []dashboard.ValueMapping
	colors     dashboard.FieldColorModeId
	fixed      string // the one colour, when colors says so
	transforms []dashboard.DataTransformerConfig
	overrides  []override
	under      bool   // stands under the panel before it
	links      []link // in its corner
	clicks     []link // of every value
}

// override changes the look of one line or column.
type override struct {
	matcher    string // how it is found; "" by its name
	name       string
	properties map[string]any
}

// manyDays keeps Grafana from making steps longer than a day, whatever time is
// shown: 5000 days are 13 years.
const manyDays = 5000

// manyMinutes does so for steps of minutes; Prometheus gives 11,000 at most. There are
// a week of single minutes, and a month of five each.
const manyMinutes = 10_000

// render makes the panel a part of a board.
func (p panel) render(source Source, id uint32, at dashboard.GridPos) dashboard.Panel {
	p = p.signed().distinct().headed()
	r := dashboard.Panel{
		Type: p.kind, Id: new(id), Title: new(p.title), Description: new(p.description()), GridPos: &at,
		Options: p.options, Transformations: p.transforms, Transparent: new(false), Links: dashboardLinks(p.links),
		FieldConfig: &dashboard.FieldConfigSource{Defaults: p.defaults(), Overrides: p.overriding()},
	}
	if len(p.asks) > 0 {
		r.Datasource = chosen(source)
		r.Targets = p.targets(source)
	}
	switch {
	case p.daily:
		r.Interval, r.MaxDataPoints = new("1d"), new(float64(manyDays))
	case p.every != "":
		r.Interval = new(p.every)
		if p.fine {
			r.MaxDataPoints = new(float64(manyMinutes))
		}
	}
	if p.span != (timespan{}) {
		r.TimeFrom, r.TimeShift, r.HideTimeOverride = new(p.span.from), new(p.span.shift), new(true)
	}
	return r
}

// timespan is a time of a panel's own. Grafana counts it back from now, and puts a
// minus before the shift: "0d+90d" lies 90 days ahead, "1y/y" is all of last
// year.
type timespan struct{ from, shift string }

// description also says what the panel needs and how it fills, where Grafana has no
// room for it.
func (p panel) description() string {
	if strings.HasPrefix(p.needs, needsDevice) {
		return p.about + " " + p.needs + ". " + p.filling()
	}
	return p.about
}

// needsDevice begins what a panel needs when that is something to measure with.
const needsDevice = "Needs "

// nothing is what an empty panel says. That there is no such device is one reason; in a
// new database, another is that there is no reading of it yet. A number has room for
// neither, and its description says how it fills.
func (p panel) nothing() string {
	device, ok := strings.CutPrefix(p.needs, needsDevice)
	switch {
	case !ok:
		return p.needs
	case p.kind == "piechart": // which says it beside every name
		return "None"
	case p.kind == "gauge": // whose letters are as small as it takes
		return "None"
	case slices.Contains([]string{"stat", "bargauge"}, p.kind):
		return "No readings of " + device
	}
	of := "No readings of "
	if p.fills != "" {
		of = "No minutes of "
	}
	return of + device + " in this time. " + strings.TrimSuffix(p.filling(), ".")
}

// filling says how an empty panel fills.
func (p panel) filling() string { return cmp.Or(p.fills, fillsItself) }

// fillsItself is true of whatever is both shown as a gauge and part of the history.
const fillsItself = "Fills with new readings, or at once with imported history."

func (p panel) targets(source Source) []variants.Dataquery {
	var all []variants.Dataquery
	for i, a := range p.asks {
		all = append(all, a.query(source, refID(i)))
	}
	return all
}

// refID is A to Z, then A1 and so on.
func refID(i int) string {
	letter := string(rune('A' + i%26))
	if i < 26 {
		return letter
	}
	return fmt.Sprintf("%s%d", letter, i/26)
}

func (p panel) defaults() dashboard.FieldConfig {
	c := dashboard.FieldConfig{
		Min: p.min, Max: p.max, Decimals: p.decimals, Mappings: p.mappings, Custom: p.custom,
		Color: &dashboard.FieldColor{Mode: p.colors}, Links: dashboardLinks(p.clicks),
	}
	if p.colors == "" {
		c.Color.Mode = dashboard.FieldColorModeIdPaletteClassic
	}
	if p.bars() { // without this, Grafana leaves out the name of a bar that is alone; each has its own, by its ask
		c.DisplayName = new("${__series.name}")
	}
	if p.fixed != "" {
		c.Color.FixedColor = new(p.fixed)
	}
	if unit := p.shownUnit(); unit != "" {
		c.Unit = new(unit)
	}
	if c.Decimals == nil && len(p.asks) > 0 && p.unit == "" && p.asks[0].scale != clock {
		if count, ok := p.asks[0].places.count(); ok {
			c.Decimals = new(float64(count))
		}
	}
	if p.needs != "" {
		c.NoValue = new(p.nothing())
		switch p.kind {
		case "stat", "gauge":
			c.Mappings = append(slices.Clone(c.Mappings), plain())
		case "timeseries": // or an axis says it between whole numbers
			c.Mappings = append(slices.Clone(c.Mappings), empty())
		}
	}
	steps := p.thresholds
	if steps == nil {
		steps = []dashboard.Threshold{{Color: good}}
	}
	c.Thresholds = &dashboard.ThresholdsConfig{Mode: dashboard.ThresholdsModeAbsolute, Steps: steps}
	return c
}

// shownUnit is the unit of most of the panel.
func (p panel) shownUnit() string {
	if p.unit != "" || len(p.asks) == 0 {
		return p.unit
	}
	return p.asks[0].unit
}

// bars reports whether the panel has a bar for each ask, under its name.
func (p panel) bars() bool { return p.kind == "bargauge" && len(p.asks) > 0 && p.asks[0].name != "" }

// overriding are the looks of single lines: those of the asks, then the panel's
// own.
func (p panel) overriding() []dashboard.DashboardFieldConfigSourceOverrides {
	all := []dashboard.DashboardFieldConfigSourceOverrides{}
	add := func(matcher, name string, properties map[string]any) {
		if len(properties) == 0 {
			return
		}
		o := dashboard.DashboardFieldConfigSourceOverrides{Matcher: dashboard.MatcherConfig{Id: cmp.Or(matcher, "byName"), Options: name}}
		for _, id := range slices.Sorted(maps.Keys(properties)) {
			o.Properties = append(o.Properties, dashboard.DynamicConfigValue{Id: id, Value: properties[id]})
		}
		all = append(all, o)
	}
	for i, a := range p.asks {
		properties := map[string]any{}
		if p.kind == "timeseries" && a.look != line {
			properties = a.look.properties()
		}
		if a.color != "" {
			properties["color"] = dashboard.FieldColor{Mode: dashboard.FieldColorModeIdFixed, FixedColor: new(a.color)}
		}
		if a.below != "" {
			properties["custom.fillBelowTo"] = a.below
			properties["custom.fillOpacity"] = 20
		}
		if p.bars() {
			properties["displayName"] = a.name
		}
		if a.shown != "" {
			properties["displayName"] = a.shown
		}
		if a.unit != "" && a.unit != p.shownUnit() {
			properties["unit"] = a.unit
		}
		if a.scale == clock {
			properties["decimals"] = 1 // minutes, but no seconds
		} else if count, ok := a.places.count(); ok && (i > 0 || p.unit != "") && p.decimals == nil {
			properties["decimals"] = count
		}
		if a.change {
			properties["mappings"] = a.signs()
		} else if a.grouped {
			properties["mappings"] = a.commas()
		}
		switch {
		case p.bars(): // all have the same name until this gives them theirs
			add("byFrameRefID", refID(i), properties)
		case a.name != "" && !a.table:
			add("", a.name, properties)
		case a.name == "" && a.color != "": // a line for each label, in shades of a colour
			properties["color"] = dashboard.FieldColor{Mode: dashboard.FieldColorModeIdShades, FixedColor: new(a.color)}
			add("byFrameRefID", refID(i), properties)
		}
	}
	for _, o := range p.overrides {
		add(o.matcher, o.name, o.properties)
	}
	return all
}
