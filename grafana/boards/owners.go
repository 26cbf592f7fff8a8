package boards

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// A row about something that not everybody measures says whose it is. It then
// stands there once for each of the people chosen who have such readings in the
// time shown: a hidden variable knows them, and what the row asks is asked of
// that variable instead of $profile.
//
// Where nobody has such readings Grafana leaves one heading with its panels, which
// say what they need. What takes many of them stands on a dashboard of its own.

// ownersPrefix begins the names of these variables.
const ownersPrefix = "has_"

// owner is the variable of people who have one of the rows.
func owner(whose []string) string { return ownersPrefix + whose[0] }

// repeated is the variable for each of whose values the row is shown, or empty.
func (r row) repeated() string {
	switch {
	case len(r.whose) > 0:
		return owner(r.whose)
	case r.each:
		return "profile"
	}
	return ""
}

// owned is the row with its own variable in the place of $profile.
func (r row) owned() row {
	if len(r.whose) == 0 {
		return r
	}
	who := strings.NewReplacer("$profile", "$"+owner(r.whose), "${profile", "${"+owner(r.whose))
	// Without a format Grafana writes All where nobody is.
	r.title = strings.ReplaceAll(r.title, "$profile", "${"+owner(r.whose)+":csv}")
	panels := make([]panel, len(r.panels))
	for i, p := range r.panels {
		panels[i] = p.asked(who)
	}
	r.panels = panels
	return r
}

// asked is the panel with other people in it.
func (p panel) asked(who *strings.Replacer) panel {
	p.title = who.Replace(p.title)
	p.asks = slices.Clone(p.asks)
	for i := range p.asks {
		p.asks[i].text = who.Replace(p.asks[i].text)
	}
	p.links, p.clicks = replaced(p.links, who), replaced(p.clicks, who)
	p.overrides = slices.Clone(p.overrides)
	for i, o := range p.overrides {
		properties := maps.Clone(o.properties)
		for id, value := range properties {
			if links, ok := value.([]link); ok {
				properties[id] = replaced(links, who)
			}
		}
		p.overrides[i].properties = properties
	}
	return p
}

// owners are the hidden variables of a board's rows.
func (b board) owners(source Source) []dashboard.VariableModel {
	var all []dashboard.VariableModel
	known := map[string][]string{}
	for _, r := range b.rows {
		if len(r.whose) == 0 {
			continue
		}
		name := owner(r.whose)
		if other, ok := known[name]; ok {
			if !slices.Equal(other, r.whose) {
				panic(fmt.Sprintf("boards: %s means %v and %v on %s", name, other, r.whose, b.slug))
			}
			continue
		}
		known[name] = r.whose
		v := choice(source, name, "People with "+words(mustRow(r.whose[0])), ownersQuery(source, r.whose), "")
		v.Hide = new(dashboard.VariableHideHideVariable)
		v.SkipUrlSync = new(true)
		v.Current = everybody()
		all = append(all, v)
	}
	return all
}

// ownersQuery finds the people who have one of the rows in the time shown.
func ownersQuery(source Source, whose []string) string {
	if source == Prometheus {
		return fmt.Sprintf(`label_values({__name__=~"%s",%s}, profile)`, metrics(whose), selectPeople)
	}
	var each []string
	for _, name := range whose {
		m := mustRow(name)
		each = append(each, fmt.Sprintf(`(SELECT last(%s) AS "known" FROM "withings_%s" WHERE %s GROUP BY "profile")`, field(m), m.Group, onePerson))
	}
	// Grafana takes the first column after the time.
	return `SELECT "profile", "known" FROM ` + strings.Join(each, ", ") + " WHERE " + shown
}

// everybody is the choice of all values.
func everybody() *dashboard.VariableOption {
	return &dashboard.VariableOption{Selected: new(true),
		Text:  dashboard.StringOrArrayOfString{ArrayOfString: []string{"All"}},
		Value: dashboard.StringOrArrayOfString{ArrayOfString: []string{"$__all"}}}
}
