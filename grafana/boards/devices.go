package boards

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// devices is a table of a person's devices, put together by their ids.
func (b build) devices() panel {
	info, battery := b.series("device_info"), b.series("device_battery_state")
	seen, first := b.series("device_last_session_timestamp_seconds"), b.series("device_first_session_timestamp_seconds")
	p := columns("", panel{title: "Devices", w: columnsOfBoard, h: 9, needs: "No devices", unit: "string",
		about: "Devices of the person: battery (low up to 30 %, medium up to 75 %, high above), and when each was first and last in contact. Withings does not say everything of every device: of a sleep mat, often nothing."})
	hidden := map[string]any{"device": true, "Time": true, "Time 1": true, "Time 2": true, "Time 3": true, "Time 4": true}
	names := map[string]any{"type": "Kind", "model": "Model", "state": "Battery"}
	order := map[string]any{"model": 0, "state": 1, "type": 9} // what one looks for first, for narrow windows
	column := func(s series, query, value, name string) {
		p.asks = append(p.asks, ask{series: s, text: query, table: true, once: true})
		if name == "" {
			hidden[value] = true
			return
		}
		order[value], names[value] = len(p.asks), name
	}
	if b.source == Prometheus {
		each := func(labels string, s series, condition string) string {
			return fmt.Sprintf("max by (%s) (last_over_time(%s[$__range])%s)", labels, selector(s.row), condition)
		}
		column(info, each("device, type, model", info, ""), "Value #A", "")
		column(battery, fmt.Sprintf("max by (device, state) (%s == 1)", selector(battery.row)), "Value #B", "")
		column(seen, seen.apply(each("device", seen, "")), "Value #C", "Last seen")
		column(first, first.apply(each("device", first, "")), "Value #D", "First seen")
	} else {
		column(info, fmt.Sprintf(`SELECT last(%s) AS "known" %s GROUP BY "device", "type", "model"`, field(info.row), info.from()), "known", "")
		column(battery, fmt.Sprintf(`SELECT last(%s) AS "holds" %s AND %s = 1 AND %s GROUP BY "device", "state"`, field(battery.row), battery.from(), field(battery.row), shown), "holds", "")
		column(seen, fmt.Sprintf(`SELECT %s AS "seen" %s GROUP BY "device"`, seen.apply(seen.picked("last")), seen.from()), "seen", "Last seen")
		column(first, fmt.Sprintf(`SELECT %s AS "first" %s GROUP BY "device"`, first.apply(first.picked("last")), first.from()), "first", "First seen")
	}
	p.transforms = []dashboard.DataTransformerConfig{
		joinedBy("device"),
		organized(hidden, order, names),
	}
	states := map[string]dashboard.ValueMappingResult{"low": {Color: new(bad)}, "medium": {Color: new(warning)}, "high": {Color: new(good)}}
	p.overrides = []override{
		{name: "Kind", properties: map[string]any{"custom.minWidth": 230}}, // of a Smart Connected Thermometer
		{name: "Battery", properties: map[string]any{"custom.cellOptions": map[string]any{"type": "color-text"}, "noValue": "–",
			"mappings": []dashboard.ValueMapping{{ValueMap: &dashboard.ValueMap{Type: "value", Options: states}}}}},
		{name: "Last seen", properties: map[string]any{"unit": seen.unit, "noValue": "–"}},
		{name: "First seen", properties: map[string]any{"unit": first.unit, "noValue": "–"}},
	}
	return p
}
