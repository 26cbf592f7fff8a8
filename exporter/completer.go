package exporter

import (
	"maps"
	"slices"
	"strings"
)

// mostDates is how many dates of a service a completer remembers: a date can
// continue on the next page, not later.
const mostDates = 400

// Completer completes batches by date before a sink gets them, since the rows of a
// date may be spread over several answers. Of the rows of a day it keeps the one
// that counts, with the date as its id; to the sleep sessions of a date it adds a
// record of the naps whenever they change. It is for one goroutine.
type Completer struct {
	state *State // has rows of earlier answers; may be nil
	pages map[Service]*pages
}

// pages are the rows of the most recent dates.
type pages struct {
	rows  map[string]map[string]Record // by date and id
	dates []string                     // in the order of arrival
}

// NewCompleter returns an empty completer. Every batch must have been applied to the
// state, if there is one, before it is completed.
func NewCompleter(state *State) *Completer {
	return &Completer{state: state, pages: map[Service]*pages{}}
}

// completedSink compares answers with a sink, which has records as completed.
type completedSink struct {
	completer *Completer
	sink      Sink
}

func (s completedSink) Vanishing(b Batch) (held, gone int) {
	return s.sink.Vanishing(s.completer.Complete(b))
}

// Complete returns the batch with everything that is known of its dates.
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

// known lists the rows of a date; those in the state take precedence.
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

// enter adds a row.
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

// forget drops the rows that a complete answer no longer has in its span.
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

// prune drops the oldest dates.
func (p *pages) prune() {
	for len(p.dates) > mostDates {
		delete(p.rows, p.dates[0])
		p.dates = p.dates[1:]
	}
}
