package withings

import (
	"maps"
	"strings"
	"testing"

	"withings-exporter/exporter"
)

// TestUrineHasNamesOfItsOwn has the group of a U-Scan and its kin. Whatever is shown
// of urine and of unknown types is compared, and so is what the sink has.
func TestUrineHasNamesOfItsOwn(t *testing.T) {
	value := func(kind, value, unit float64, more ...float64) any {
		m := map[string]any{"type": kind, "value": value, "unit": unit}
		if len(more) > 0 {
			m["position"] = more[0]
		}
		return m
	}
	unknown := func(kind string) string { return `unknown_measure{type="` + kind + `"}` }
	right := map[string]float64{
		"urine_ph": 6.2, "urine_specific_gravity": 1.018, "urine_nitrites_micromoles_per_liter": 0,
		"urine_ketones_millimoles_per_liter": 0.5, "urine_vitamin_c_millimoles_per_liter": 1.2, "urine_calcium_millimoles_per_liter": 3.1,
		"urine_creatinine_millimoles_per_liter": 9.8, "urine_calcium_creatinine_ratio": 0.32, unknown("228"): 7, unknown("230"): 3,
	}
	first := func(fields map[string]any) func(g map[string]any) rowsOf {
		return func(g map[string]any) rowsOf { return rowsOf{edited(g, fields)} }
	}
	for _, c := range []struct {
		name string
		rows func(g map[string]any) rowsOf
		want map[string]float64
	}{
		{"as a U-Scan sends it", first(nil), right},
		{"with other exponents and positions", first(map[string]any{"measures": []any{
			value(147, 62000, -4, 7), value(148, 10180, -4), value(151, 0, -2, 6), value(204, 5000, -4), value(205, 120, -2),
			value(248, 31000, -4, 7), value(249, 1, 1), value(251, 3200, -4, 7), value(228, 70, -1), value(230, 3, 0)}}),
			with2(right, "urine_creatinine_millimoles_per_liter", 10)},
		{"in another order, at a place of the body", first(map[string]any{"measures": []any{value(251, 32, -2, 12), value(147, 62, -1, 12)}}),
			map[string]float64{`urine_calcium_creatinine_ratio{position="torso"}`: 0.32, `urine_ph{position="torso"}`: 6.2}},
		{"nothing of all that may be nothing", first(map[string]any{"measures": []any{value(151, 0, 0), value(204, 0, -1), value(205, 0, -2)}}),
			map[string]float64{"urine_nitrites_micromoles_per_liter": 0, "urine_ketones_millimoles_per_liter": 0, "urine_vitamin_c_millimoles_per_liter": 0}},
		{"nothing of what cannot be nothing", first(map[string]any{"measures": []any{value(147, 0, 0), value(148, 0, -3), value(248, 0, -1), value(249, 0, -1),
			value(251, 0, -2), value(151, 4, 0)}}), map[string]float64{"urine_nitrites_micromoles_per_liter": 4}},
		{"less than nothing is not available", first(map[string]any{"measures": []any{value(204, -1, 0), value(151, -1, 0), value(249, 98, -1)}}),
			map[string]float64{"urine_creatinine_millimoles_per_liter": 9.8}},
		{"a ratio above one", first(map[string]any{"measures": []any{value(251, 145, -2)}}), map[string]float64{"urine_calcium_creatinine_ratio": 1.45}},
		{"perhaps another person's", first(map[string]any{"attrib": 1.0}), nil},
		{"of an attribution that nobody explains", first(map[string]any{"attrib": 10009.0}), right},
		{"inconclusive, as Withings says itself", first(map[string]any{"is_inconclusive": true}), nil},
		{"as objectives, which nobody has of urine", first(map[string]any{"category": 2.0}), nil},
		{"known types beside unknown ones", first(map[string]any{"measures": []any{value(147, 71, -1), value(150, 3, 0), value(250, 4, 0), value(203, 5, -1)}}),
			map[string]float64{"urine_ph": 7.1, unknown("150"): 3, unknown("250"): 4, unknown("203"): 0.5}},
		{"two cartridges, a morning apart", func(g map[string]any) rowsOf {
			return rowsOf{edited(g, map[string]any{"grpid": 9003.0, "date": 1795576391.0, "measures": []any{value(147, 55, -1), value(204, 15, -1)}}),
				edited(g, map[string]any{"measures": []any{value(147, 62, -1), value(249, 98, -1)}})}
		}, map[string]float64{"urine_ph": 6.2, "urine_ketones_millimoles_per_liter": 1.5, "urine_creatinine_millimoles_per_liter": 9.8}},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			rows := c.rows(caseRows(t, "uscan-types", "measuregrps.json")[0])
			for _, rows := range permuted(rows) {
				h := newHouse(map[exporter.Service]rowsOf{exporter.Measure: rows})
				h.open(t)
				got := map[string]float64{}
				for name, value := range h.shown(t) {
					name = strings.TrimPrefix(name, exporter.Prefix)
					if strings.HasPrefix(name, "urine_") || strings.HasPrefix(name, "unknown_measure") {
						got[name] = value
					}
				}
				if !maps.Equal(got, c.want) {
					t.Errorf("shown are\n\t%v\nwant\n\t%v", got, c.want)
				}
				h.shows(t, map[string]float64{"withings_up": 1})
				h.stop()
			}
		})
	}
}

// TestTheSinkHasTheUrineOfEveryMorning wants every reading of two groups, exactly as
// it was sent, in the sink.
func TestTheSinkHasTheUrineOfEveryMorning(t *testing.T) {
	inBubble(t, "two mornings", func(t *testing.T) {
		today := caseRows(t, "uscan-types", "measuregrps.json")[0]
		before := edited(today, map[string]any{"grpid": 9001.0, "date": 1795576391.0})
		h := newHouse(map[exporter.Service]rowsOf{exporter.Measure: {today, before}})
		h.open(t)
		for metric, want := range map[string]string{
			"urine_ph": "6.2", "urine_specific_gravity": "1.018", "urine_nitrites_micromoles_per_liter": "0",
			"urine_ketones_millimoles_per_liter": "0.5", "urine_vitamin_c_millimoles_per_liter": "1.2", "urine_calcium_millimoles_per_liter": "3.1",
			"urine_creatinine_millimoles_per_liter": "9.8", "urine_calcium_creatinine_ratio": "0.32",
		} {
			got := h.sink.values(exporter.Measure, metric)
			if !maps.Equal(got, map[string]string{"9001": want, "9002": want}) {
				t.Errorf("%s: the sink has %v, want %s twice", metric, got, want)
			}
		}
		want := map[string]string{"9001 228": "7", "9001 230": "3", "9002 228": "7", "9002 230": "3"}
		if got := h.sink.values(exporter.Measure, "unknown_measure"); !maps.Equal(got, want) {
			t.Errorf("of unknown types the sink has %v, want %v", got, want)
		}
	})
}
