package boards

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/xychart"
)

// scatter puts the two pressures of each day against each other.
func (b build) scatter() panel {
	const upper, lower = "Systolic", "Diastolic"
	p := panel{title: "Both pressures", kind: "xychart", w: 7, h: 11, needs: needsCuff, daily: true,
		about:      "Each point is the last reading of a day: diastolic to the right, systolic upwards.",
		asks:       []ask{b.measured(upper, systolic), b.measured(lower, diastolic)},
		transforms: []dashboard.DataTransformerConfig{joined()},
		colors:     dashboard.FieldColorModeIdFixed, fixed: upperColor,
	}
	p.custom = xychart.FieldConfig{Show: new(xychart.ScatterShowPoints), PointSize: &common.ScaleDimensionConfig{Fixed: new(5.0)},
		AxisLabel: new("")}
	p.options = xychart.Options{
		SeriesMapping: new(xychart.SeriesMappingAuto), Dims: xychart.XYDimensionConfig{Frame: 0, X: new(lower)},
		Legend: hidden(), Tooltip: common.VizTooltipOptions{Mode: common.TooltipDisplayModeSingle},
		Series: []xychart.ScatterSeriesConfig{},
	}
	return p
}

func hidden() common.VizLegendOptions {
	l := legend()
	l.ShowLegend = false
	return l
}
