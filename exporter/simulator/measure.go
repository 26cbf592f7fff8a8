package simulator

import (
	"context"
	"strconv"
	"strings"
)

const defaultMeasurePage = 250 // groups

// oldFormat is the moment before which rows lack the fields that were added later: 1 January 2022.
const oldFormat = 1640995200

// getMeasures answers getmeas.
func (c *Cloud) getMeasures(_ context.Context, q *call) (any, *refusal) {
	w, refused := c.epochWindow(q, true)
	if refused != nil {
		return nil, refused
	}
	category, _, refused := q.integer("category")
	if refused != nil {
		return nil, refused
	}
	types, limited := q.measureTypes()
	var rows []*Group
	for _, g := range c.groups(q.person, q.unix(), w) {
		if category != 0 && int64(g.Category) != category {
			continue
		}
		if limited {
			if g = g.only(types); g == nil {
				continue
			}
		}
		rows = append(rows, g)
	}
	arrange(rows, c.switches.Order, func(g *Group) sortKey { return sortKey{g.Date, g.ID} })
	cut, refused := q.cut(len(rows), orDefault(c.switches.Pages.Measures, defaultMeasurePage))
	if refused != nil {
		return nil, refused
	}
	list := make([]any, 0, cut.to-cut.from)
	for _, g := range rows[cut.from:cut.to] {
		list = append(list, g.fields())
	}
	body := Fields{
		{"updatetime", q.unix()},
		{"timezone", q.person.zone(q.person.dayOf(q.unix())).String()},
		{"measuregrps", list},
	}
	if cut.more { // integers here, and absent at the end: unlike everywhere else
		body = append(body, Field{"more", 1}, Field{"offset", cut.to})
	}
	return body, nil
}

// measureTypes returns the types a call asks for, and whether it asks for some only. meastype takes one
// number; a list there matches nothing, without an error.
func (q *call) measureTypes() (types map[int]bool, limited bool) {
	types = make(map[int]bool)
	one, many := q.form.Get("meastype"), q.form.Get("meastypes")
	if kind, err := strconv.Atoi(one); err == nil {
		types[kind] = true
	}
	for text := range strings.SplitSeq(many, ",") {
		if kind, err := strconv.Atoi(strings.TrimSpace(text)); err == nil {
			types[kind] = true
		}
	}
	return types, one != "" || many != ""
}

// only returns the group with the measures of some types, or nil when it has none of them.
func (g *Group) only(types map[int]bool) *Group {
	copied := *g
	copied.Measures = nil
	for _, m := range g.Measures {
		if types[m.Type] {
			copied.Measures = append(copied.Measures, m)
		}
	}
	if copied.Measures == nil {
		return nil
	}
	return &copied
}

// fields is the wire form of a group; rows from before 2022 lack some fields.
func (g *Group) fields() Fields {
	old := g.Created < oldFormat
	f := make(Fields, 0, 15)
	f = append(f, Field{"grpid", g.ID}, Field{"attrib", g.Attrib}, Field{"date", g.Date}, Field{"created", g.Created})
	if !old {
		f = append(f, Field{"modified", g.Modified})
	}
	f = append(f, Field{"category", g.Category}, Field{"deviceid", g.Device.id()})
	if !old {
		f = append(f, Field{"hash_deviceid", g.Device.id()})
	}
	measures := make([]any, len(g.Measures))
	for i, m := range g.Measures {
		measures[i] = m.fields(g.Device)
	}
	f = append(f, Field{"measures", measures}, Field{"modelid", g.Device.modelID()})
	if !old {
		f = append(f, Field{"model", g.Device.modelName()})
	}
	f = append(f, Field{"comment", nil})
	if !old {
		f = append(f, Field{"timezone", g.Timezone})
	}
	if g.Inconclusive != 0 {
		f = append(f, Field{"is_inconclusive", g.Inconclusive == 2})
	}
	return f
}

// fields is the wire form of a measure. Some carry fields that nobody has explained.
func (m Measure) fields(device *Device) Fields {
	f := make(Fields, 0, 7)
	f = append(f, Field{"value", m.Value}, Field{"type", m.Type}, Field{"unit", m.Unit})
	if !m.Derived {
		f = append(f, Field{"algo", m.Algo}, Field{"fm", 3})
	}
	if m.Position != NoPosition {
		f = append(f, Field{"position", m.Position})
	}
	switch {
	case device == nil:
		f = append(f, Field{"apppfmid", 7}, Field{"appliver", 7050201})
	case m.Type == 155:
		f = append(f, Field{"algo_params", Fields{{"1", 12}, {"4", 3}}})
	}
	return f
}

// confirmUser answers confirmuser: an ambiguous group becomes the person's own, or goes.
func (c *Cloud) confirmUser(_ context.Context, q *call) (any, *refusal) {
	id, given, refused := q.integer("grpid")
	if refused != nil || !given {
		return nil, invalidParam("invalid grpid")
	}
	confirmed, err := strconv.ParseBool(q.form.Get("is_confirmed"))
	if err != nil {
		return nil, invalidParam("invalid is_confirmed")
	}
	g, err := c.findGroup(q.person.ID, id)
	if err != nil || g.Attrib != 1 || g.Created > q.unix() {
		return nil, invalidParam("invalid grpid")
	}
	if !confirmed {
		if err := c.DeleteGroup(q.person.ID, id); err != nil {
			return nil, invalidParam("invalid grpid")
		}
		return Fields{}, nil
	}
	g.Attrib, g.Modified = 0, q.unix()
	c.ledger.edit(q.person.ID, func(ch *changes) { ch.groups[id] = g })
	return Fields{}, nil
}
