package rude

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"withings-exporter/exporter/internal/truth/tally"
)

// A peer understands this part of InfluxQL: DELETE and SELECT with one measurement,
// conditions on tags and time joined by AND, and the functions count, sum, first and
// last.
var (
	deletes = regexp.MustCompile(`(?is)^\s*DELETE\s+FROM\s+(\S+)(?:\s+WHERE\s+(.*?))?\s*;?\s*$`)
	selects = regexp.MustCompile(`(?is)^\s*SELECT\s+(.*?)\s+FROM\s+(\S+)(?:\s+WHERE\s+(.*?))?(?:\s+(?:GROUP|ORDER)\s+BY\s+.*)?\s*;?\s*$`)
	and     = regexp.MustCompile(`(?i)\s+AND\s+`)
	compare = regexp.MustCompile(`^\s*("(?:[^"\\]|\\.)*"|\w+)\s*(<=|>=|=|<|>)\s*(.+?)\s*$`)
	columns = regexp.MustCompile(`(?i)^(?:(count|sum|first|last)\(\s*("[^"]*"|\w+|\*)\s*\)|("[^"]*"|\w+|\*))(?:::field)?(?:\s+AS\s+("[^"]*"|\w+))?$`)
)

// where is a list of conditions on series and on times that must all hold, and the
// earliest time that they allow: counts and sums have that time, or 1970 without one.
type where struct {
	series []func(value) bool
	times  []func(at int64) bool
	from   int64
}

func (w where) holds(s spot, v value) bool { return w.inSeries(v) && w.inTime(s.at) }

func (w where) inSeries(v value) bool {
	return !slices.ContainsFunc(w.series, func(holds func(value) bool) bool { return !holds(v) })
}

func (w where) inTime(at int64) bool {
	return !slices.ContainsFunc(w.times, func(holds func(int64) bool) bool { return !holds(at) })
}

// conditions parses what follows WHERE.
func conditions(text string) (w where, err error) {
	if strings.TrimSpace(text) == "" {
		return w, nil
	}
	for _, text := range and.Split(text, -1) {
		m := compare.FindStringSubmatch(text)
		if m == nil {
			return w, fmt.Errorf("found %s, expected a condition", text)
		}
		name, operator := unquote(m[1]), m[2]
		if strings.EqualFold(name, "time") {
			at, err := moment(m[3])
			if err != nil {
				return w, err
			}
			switch operator {
			case "=", ">=":
				w.from = at
			case ">":
				w.from = at + 1
			}
			w.times = append(w.times, func(is int64) bool { return fits(cmp.Compare(is, at), operator) })
			continue
		}
		want := unquote(m[3])
		w.series = append(w.series, func(v value) bool { return fits(strings.Compare(v.tags[name], want), operator) })
	}
	return w, nil
}

func fits(order int, operator string) bool {
	switch operator {
	case "=":
		return order == 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

// moment parses a time in RFC 3339, or a number with a unit; without one it is
// nanoseconds.
func moment(text string) (int64, error) {
	if strings.HasPrefix(text, "'") {
		at, err := time.Parse(time.RFC3339Nano, unquote(text))
		return at.UnixNano(), err
	}
	digits := strings.TrimRight(text, "nusmh")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("found %s, expected a time", text)
	}
	return n * int64(precisions[text[len(digits):]]), nil
}

var quotes = regexp.MustCompile(`\\(.)`)

// unquote returns the text inside quotes of either kind, or a word without quotes.
func unquote(text string) string {
	if len(text) > 1 && (text[0] == '"' || text[0] == '\'') && text[len(text)-1] == text[0] {
		return quotes.ReplaceAllString(text[1:len(text)-1], "$1")
	}
	return text
}

// of selects the values of a measurement, which may be named with its database and
// retention policy.
func of(measurement string) func(value) bool {
	parts := split(measurement, '.')
	name := unquote(parts[len(parts)-1])
	return func(v value) bool { return name == v.measurement || strings.HasPrefix(measurement, "/") }
}

// query answers /query like InfluxDB 1.8 and 2.7, which answer DELETE differently.
func query(c *Call, deleted string) {
	said := c.R.FormValue("q")
	header := c.W.Header()
	header.Set("Content-Type", "application/json")
	result := map[string]any{"statement_id": 0}
	var err error
	if m := deletes.FindStringSubmatch(said); m != nil {
		var w where
		if w, err = conditions(m[2]); err == nil {
			w.series = append(w.series, of(m[1]))
			c.Peer.note(func() { c.Peer.db.remove(Deletion{Statement: said}, w.holds) })
			c.Say(http.StatusOK, "", deleted)
			return
		}
	} else if m := selects.FindStringSubmatch(said); m != nil {
		var series []series
		if series, err = c.selected(m[1], m[2], m[3]); len(series) > 0 {
			result["series"] = series
		}
	} else {
		err = fmt.Errorf("found %s, expected SELECT, DELETE at line 1, char 1", said)
	}
	if err != nil {
		text, _ := json.Marshal(map[string]string{"error": "error parsing query: " + err.Error()})
		c.Say(http.StatusBadRequest, "", string(text)+"\n")
		return
	}
	text, _ := json.Marshal(map[string]any{"results": []any{result}})
	c.Say(http.StatusOK, "", string(text)+"\n")
}

// series is part of an answer.
type series struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
	Values  [][]any  `json:"values"`
}

// column is a selected field, or all fields, and the function applied to it.
type column struct{ function, field, as string }

// selected answers a query, with one series per measurement.
func (c *Call) selected(list, measurement, conditioned string) ([]series, error) {
	w, err := conditions(conditioned)
	if err != nil {
		return nil, err
	}
	w.series = append(w.series, of(measurement))
	var asked []column
	for _, text := range split(list, ',') {
		m := columns.FindStringSubmatch(strings.TrimSpace(text))
		if m == nil {
			return nil, fmt.Errorf("found %s, expected a field", text)
		}
		asked = append(asked, column{function: strings.ToLower(m[1]), field: unquote(cmp.Or(m[2], m[3])), as: unquote(m[4])})
	}
	found := map[string]map[spot]value{}
	c.Peer.note(func() {
		for key, s := range c.Peer.db.stored {
			if !w.inSeries(s.value(Field{})) {
				continue
			}
			for at, f := range s.at {
				if w.inTime(at) {
					if found[s.measurement] == nil {
						found[s.measurement] = map[spot]value{}
					}
					found[s.measurement][spot{key, at}] = s.value(f)
				}
			}
		}
	})
	var all []series
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if one := answer(name, asked, found[name], w.from, c.time()); len(one.Values) > 0 {
			all = append(all, one)
		}
	}
	return all, nil
}

// time formats times as the query requires.
func (c *Call) time() func(int64) any {
	epoch := c.R.FormValue("epoch")
	return func(at int64) any {
		if unit := precisions[epoch]; epoch != "" && unit > 0 {
			return at / int64(unit)
		}
		return time.Unix(0, at).UTC().Format(time.RFC3339Nano)
	}
}

func answer(name string, asked []column, found map[spot]value, from int64, write func(int64) any) series {
	spots := slices.SortedFunc(maps.Keys(found), func(a, b spot) int {
		return cmp.Or(cmp.Compare(a.at, b.at), strings.Compare(a.series.String(), b.series.String()))
	})
	fields := map[string][]spot{}
	for _, s := range spots {
		fields[s.series.Field] = append(fields[s.series.Field], s)
	}
	one := series{Name: name, Columns: []string{"time"}}
	if asked[0].function == "" {
		return rows(one, asked, fields, found, write)
	}
	if picked := fields[asked[0].field]; len(asked) == 1 && len(picked) > 0 { // a picked value keeps its own time
		switch asked[0].function {
		case "first":
			from = picked[0].at
		case "last":
			from = picked[len(picked)-1].at
		}
	}
	row := []any{write(from)}
	for _, a := range asked {
		for _, field := range slices.Sorted(maps.Keys(fields)) {
			if a.field != "*" && a.field != field {
				continue
			}
			title := cmp.Or(a.as, a.function)
			if a.field == "*" {
				title += "_" + field
			}
			one.Columns = append(one.Columns, title)
			row = append(row, apply(a.function, fields[field], found))
		}
	}
	if len(row) > 1 {
		one.Values = [][]any{row}
	}
	return one
}

// rows lists values, one line for each time and tag set.
func rows(one series, asked []column, fields map[string][]spot, found map[spot]value, write func(int64) any) series {
	type place struct {
		at   int64
		tags string
	}
	lines := map[place][]any{}
	names := map[string]bool{}
	for _, a := range asked {
		for field := range fields {
			if a.field == "*" || a.field == field {
				names[field] = true
			}
		}
	}
	for i, field := range slices.Sorted(maps.Keys(names)) {
		one.Columns = append(one.Columns, field)
		for _, s := range fields[field] {
			p := place{s.at, s.series.Tags}
			if lines[p] == nil {
				lines[p] = append([]any{write(s.at)}, make([]any, len(names))...)
			}
			lines[p][i+1] = shown(found[s])
		}
	}
	for _, p := range slices.SortedFunc(maps.Keys(lines), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.at, b.at), strings.Compare(a.tags, b.tags))
	}) {
		one.Values = append(one.Values, lines[p])
	}
	return one
}

func apply(function string, spots []spot, found map[spot]value) any {
	switch function {
	case "count":
		return len(spots)
	case "first":
		return shown(found[spots[0]])
	case "last":
		return shown(found[spots[len(spots)-1]])
	}
	sum := new(big.Rat)
	for _, s := range spots {
		if n := found[s].field.Number(); n != nil {
			sum.Add(sum, n)
		}
	}
	return json.RawMessage(tally.Text(sum))
}

func shown(v value) any {
	if n := v.field.Number(); n != nil {
		return json.RawMessage(tally.Text(n))
	}
	if v.field.Text == "true" || v.field.Text == "false" {
		return v.field.Text == "true"
	}
	return unquote(v.field.Text)
}
