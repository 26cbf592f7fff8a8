package queries

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Variable is a choice above a board that is not the person.
type Variable struct {
	Name    string
	Type    string // Grafana's name of the kind
	Query   string // what the data source is asked; it may name other variables
	Regex   string // what is taken of the answer
	Current string // the value at first
}

// Variables are the variables of a board, in order.
func Variables(board map[string]any) []Variable {
	templating, _ := board["templating"].(map[string]any)
	list, _ := templating["list"].([]any)
	var all []Variable
	for _, one := range list {
		v, _ := one.(map[string]any)
		query, _ := v["query"].(map[string]any)
		current, _ := v["current"].(map[string]any)
		variable := Variable{Name: text(v["name"]), Type: text(v["type"]), Query: text(v["query"]) + text(query["query"]),
			Regex: text(v["regex"]), Current: text(current["value"])}
		switch {
		case text(v["allValue"]) != "":
			variable.Current = text(v["allValue"])
		case variable.Current == "" && (variable.Type == "constant" || variable.Type == "textbox"):
			variable.Current = variable.Query
		}
		all = append(all, variable)
	}
	return all
}

// Filled is the variable's query with everything in it that is known before.
func (v Variable) Filled(board map[string]any, view View) (string, error) {
	from, err := since(board, view.Now)
	if err != nil {
		return "", err
	}
	f := filler{person: view.Person, from: from, to: view.Now, variables: view.Variables}
	return f.filled(v.Query), nil
}

// Taken is the value that the variable has after an answer: what its pattern finds
// in it, or all of it.
func (v Variable) Taken(answer string) (string, error) {
	if v.Regex == "" {
		return answer, nil
	}
	body, _, _ := strings.Cut(strings.TrimPrefix(v.Regex, "/"), "/")
	pattern, err := regexp.Compile(body)
	if err != nil {
		return "", fmt.Errorf("variable %s: %w", v.Name, err)
	}
	found := pattern.FindStringSubmatch(answer)
	if found == nil {
		return "", fmt.Errorf("variable %s: nothing in %q is like %s", v.Name, answer, v.Regex)
	}
	return found[len(found)-1], nil
}

// filler puts values in the place of variables.
type filler struct {
	person    string
	from, to  time.Time
	step      time.Duration
	variables map[string]string

	boardFrom, boardTo time.Time // where a panel shows another time than the board
}

// during is the filler of a panel that shows a time of its own: "90d" is the last
// ninety days, "+90d" the next. A shift of "1y" is a year earlier, of "0d+90d" ninety
// days later, of "0y/y" from the beginning of the year to its end.
func (f filler) during(own, shift string) (filler, error) {
	f.boardFrom, f.boardTo = f.from, f.to
	var err error
	if ahead, is := strings.CutPrefix(own, "+"); is {
		f.from = f.boardTo
		f.to, err = moment("now+"+ahead, f.boardTo)
	} else if own != "" {
		f.from, err = moment("now-"+strings.TrimPrefix(own, "now-"), f.boardTo)
	}
	if err != nil || shift == "" {
		return f, err
	}
	if f.from, err = shifted(f.from, shift); err == nil {
		f.to, err = shifted(f.to, shift)
	}
	if unit, round := rounding(shift); round && err == nil {
		f.to, err = moment("now+1"+unit, f.to)
		f.to = f.to.Add(-time.Millisecond)
	}
	return f, err
}

// shifted is a moment earlier, as Grafana shifts it: it puts a minus before.
func shifted(at time.Time, shift string) (time.Time, error) {
	_, later, more := strings.Cut(shift, "+")
	if more {
		return moment("now+"+later, at)
	}
	return moment("now-"+shift, at)
}

// rounding is the unit that a time is rounded to.
func rounding(shift string) (unit string, is bool) {
	_, unit, is = strings.Cut(shift, "/")
	return unit, is
}

// variable is $name, ${name} or ${name:format}.
var variable = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$(?:(\w+)|\{(\w+)(?::([^}]*))?\})`) })

// filled is a query as it is sent. What is not known stays.
func (f filler) filled(query string) string {
	if f.boardTo.IsZero() {
		f.boardFrom, f.boardTo = f.from, f.to
	}
	return variable().ReplaceAllStringFunc(query, func(found string) string {
		parts := variable().FindStringSubmatch(found)
		if value, known := f.value(parts[1]+parts[2], parts[3]); known {
			return value
		}
		return found
	})
}

func (f filler) value(name, format string) (string, bool) {
	shown := f.to.Sub(f.from)
	if strings.HasPrefix(name, "has_") { // the people of one row
		name = "profile"
	}
	switch name {
	case "profile":
		if format == "raw" {
			return f.person, true
		}
		if format == "regex" {
			return regexp.QuoteMeta(f.person), true
		}
		return strings.ReplaceAll(regexp.QuoteMeta(f.person), `\`, `\\`), true
	case "timeFilter", "__timeFilter":
		return fmt.Sprintf("time >= %dms and time <= %dms", f.from.UnixMilli(), f.to.UnixMilli()), true
	case "__interval", "interval":
		return short(f.step), true
	case "__interval_ms":
		return strconv.FormatInt(f.step.Milliseconds(), 10), true
	case "__rate_interval":
		return short(max(f.step+minScrape, 4*minScrape)), true
	case "__range", "__range_s":
		seconds := strconv.FormatInt(int64(shown.Round(time.Second)/time.Second), 10)
		if name == "__range" {
			seconds += "s"
		}
		return seconds, true
	case "__range_ms":
		return strconv.FormatInt(shown.Milliseconds(), 10), true
	case "__from", "__to":
		at := f.boardFrom // also in a panel with a time of its own
		if name == "__to" {
			at = f.boardTo
		}
		return written(at, format), true
	}
	value, known := f.variables[name]
	return value, known
}

// written is a moment in the format of ${__to:format}.
func written(at time.Time, format string) string {
	kind, pattern, _ := strings.Cut(format, ":")
	switch {
	case kind != "date":
		return strconv.FormatInt(at.UnixMilli(), 10)
	case pattern == "" || pattern == "iso":
		return at.UTC().Format("2006-01-02T15:04:05.000Z")
	case pattern == "seconds":
		return strconv.FormatInt(at.Unix(), 10)
	}
	return Written(at, pattern)
}

// short is a duration as Prometheus and InfluxDB read it.
func short(d time.Duration) string {
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if d >= unit.size && d%unit.size == 0 {
			return fmt.Sprintf("%d%s", d/unit.size, unit.name)
		}
	}
	return fmt.Sprintf("%dms", d.Milliseconds())
}
