package proof

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"withings-exporter/grafana/queries"
)

// The transformations that change numbers or names, as far as the dashboards use
// them. What a panel does with its answers otherwise is to be added here.
var transformations = map[string]func(end time.Time, options map[string]any, in []frame) ([]frame, error){
	"joinByField":        joinBy,
	"organize":           organize,
	"convertFieldType":   convert,
	"extractFields":      extract,
	"groupBy":            group,
	"groupingToMatrix":   matrix,
	"renameByRegex":      rename,
	"merge":              merge,
	"sortBy":             sortBy,
	"limit":              limit,
	"filterFieldsByName": keep,
	"calculateField":     calculate,
	"reduce":             reduce,
	"configFromData":     func(_ time.Time, _ map[string]any, in []frame) ([]frame, error) { return in, nil }, // a line becomes a threshold
}

// transformed are frames after all transformations of a panel.
func transformed(end time.Time, all []queries.Transformation, frames []frame) ([]frame, error) {
	var err error
	for _, t := range all {
		does := transformations[t.ID]
		if does == nil {
			return nil, fmt.Errorf("the transformation %s is not emulated; add it to transform_test.go", t.ID)
		}
		if frames, err = does(end, t.Options, frames); err != nil {
			return nil, fmt.Errorf("transformation %s: %w", t.ID, err)
		}
	}
	return frames, nil
}

func option(options map[string]any, name string) string { s, _ := options[name].(string); return s }

func inside(options map[string]any, name string) map[string]any {
	m, _ := options[name].(map[string]any)
	return m
}

// joinBy puts the columns of all frames side by side, by one that they share.
func joinBy(_ time.Time, options map[string]any, in []frame) ([]frame, error) {
	by := option(options, "byField")
	if len(in) < 2 {
		return in, nil
	}
	out := frame{refID: in[0].refID, fields: []field{{name: by, time: by == "Time"}}}
	rows := map[any]int{}
	for _, f := range in {
		key := f.column(by)
		if key == nil {
			continue
		}
		first := len(out.fields)
		for _, c := range f.fields {
			if c.title() != by {
				c.values = slices.Repeat([]any{nil}, len(rows))
				out.fields = append(out.fields, c)
			}
		}
		for i, k := range key.values {
			row, there := rows[k]
			if !there {
				row = len(rows)
				rows[k] = row
				for j := range out.fields {
					out.fields[j].values = append(out.fields[j].values, nil)
				}
				out.fields[0].values[row] = k
			}
			at := first
			for _, c := range f.fields {
				if c.title() != by {
					out.fields[at].values[row] = c.values[i]
					at++
				}
			}
		}
	}
	return []frame{out.numbered()}, nil
}

// sortBy sorts the rows by one column, of numbers or times.
func sortBy(_ time.Time, options map[string]any, in []frame) ([]frame, error) {
	list, _ := options["sort"].([]any)
	if len(list) != 1 {
		return nil, fmt.Errorf("%d columns to sort by", len(list))
	}
	by, _ := list[0].(map[string]any)
	for _, f := range in {
		key := f.column(option(by, "field"))
		if key == nil {
			continue
		}
		rows := make([]int, f.length())
		for i := range rows {
			rows[i] = i
		}
		slices.SortStableFunc(rows, func(a, b int) int {
			x, _ := key.values[a].(float64)
			y, _ := key.values[b].(float64)
			if by["desc"] == true {
				x, y = y, x
			}
			return cmp.Compare(x, y)
		})
		for i, c := range f.fields {
			f.fields[i].values = make([]any, len(rows))
			for at, row := range rows {
				f.fields[i].values[at] = c.values[row]
			}
		}
	}
	return in, nil
}

// limit keeps the first rows.
func limit(_ time.Time, options map[string]any, in []frame) ([]frame, error) {
	most, _ := options["limitField"].(float64)
	for _, f := range in {
		for i, c := range f.fields {
			f.fields[i].values = c.values[:min(len(c.values), int(most))]
		}
	}
	return in, nil
}

// reduce makes a row of each line: its name, and the highest of its values.
func reduce(_ time.Time, options map[string]any, in []frame) ([]frame, error) {
	if how, _ := options["reducers"].([]any); len(how) != 1 || how[0] != "max" {
		return nil, fmt.Errorf("the reducers %v are not emulated", options["reducers"])
	}
	names, highest := field{name: "Field"}, field{name: "Max"}
	for _, f := range in {
		for _, c := range f.fields {
			if c.time {
				continue
			}
			var numbers []float64
			for _, v := range c.values {
				if n, is := v.(float64); is {
					numbers = append(numbers, n)
				}
			}
			most, err := aggregate("max", numbers)
			if err != nil {
				return nil, err
			}
			names.values, highest.values = append(names.values, c.title()), append(highest.values, most)
		}
	}
	return []frame{{fields: []field{names, highest}}}, nil
}

// numbered tells columns of the same name apart, as Grafana does.
func (f frame) numbered() frame {
	count, at := map[string]int{}, map[string]int{}
	for _, c := range f.fields {
		count[c.title()]++
	}
	for i := range f.fields {
		c := &f.fields[i]
		if name := c.title(); count[name] > 1 {
			at[name]++
			c.shown = fmt.Sprintf("%s %d", name, at[name])
		}
	}
	return f
}

// organize hides, sorts and renames columns.
func organize(_ time.Time, options map[string]any, in []frame) ([]frame, error) {
	hidden, order, names := inside(options, "excludeByName"), inside(options, "indexByName"), inside(options, "renameByName")
	var out []frame
	for _, f := range in {
		kept := frame{refID: f.refID}
		for _, c := range f.fields {
			if hidden[c.title()] != true {
				kept.fields = append(kept.fields, c)
			}
		}
		place := func(c field) float64 {
			if n, has := order[c.title()].(float64); has {
				return n
			}
			return 1000
		}
		slices.SortStableFunc(kept.fields, func(a, b field) int { return int(place(a) - place(b)) })
		for i := range kept.fields {
			if name := option(names, kept.fields[i].title()); name != "" {
				kept.fields[i].shown = name
			}
		}
		out = append(out, kept)
	}
	return out, nil
}

// convert makes another kind of value of columns.
func convert(end time.Time, options map[string]any, in []frame) ([]frame, error) {
	conversions, _ := options["conversions"].([]any)
	for _, one := range conversions {
		c, _ := one.(map[string]any)
		to, format := option(c, "destinationType"), option(c, "dateFormat")
		for i := range in {
			f := in[i].column(option(c, "targetField"))
			if f == nil {
				continue
			}
			f.values = slices.Clone(f.values)
			for j, v := range f.values {
				if v == nil {
					continue
				}
				var err error
				switch number, is := v.(float64); {
				case to == "string" && (f.time || is && format != ""):
					v = queries.Written(time.UnixMilli(int64(number)).In(end.Location()), format)
				case to == "string":
					v = fmt.Sprint(v)
				case to == "time" && !is:
					var at time.Time
					text := fmt.Sprint(v)
					if at, err = read(text, format, end); err == nil {
						v = float64(at.UnixMilli())
					}
					if text == "02-29" && at.Day() != 29 { // this year has none
						v = nil
					}
				case to == "number" && !is:
					v, err = strconv.ParseFloat(fmt.Sprint(v), 64)
				}
				if err != nil {
					return nil, err
				}
				f.values[j] = v
			}
			f.time = to == "time"
		}
	}
	return in, nil
}

// extract makes columns of the words in a JSON object.
func extract(_ time.Time, options map[string]any, in []frame) ([]frame, error) {
	for i := range in {
		source := in[i].column(option(options, "source"))
		if source == nil {
			continue
		}
		found := map[string]*field{}
		var names []string
		for row, v := range source.values {
			var object map[string]any
			if err := json.Unmarshal([]byte(fmt.Sprint(v)), &object); err != nil {
				return nil, err
			}
			for name, value := range object {
				if found[name] == nil {
					found[name] = &field{name: name, values: make([]any, len(source.values))}
					names = append(names, name)
				}
				found[name].values[row] = value
			}
		}
		slices.Sort(names)
		for _, name := range names {
			in[i].fields = append(in[i].fields, *found[name])
		}
	}
	return in, nil
}

// group makes one row of those that are the same in some columns.
func group(_ time.Time, options map[string]any, in []frame) ([]frame, error) {
	fields := inside(options, "fields")
	var out []frame
	for _, f := range in {
		var keys []*field
		for i := range f.fields {
			if option(inside(fields, f.fields[i].title()), "operation") == "groupby" {
				keys = append(keys, &f.fields[i])
			}
		}
		rows, order := map[string][]int{}, []string{}
		for i := range f.length() {
			key := ""
			for _, k := range keys {
				key += fmt.Sprintf("%v\n", k.values[i])
			}
			if rows[key] == nil {
				order = append(order, key)
			}
			rows[key] = append(rows[key], i)
		}
		grouped := frame{refID: f.refID}
		for _, k := range keys {
			c := field{name: k.title(), time: k.time}
			for _, key := range order {
				c.values = append(c.values, k.values[rows[key][0]])
			}
			grouped.fields = append(grouped.fields, c)
		}
		for _, source := range f.fields {
			how := inside(fields, source.title())
			aggregations, _ := how["aggregations"].([]any)
			if option(how, "operation") != "aggregate" {
				continue
			}
			for _, a := range aggregations {
				c := field{name: fmt.Sprintf("%s (%v)", source.title(), a)}
				for _, key := range order {
					var numbers []float64
					for _, row := range rows[key] {
						if n, is := source.values[row].(float64); is {
							numbers = append(numbers, n)
						}
					}
					n, err := aggregate(fmt.Sprint(a), numbers)
					if err != nil {
						return nil, err
					}
					c.values = append(c.values, n)
				}
				grouped.fields = append(grouped.fields, c)
			}
		}
		out = append(out, grouped)
	}
	return out, nil
}

// aggregate makes one value of many, nil of none.
func aggregate(how string, numbers []float64) (any, error) {
	sum := 0.0
	for _, n := range numbers {
		sum += n
	}
	switch {
	case how == "count":
		return float64(len(numbers)), nil
	case len(numbers) == 0:
		return nil, nil
	case how == "mean":
		return sum / float64(len(numbers)), nil
	case how == "sum":
		return sum, nil
	case how == "max":
		return slices.Max(numbers), nil
	case how == "min":
		return slices.Min(numbers), nil
	case how == "first", how == "firstNotNull":
		return numbers[0], nil
	case how == "last", how == "lastNotNull":
		return numbers[len(numbers)-1], nil
	}
	return nil, fmt.Errorf("the aggregation %q is not emulated", how)
}

// matrix has a column for each value of one column, and a row for each of another.
func matrix(_ time.Time, options map[string]any, in []frame) ([]frame, error) {
	var out []frame
	for _, f := range in {
		columns, rows, values := f.column(option(options, "columnField")), f.column(option(options, "rowField")), f.column(option(options, "valueField"))
		if columns == nil || rows == nil || values == nil {
			continue
		}
		m := frame{refID: f.refID, fields: []field{{name: option(options, "rowField") + `\` + option(options, "columnField")}}}
		place := func(list []any, v any) ([]any, int) {
			if i := slices.Index(list, v); i >= 0 {
				return list, i
			}
			return append(list, v), len(list)
		}
		var names []any
		for i := range f.length() {
			m.fields[0].values, _ = place(m.fields[0].values, rows.values[i])
			names, _ = place(names, columns.values[i])
		}
		for _, name := range names {
			m.fields = append(m.fields, field{name: fmt.Sprint(name), values: make([]any, len(m.fields[0].values))})
		}
		for i := range f.length() {
			_, row := place(m.fields[0].values, rows.values[i])
			_, column := place(names, columns.values[i])
			m.fields[1+column].values[row] = values.values[i]
		}
		out = append(out, m)
	}
	return out, nil
}

// rename gives columns other names.
func rename(_ time.Time, options map[string]any, in []frame) ([]frame, error) {
	pattern, err := regexp.Compile(option(options, "regex"))
	if err != nil {
		return nil, err
	}
	to := regexp.MustCompile(`\$(\d)`).ReplaceAllString(option(options, "renamePattern"), "$${$1}")
	for i := range in {
		for j := range in[i].fields {
			c := &in[i].fields[j]
			if pattern.MatchString(c.title()) {
				c.shown = strings.TrimSpace(pattern.ReplaceAllString(c.title(), to))
			}
		}
	}
	return in, nil
}

// merge makes one table of all frames: rows that agree in what they share become one.
func merge(_ time.Time, _ map[string]any, in []frame) ([]frame, error) {
	if len(in) < 2 {
		return in, nil
	}
	out := frame{refID: in[0].refID}
	shared := map[string]int{}
	for _, f := range in {
		for _, c := range f.fields {
			shared[c.title()]++
			if out.column(c.title()) == nil {
				out.fields = append(out.fields, field{name: c.title(), time: c.time})
			}
		}
	}
	rows := map[string]int{}
	for _, f := range in {
		for i := range f.length() {
			key := ""
			for _, c := range f.fields {
				if shared[c.title()] == len(in) {
					key += fmt.Sprintf("%s=%v\n", c.title(), c.values[i])
				}
			}
			row, there := rows[key]
			if !there {
				row = out.length()
				rows[key] = row
				for j := range out.fields {
					out.fields[j].values = append(out.fields[j].values, nil)
				}
			}
			for _, c := range f.fields {
				out.column(c.title()).values[row] = c.values[i]
			}
		}
	}
	return []frame{out}, nil
}

// addUp makes one column of the sum of those with numbers.
func addUp(_ time.Time, options map[string]any, in []frame) ([]frame, error) {
	if option(options, "mode") != "reduceRow" || options["replaceFields"] != true || option(inside(options, "reduce"), "reducer") != "sum" {
		return nil, fmt.Errorf("the calculation %v is not emulated", options)
	}
	var out []frame
	for _, f := range in {
		sum := field{name: option(options, "alias"), values: make([]any, f.length())}
		kept := frame{refID: f.refID}
		for _, c := range f.fields {
			if c.time {
				kept.fields = append(kept.fields, c)
				continue
			}
			for row, v := range c.values {
				if n, is := v.(float64); is {
					so, _ := sum.values[row].(float64)
					sum.values[row] = so + n
				}
			}
		}
		out = append(out, frame{refID: kept.refID, fields: append(kept.fields, sum)})
	}
	return out, nil
}
