package truth

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/truth/tally"
	"withings-exporter/exporter/simulator"
)

// fields writes the data fields of a day, a night or a workout.
func (b *book) fields(r record, service exporter.Service, data simulator.Fields) {
	for _, f := range data {
		row := exporter.ByOrigin(service, f.Name)
		switch {
		case row == nil || row.Frame || row.Undocumented && !b.undocumented:
		case row.States != nil:
			b.states(r, row, f.Value)
		case f.Name == "night_events":
			b.events(r, row, f.Value)
		default:
			if value := number(f.Value); value != nil {
				b.put(r, row, "", value)
			}
		}
	}
}

// states writes 1 for the current state and 0 for the others. A state that the row
// does not have, such as "unknown", says nothing about the others.
func (b *book) states(r record, row *exporter.Metric, value any) {
	holds, _ := value.(string)
	if !slices.Contains(row.States, holds) {
		return
	}
	for _, state := range row.States {
		is := int64(0)
		if state == holds {
			is = 1
		}
		b.put(r, row, state, integer(is))
	}
}

// events writes how often each event happened in a night (section 5.2). It is JSON
// inside a string: lists of times by the number of the event.
func (b *book) events(r record, row *exporter.Metric, value any) {
	text, _ := value.(string)
	var moments map[string][]int64
	if err := json.Unmarshal([]byte(text), &moments); err != nil {
		panic(fmt.Sprintf("truth: the simulator has night events %q: %v", text, err))
	}
	for code, list := range moments {
		b.put(r, row, event(code), integer(int64(len(list))))
	}
}

func event(code string) string {
	known := map[string]string{
		"1": "got_in_bed", "2": "fell_asleep", "3": "woke_up", "4": "got_out_of_bed",
		"5": "manual_sleep_start", "6": "manual_awake_start",
	}
	if name := known[code]; name != "" {
		return name
	}
	return "event_" + code
}

// number returns the value of a field exactly as it is written in JSON, not as the
// nearest binary fraction; nil if it is not a number.
func number(value any) *big.Rat {
	var text string
	switch v := value.(type) {
	case int:
		text = strconv.Itoa(v)
	case int64:
		text = strconv.FormatInt(v, 10)
	case float64:
		text = strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return nil
	}
	exact, err := tally.Parse(text)
	if err != nil {
		panic(fmt.Sprintf("truth: the simulator has a number %q: %v", text, err))
	}
	return exact
}
