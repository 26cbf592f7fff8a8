package proof

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"withings-exporter/grafana/queries"
)

// keep keeps the columns that are named.
func keep(_ time.Time, options map[string]any, in []frame) ([]frame, error) {
	names, _ := inside(options, "include")["names"].([]any)
	for i, f := range in {
		in[i].fields = slices.DeleteFunc(slices.Clone(f.fields), func(c field) bool { return !slices.Contains(names, any(c.title())) })
	}
	return in, nil
}

// calculate adds up columns, or adds one that is computed of another and a number.
// Frames with times become one before, unless that is not wanted.
func calculate(end time.Time, options map[string]any, in []frame) ([]frame, error) {
	if options["mode"] != "binary" {
		return addUp(end, options, in)
	}
	if options["timeSeries"] != false {
		in, _ = joinBy(end, map[string]any{"byField": "Time"}, in)
	}
	binary := inside(options, "binary")
	number, err := strconv.ParseFloat(option(binary, "right"), 64)
	if err != nil {
		return nil, err
	}
	for i, f := range in {
		left := f.column(option(binary, "left"))
		if left == nil {
			continue
		}
		c := field{name: option(options, "alias"), values: make([]any, len(left.values))}
		for row, v := range left.values {
			n, is := v.(float64)
			switch {
			case !is:
			case option(binary, "operator") == "+":
				c.values[row] = n + number
			case option(binary, "operator") == "/":
				c.values[row] = n / number
			default:
				return nil, fmt.Errorf("the operator %q is not emulated", option(binary, "operator"))
			}
		}
		in[i].fields = append(in[i].fields, c)
	}
	return in, nil
}

// read reads a time, as ISO 8601 has it where no format is named.
func read(text, format string, end time.Time) (time.Time, error) {
	if format == "" {
		return time.Parse(time.RFC3339, text)
	}
	return queries.Read(text, format, end)
}
