package proof

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"withings-exporter/grafana/queries"
)

// answered is what a panel shows: lines by their names, or a table.
type answered struct {
	lines map[string][]point
	table frame

	single bool // a panel that shows one number of a line, whose steps are not days
}

// show asks the queries of a panel and does with the answers what Grafana does.
func show(s source, now time.Time, p queries.Panel) (answered, error) {
	shown := answered{lines: map[string][]point{}, single: p.Type == "stat" && p.Queries[0].Step < 24*time.Hour}
	var frames []frame
	tables := 0
	for _, q := range p.Queries {
		more, err := s.ask(q)
		if err != nil {
			return shown, fmt.Errorf("query %s: %w\n%s", q.RefID, err, q.Text)
		}
		if q.Table {
			tables += len(more)
		}
		frames = append(frames, more...)
	}
	if tables == 1 { // only more than one are told apart
		for i := range frames {
			for j := range frames[i].fields {
				if f := &frames[i].fields[j]; f.name == "Value #"+frames[i].refID {
					f.name = "Value"
				}
			}
		}
	}
	frames, err := transformed(now, p.Transformations, frames)
	if err != nil {
		return shown, err
	}
	for _, f := range frames {
		if p.Type == "table" {
			shown.table.fields = append(shown.table.fields, f.fields...)
			continue
		}
		if err := shown.add(f, p); err != nil {
			return shown, err
		}
	}
	return shown, nil
}

// names are those of the lines and columns.
func (a answered) names() []string {
	return append(slices.Sorted(maps.Keys(a.lines)), a.table.titles()...)
}

// add adds the columns of a frame; a time is one of them if the panel names it.
func (a answered) add(f frame, p queries.Panel) error {
	var times *field
	for i := range f.fields {
		if f.fields[i].time && times == nil {
			times = &f.fields[i]
		}
	}
	for i := range f.fields {
		column := &f.fields[i]
		name := column.title()
		if strings.HasPrefix(p.Title, everythingAbout) {
			name = letters(name)
		}
		if renamed, is := p.Names[name]; is {
			name = renamed
		} else if column.time {
			continue
		}
		if p.Only != "" && !regexp.MustCompile(p.Only).MatchString(name) {
			continue
		}
		if _, twice := a.lines[name]; twice {
			return fmt.Errorf("two lines are called %q", name)
		}
		for row, v := range column.values {
			number, is := numeric(v)
			if !is {
				continue
			}
			one := point{value: number}
			if times != nil && times.values[row] == nil { // as of a 29 February in a year that has none
				continue
			}
			if times != nil {
				one.at = milliseconds(times.values[row])
			}
			a.lines[name] = append(a.lines[name], one)
		}
	}
	return nil
}

// numeric is the number of a cell, also of one that a panel makes words of.
func numeric(v any) (float64, bool) {
	if words, are := v.(string); are {
		n, err := strconv.ParseFloat(words, 64)
		return n, err == nil
	}
	n, is := v.(float64)
	return n, is
}

// milliseconds is the time that a column has.
func milliseconds(v any) time.Time {
	n, _ := v.(float64)
	return time.UnixMilli(int64(n))
}
