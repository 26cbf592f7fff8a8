package boards

import (
	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/gauge"
	"github.com/grafana/grafana-foundation-sdk/go/piechart"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/text"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// The kinds of panels of the boards. All are core panels, with options as
// Grafana 10 has them; newer ones read these.

// lines is a chart over time.
func lines(p panel) panel {
	p.kind = "timeseries"
	p.custom = line.field()
	p.options = timeseries.Options{
		Legend: legend(), Tooltip: common.VizTooltipOptions{Mode: common.TooltipDisplayModeMulti, Sort: common.SortOrderNone},
	}
	return p
}

// days is a chart whose steps are days.
func days(p panel) panel {
	p.daily = true
	return lines(p)
}

// stacked is a chart of days whose values add up.
func stacked(l look, p panel) panel {
	p = days(p)
	field := l.field()
	field.Stacking = &common.StackingConfig{Mode: new(common.StackingModeNormal), Group: new("A")}
	p.custom = field
	for i := range p.asks {
		p.asks[i].look = line // as the panel draws
	}
	return p
}

// banded paints the thresholds behind the lines.
func banded(p panel) panel {
	field := p.custom.(common.GraphFieldConfig)
	field.ThresholdsStyle = &common.GraphThresholdsStyleConfig{Mode: common.GraphThresholdsStyleModeArea}
	p.custom = field
	return p
}

// dashedAt draws the thresholds as dashed lines.
func dashedAt(p panel) panel {
	field := p.custom.(common.GraphFieldConfig)
	field.ThresholdsStyle = &common.GraphThresholdsStyleConfig{Mode: common.GraphThresholdsStyleModeDashed}
	p.custom = field
	return p
}

// withMeans shows the mean of each line beside its name.
func withMeans(p panel) panel {
	o := p.options.(timeseries.Options)
	o.Legend.DisplayMode, o.Legend.Calcs = common.LegendDisplayModeTable, []string{"mean", "count"}
	p.options = o
	return p
}

func legend() common.VizLegendOptions {
	return common.VizLegendOptions{
		DisplayMode: common.LegendDisplayModeList, Placement: common.LegendPlacementBottom, ShowLegend: true, Calcs: []string{},
	}
}

// tile is a number to be read from across the room.
func tile(p panel) panel {
	p.kind = "stat"
	if p.colors == "" {
		p.colors = dashboard.FieldColorModeIdThresholds
	}
	if p.thresholds == nil {
		p.thresholds = []dashboard.Threshold{{Color: "text"}}
	}
	mode := common.BigValueTextModeValue
	if len(p.asks) > 1 {
		mode = common.BigValueTextModeValueAndName
	}
	p.options = stat.Options{
		GraphMode: common.BigValueGraphModeNone, ColorMode: common.BigValueColorModeValue,
		JustifyMode: common.BigValueJustifyModeAuto, TextMode: mode, WideLayout: true,
		ReduceOptions: reduce("lastNotNull"), Orientation: common.VizOrientationAuto,
		PercentChangeColorMode: common.PercentChangeColorModeStandard,
	}
	return p
}

func reduce(calc string) common.ReduceDataOptions {
	return common.ReduceDataOptions{Values: new(false), Calcs: []string{calc}, Fields: new("")}
}

// dial is a number on an arc.
func dial(p panel) panel {
	p.kind = "gauge"
	if p.colors == "" {
		p.colors = dashboard.FieldColorModeIdThresholds
	}
	p.options = gauge.Options{
		ShowThresholdMarkers: true, Sizing: common.BarGaugeSizingAuto, MinVizWidth: 75, MinVizHeight: 75,
		ReduceOptions: reduce("lastNotNull"), Orientation: common.VizOrientationAuto,
	}
	return p
}

// gauges are horizontal bars, one for each ask.
func gauges(p panel) panel {
	p.kind = "bargauge"
	p.options = bargauge.Options{
		DisplayMode: common.BarGaugeDisplayModeGradient, ValueMode: common.BarGaugeValueModeColor,
		NamePlacement: common.BarGaugeNamePlacementAuto, ShowUnfilled: true, Sizing: common.BarGaugeSizingAuto,
		MinVizWidth: 8, MinVizHeight: 16, MaxVizHeight: 300, Legend: legend(),
		ReduceOptions: reduce("lastNotNull"), Orientation: common.VizOrientationHorizontal,
		Text: &common.VizTextDisplayOptions{TitleSize: new(14.0), ValueSize: new(14.0)},
	}
	return p
}

// ring is how a whole is divided, one piece for each ask.
func ring(p panel) panel {
	p.kind = "piechart"
	p.options = piechart.Options{
		PieType: piechart.PieChartTypeDonut, DisplayLabels: []piechart.PieChartLabels{}, ReduceOptions: reduce("lastNotNull"),
		Tooltip: common.VizTooltipOptions{Mode: common.TooltipDisplayModeSingle},
		Legend: piechart.PieChartLegendOptions{ShowLegend: true, DisplayMode: common.LegendDisplayModeTable, Placement: common.LegendPlacementBottom,
			Values: []piechart.PieChartLegendValues{piechart.PieChartLegendValuesValue, piechart.PieChartLegendValuesPercent}, Calcs: []string{}},
	}
	return p
}

// columns is a table.
func columns(sortBy string, p panel) panel {
	p.kind = "table"
	if p.colors == "" {
		p.colors = dashboard.FieldColorModeIdThresholds
	}
	if p.thresholds == nil {
		p.thresholds = []dashboard.Threshold{{Color: "text"}}
	}
	p.custom = common.TableFieldOptions{Align: common.FieldTextAlignmentAuto, CellOptions: &common.TableCellOptions{
		TableAutoCellOptions: &common.TableAutoCellOptions{Type: "auto"}}}
	o := table.Options{ShowHeader: true, CellHeight: new(common.TableCellHeightSm),
		Footer: &common.TableFooterOptions{Show: false, Reducer: []string{"sum"}, CountRows: new(false)}}
	if sortBy != "" {
		o.SortBy = []common.TableSortByFieldState{{DisplayName: sortBy, Desc: new(true)}}
	}
	p.options = o
	return p
}

// note is words.
func note(w, h uint32, title, about, markdown string) panel {
	return panel{kind: "text", title: title, about: about, w: w, h: h, options: text.Options{Mode: text.TextModeMarkdown, Content: markdown}}
}

// bands are thresholds: colours from values on.
func bands(lowest string, steps ...dashboard.Threshold) []dashboard.Threshold {
	return append([]dashboard.Threshold{{Color: lowest}}, steps...)
}

// from is one step of bands.
func from(value float64, color string) dashboard.Threshold {
	return dashboard.Threshold{Value: new(value), Color: color}
}

// byTime shows when the answer was, not what, and calls that by a name.
func byTime(name string, p panel) panel {
	o := p.options.(stat.Options)
	o.ReduceOptions.Fields = new("/^" + name + "$/")
	p.options = o
	p.overrides = append(p.overrides, override{name: "Time", properties: map[string]any{"displayName": name}})
	return p
}

// named shows whose value it is.
func named(p panel) panel {
	o := p.options.(stat.Options)
	o.TextMode = common.BigValueTextModeValueAndName
	p.options = o
	return p
}

// lettered sets the sizes of name and number, so that neighbours look alike.
func lettered(name, value float64, p panel) panel {
	o := p.options.(stat.Options)
	o.Text = &common.VizTextDisplayOptions{TitleSize: new(name), ValueSize: new(value)}
	o.WideLayout = false
	p.options = o
	return p
}

// coloured paints the cells of a table, as narrow as they need to be.
func coloured(p panel) panel {
	p.custom = common.TableFieldOptions{Align: common.FieldTextAlignmentCenter, MinWidth: new(40.0), CellOptions: &common.TableCellOptions{
		TableColoredBackgroundCellOptions: &common.TableColoredBackgroundCellOptions{Type: "color-background", Mode: new(common.TableCellBackgroundDisplayModeBasic)}}}
	return p
}

// drawn draws every line in one way.
func drawn(l look, p panel) panel {
	field := l.field()
	field.Stacking = &common.StackingConfig{Mode: new(common.StackingModeNormal), Group: new("A")}
	p.custom = field
	return p
}
