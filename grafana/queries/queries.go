// Package queries lists what the panels of a board ask, filled in as Grafana does it,
// so that tests can put it to a data source.
package queries

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// View is who looks at what, and when.
type View struct {
	Person    string
	Now       time.Time         // in the zone of the browser
	Variables map[string]string // by name; others have the value that the board has at first
}

// Panel is one picture of a board, with what it asks.
type Panel struct {
	Board string // overview, body …
	Row   string // heading above it, without the person's name
	Title string // of one without, the title of that above it, and "below"
	Type  string // Grafana's name of the kind

	Queries         []Query
	Transformations []Transformation
	Names           map[string]string // what it calls columns, by their own names
	Only            string            // a pattern for the columns that count, "" for all numbers
}

// Transformation is what Grafana does with the answers, one after the other.
type Transformation struct {
	ID      string
	Options map[string]any
}

// Query is one query of a panel, with the variables filled in.
type Query struct {
	Board   string
	Panel   string
	Row     string
	RefID   string
	Text    string
	Legend  string        // the name of the line; {label} in it is the value of a label
	Instant bool          // one value, at To
	Step    time.Duration // between values, else
	Table   bool          // columns are wanted instead of lines
	From    time.Time
	To      time.Time

	board time.Time // what the board shows ends then, whatever the panel shows
}

// Of are all queries of a board, for one person and the time up to now that the
// board shows at first.
func Of(name string, board map[string]any, profile string, now time.Time) ([]Query, error) {
	panels, err := Panels(name, board, View{Person: profile, Now: now})
	var all []Query
	for _, p := range panels {
		all = append(all, p.Queries...)
	}
	return all, err
}

// Panels are those of a board that ask something.
func Panels(name string, board map[string]any, v View) ([]Panel, error) {
	from, err := since(board, v.Now)
	if err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", name, err)
	}
	f := filler{person: v.Person, from: from, to: v.Now, variables: map[string]string{}}
	for _, variable := range Variables(board) {
		f.variables[variable.Name] = variable.Current
	}
	maps.Copy(f.variables, v.Variables)
	var found []Panel
	var failed error
	var row string
	panels, _ := board["panels"].([]any)
	for i, one := range panels { // they stand under the row before them
		p, _ := one.(map[string]any)
		if p["type"] == "row" {
			row, _, _ = strings.Cut(text(p["title"]), "\u2003$") // the person
			continue
		}
		panel := Panel{Board: name, Row: row, Type: text(p["type"])}
		if panel.Title, _, _ = strings.Cut(text(p["title"]), " · $"); panel.Title == "" {
			panel.Title = above(panels[:i], p) + ", below"
		}
		if err := f.asks(&panel, p); err != nil {
			failed = errors.Join(failed, fmt.Errorf("dashboard %s, panel %s: %w", panel.Board, panel.Title, err))
		}
		if len(panel.Queries) > 0 {
			found = append(found, panel)
		}
	}
	return found, failed
}

// asks adds what a panel asks, and what becomes of the answers.
func (f filler) asks(panel *Panel, p map[string]any) error {
	f, err := f.during(f.filled(text(p["timeFrom"])), f.filled(text(p["timeShift"])))
	if err != nil {
		return err
	}
	f.step = step(text(p["interval"]), p["maxDataPoints"], f.to.Sub(f.from))
	q := Query{Board: panel.Board, Panel: panel.Title, Row: panel.Row, Step: f.step, From: f.from, To: f.to, board: f.boardTo}
	targets, _ := p["targets"].([]any)
	for _, one := range targets {
		t, _ := one.(map[string]any)
		q.RefID, q.Legend = text(t["refId"]), legend(text(t["legendFormat"])+text(t["alias"]))
		q.Instant, _ = t["instant"].(bool)
		q.Table = t["resultFormat"] == "table" || t["format"] == "table"
		q.Text = f.filled(text(t["expr"]) + text(t["query"]))
		panel.Queries = append(panel.Queries, q)
	}
	transformations, _ := p["transformations"].([]any)
	for _, one := range transformations {
		t, _ := one.(map[string]any)
		options, _ := t["options"].(map[string]any)
		panel.Transformations = append(panel.Transformations, Transformation{ID: text(t["id"]), Options: options})
	}
	panel.Names = names(p)
	options, _ := p["options"].(map[string]any)
	reduced, _ := options["reduceOptions"].(map[string]any)
	panel.Only = strings.Trim(text(reduced["fields"]), "/")
	return nil
}

// names are the columns that a panel calls something else.
func names(p map[string]any) map[string]string {
	all := map[string]string{}
	config, _ := p["fieldConfig"].(map[string]any)
	overrides, _ := config["overrides"].([]any)
	for _, one := range overrides {
		o, _ := one.(map[string]any)
		matcher, _ := o["matcher"].(map[string]any)
		properties, _ := o["properties"].([]any)
		for _, one := range properties {
			property, _ := one.(map[string]any)
			if matcher["id"] == "byName" && property["id"] == "displayName" {
				all[text(matcher["options"])] = text(property["value"])
			}
		}
	}
	return all
}

// legend writes the labels in the name of a line in one way for both data sources.
func legend(name string) string {
	name = strings.NewReplacer("{{", "{", "}}", "}").Replace(name)
	return tagged().ReplaceAllString(name, "{$1}")
}

// tagged is a label in a name of InfluxDB's lines.
var tagged = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$tag_(\w+)`) })

// above is the title of the panel that the left edge of another stands under.
func above(before []any, below map[string]any) string {
	place := func(p map[string]any) (x, w float64) {
		at, _ := p["gridPos"].(map[string]any)
		x, _ = at["x"].(float64)
		w, _ = at["w"].(float64)
		return x, w
	}
	edge, _ := place(below)
	for _, one := range slices.Backward(before) {
		p, _ := one.(map[string]any)
		if x, w := place(p); text(p["title"]) != "" && x <= edge && edge < x+w {
			return text(p["title"])
		}
	}
	return ""
}

// since is when the time begins that a board shows at first.
func since(board map[string]any, now time.Time) (time.Time, error) {
	shown, _ := board["time"].(map[string]any)
	from := text(shown["from"])
	if from == "" {
		return now, errors.New("it says no time")
	}
	return moment(from, now)
}

// moment reads a time relative to now: now-60d, now+1y, now/w.
func moment(relative string, now time.Time) (time.Time, error) {
	failed := fmt.Errorf("the time %q is not understood", relative)
	rest, ok := strings.CutPrefix(relative, "now")
	if !ok {
		return now, failed
	}
	rest, floor, _ := strings.Cut(rest, "/")
	at := now
	if rest != "" {
		n, err := strconv.Atoi(rest[:len(rest)-1])
		if err != nil {
			return now, failed
		}
		switch rest[len(rest)-1] {
		case 'y':
			at = now.AddDate(n, 0, 0)
		case 'M':
			at = now.AddDate(0, n, 0)
		case 'w':
			at = now.AddDate(0, 0, 7*n)
		case 'd':
			at = now.AddDate(0, 0, n)
		case 'h':
			at = now.Add(time.Duration(n) * time.Hour)
		default:
			return now, failed
		}
	}
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, now.Location()) }
	switch floor {
	case "":
		return at, nil
	case "y":
		return day(at.Year(), 1, 1), nil
	case "M":
		return day(at.Year(), at.Month(), 1), nil
	case "d":
		return day(at.Date()), nil
	}
	return now, failed
}

func text(v any) string {
	s, _ := v.(string)
	return s
}
