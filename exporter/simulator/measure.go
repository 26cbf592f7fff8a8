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
	var rows []row
	for _, g := range c.groups(q.person, q.unix, w) {
		if category != 0 && int64(g.Category) != category {
			continue
		}
		if limited {
			if g = g.only(types); g == nil {
				continue
			}
		}
		rows = append(rows, row{sortKey{g.Date, g.ID}, g.fields})
	}
	list, cut, refused := c.list(q, rows, orDefault(c.switches.Pages.Measures, defaultMeasurePage))
	if refused != nil {
		return nil, refused
	}
	body := Fields{
		{"updatetime", q.unix},
		{"timezone", q.person.zone(q.person.dayOf(q.unix)).String()},
		{"measuregrps", list},
	}
	if cut.more { // integers here, and absent at the end: unlike everywhere else
		body = body.and(Fields{{"more", 1}, {"offset", cut.to}})
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
	f = f.and(Fields{{"grpid", g.ID}, {"attrib", g.Attrib}, {"date", g.Date}, {"created", g.Created}})
	if !old {
		f.add("modified", g.Modified)
	}
	f = f.and(Fields{{"category", g.Category}, {"deviceid", g.Device.id()}})
	if !old {
		f.add("hash_deviceid", g.Device.id())
	}
	measures := make([]any, len(g.Measures))
	for i := range g.Measures {
		measures[i] = g.Measures[i].fields(g.Device)
	}
	f = f.and(Fields{{"measures", measures}, {"modelid", g.Device.modelID()}})
	if !old {
		f.add("model", g.Device.modelName())
	}
	f.add("comment", nil)
	if !old {
		f.add("timezone", g.Timezone)
	}
	if g.Inconclusive != 0 {
		f.add("is_inconclusive", g.Inconclusive == 2)
	}
	return f
}

// fields is the wire form of a measure. Some carry fields that nobody has explained.
func (m *Measure) fields(device *Device) Fields {
	f := make(Fields, 0, 7)
	f = f.and(Fields{{"value", m.Value}, {"type", m.Type}, {"unit", m.Unit}})
	if !m.Derived {
		f = f.and(Fields{{"algo", m.Algo}, {"fm", 3}})
	}
	if m.Position != NoPosition {
		f.add("position", m.Position)
	}
	switch {
	case device == nil:
		f = f.and(Fields{{"apppfmid", 7}, {"appliver", 7050201}})
	case m.Type == 155:
		f.add("algo_params", Fields{{"1", 12}, {"4", 3}})
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
	if err != nil || g.Attrib != 1 || g.Created > q.unix {
		return nil, invalidParam("invalid grpid")
	}
	if !confirmed {
		if err := c.DeleteGroup(q.person.ID, id); err != nil {
			return nil, invalidParam("invalid grpid")
		}
		return Fields{}, nil
	}
	g.Attrib, g.Modified = 0, q.unix
	c.ledger.edit(q.person.ID, func(ch *changes) { ch.groups[id] = &g })
	c.announceGroup(q.person.ID, &g)
	return Fields{}, nil
}
