package proof

import (
	"fmt"
	"regexp"
	"time"

	"withings-exporter/grafana/queries"
)

// answered is what a panel shows: lines by their names.
type answered map[string][]point

// show asks the queries of a panel and does with the answers what Grafana does.
func show(s source, p queries.Panel) (answered, error) {
	var frames []frame
	tables := 0
	for _, q := range p.Queries {
		more, err := s.ask(q)
		if err != nil {
			return nil, fmt.Errorf("query %s: %w\n%s", q.RefID, err, q.Text)
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
	shown := answered{}
	for _, f := range frames {
		if err := shown.lines(f, p); err != nil {
			return nil, err
		}
	}
	return shown, nil
}

// lines adds the columns of a frame; a time is one of them if the panel names it.
func (a answered) lines(f frame, p queries.Panel) error {
	var times *field
	for i := range f.fields {
		if f.fields[i].time && times == nil {
			times = &f.fields[i]
		}
	}
	for i := range f.fields {
		column := &f.fields[i]
		name := column.title()
		if renamed, is := p.Names[name]; is {
			name = renamed
		} else if column.time {
			continue
		}
		if p.Only != "" && !regexp.MustCompile(p.Only).MatchString(name) {
			continue
		}
		if _, twice := a[name]; twice {
			return fmt.Errorf("two lines are called %q", name)
		}
		for row, v := range column.values {
			number, is := v.(float64)
			if !is {
				continue
			}
			one := point{value: number}
			if times != nil {
				one.at = milliseconds(times.values[row])
			}
			a[name] = append(a[name], one)
		}
	}
	return nil
}

// milliseconds is the time that a column has.
func milliseconds(v any) time.Time {
	n, _ := v.(float64)
	return time.UnixMilli(int64(n))
}
