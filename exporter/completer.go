package exporter

import (
	"maps"
	"slices"
	"strings"
)

// mostDates is how many dates of a service a completer remembers: those of a page are
// met again on the next one at most.
const mostDates = 400

// Completer completes what answers tell of dates before a sink is given it: what a
// date comes to depends on all of its rows, and they come one after the other. Of
// the rows of a day the one that counts is left, by the date as its id; beside the
// sleep sessions of a date comes a record of its naps, once more whenever one
// comes or goes. It is for one goroutine.
type Completer struct {
	state *State // what is known besides; may be nil
	pages map[Service]*pages
}

// pages are the rows of the dates met last.
type pages struct {
	rows  map[string]map[string]Record // by date and id
	dates []string                     // in the order in which they were met
}

// NewCompleter returns an empty completer, beside a state to which every batch is applied
// before it is completed; nil when there is none.
func NewCompleter(state *State) *Completer {
	return &Completer{state: state, pages: map[Service]*pages{}}
}

// completedSink is a sink's memory as answers speak of it.
type completedSink struct {
	completer *Completer
	sink      Sink
}

func (s completedSink) Vanishing(b Batch) (held, gone int) {
	return s.sink.Vanishing(s.completer.Complete(b))
}

// Complete returns a batch that tells all there is to be told of its dates.
func (c *Completer) Complete(b Batch) Batch {
	row := b.Service.Row()
	if !row.ByDate() {
		return b
	}
	p := c.pages[b.Service]
	if p == nil {
		p = &pages{rows: map[string]map[string]Record{}}
		c.pages[b.Service] = p
	}
	if b.Whole != nil {
		p.forget(b)
	}
	var rest []Record
	var dates []string
	for _, r := range b.Records {
		if r.void() || r.Date == "" { // there is nothing to complete
			if row.relayed {
				r.ID, _, _ = strings.Cut(r.ID, Relayed)
			}
			rest = append(rest, r)
			continue
		}
		p.enter(r)
		if !slices.Contains(dates, r.Date) {
			dates = append(dates, r.Date)
		}
	}
	for _, date := range dates {
		rest = append(rest, row.ofDate(c.known(b.Service, date))...)
	}
	p.prune()
	b.Records = rest
	return b
}

// known are the rows of a date, as the state has them where it does.
func (c *Completer) known(service Service, date string) []*Record {
	rows := c.pages[service].rows[date]
	byID := make(map[string]Record, len(rows))
	maps.Copy(byID, rows)
	if c.state != nil {
		for _, r := range c.state.OfDate(service, date) {
			byID[r.ID] = r
		}
	}
	all := make([]*Record, 0, len(byID))
	for _, r := range byID {
		all = append(all, &r)
	}
	slices.SortFunc(all, func(a, b *Record) int { return a.compare(b) })
	return all
}

// enter notes a row.
func (p *pages) enter(r Record) {
	rows := p.rows[r.Date]
	if rows == nil {
		rows = map[string]Record{}
		p.rows[r.Date] = rows
		p.dates = append(p.dates, r.Date)
	}
	if held, ok := rows[r.ID]; ok {
		if !r.Replaces(&held) {
			return
		}
		r = r.Over(&held)
	}
	rows[r.ID] = r
}

// forget drops the rows that the span of a whole answer no longer has.
func (p *pages) forget(b Batch) {
	told := b.ids()
	for _, rows := range p.rows {
		for id, r := range rows {
			if b.Whole.Has(r.Start) && !told[id] {
				delete(rows, id)
			}
		}
	}
}

// prune drops the dates met first.
func (p *pages) prune() {
	for len(p.dates) > mostDates {
		delete(p.rows, p.dates[0])
		p.dates = p.dates[1:]
	}
}
