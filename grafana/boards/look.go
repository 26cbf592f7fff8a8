package boards

import (
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/common"
)

// look is how a line of a time series is drawn.
type look int

const (
	line   look = iota // thin, joined over gaps
	dots               // measured values
	bold               // the line to look at
	dashed             // a goal
	bars               // a value of each day
	area               // stacked
)

// field draws a line.
func (l look) field() common.GraphFieldConfig {
	c := common.GraphFieldConfig{
		DrawStyle: new(common.GraphDrawStyleLine), LineWidth: new(1.0), FillOpacity: new(0.0),
		LineInterpolation: new(common.LineInterpolationLinear),
		ShowPoints:        new(common.VisibilityModeNever), PointSize: new(4.0),
		SpanNulls: &common.BoolOrFloat64{Bool: new(true)}, AxisGridShow: new(true),
	}
	switch l {
	case dots:
		c.DrawStyle, c.ShowPoints = new(common.GraphDrawStylePoints), new(common.VisibilityModeAlways)
	case bold:
		c.LineWidth = new(3.0)
		c.LineInterpolation = new(common.LineInterpolationSmooth)
	case dashed:
		c.LineWidth = new(2.0)
		c.LineStyle = &common.LineStyle{Fill: new(common.LineStyleFillDash), Dash: []float64{8, 8}}
	case bars:
		c.DrawStyle, c.FillOpacity, c.LineWidth = new(common.GraphDrawStyleBars), new(75.0), new(0.0)
		c.BarAlignment = new(common.BarAlignmentCenter)
	case area:
		c.FillOpacity, c.LineWidth = new(35.0), new(1.0)
	}
	return c
}

// distinct gives the dots around a line a colour of their own, so that no two names in a
// legend have the same.
func (p panel) distinct() panel {
	p.asks = slices.Clone(p.asks)
	for i, a := range p.asks {
		same := func(other ask) bool { return other.color == a.color && other.look != dots }
		if p.kind == "timeseries" && a.look == dots && a.color != "" && slices.ContainsFunc(p.asks, same) {
			p.asks[i].color = readingColor
		}
	}
	return p
}

// properties are what differs from a thin line, for the override of one line.
func (l look) properties() map[string]any {
	plain, c := line.field(), l.field()
	p := map[string]any{}
	if *c.DrawStyle != *plain.DrawStyle {
		p["custom.drawStyle"] = *c.DrawStyle
	}
	if *c.ShowPoints != *plain.ShowPoints {
		p["custom.showPoints"] = *c.ShowPoints
	}
	if *c.LineWidth != *plain.LineWidth {
		p["custom.lineWidth"] = *c.LineWidth
	}
	if *c.FillOpacity != *plain.FillOpacity {
		p["custom.fillOpacity"] = *c.FillOpacity
	}
	if *c.LineInterpolation != *plain.LineInterpolation {
		p["custom.lineInterpolation"] = *c.LineInterpolation
	}
	if c.LineStyle != nil {
		p["custom.lineStyle"] = *c.LineStyle
	}
	return p
}
