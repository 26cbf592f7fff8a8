package boards

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// board is one page.
type board struct {
	slug    string // part of the uid and of the file's name
	title   string
	about   string
	from    string // the time shown at first
	refresh string
	whose   []string // rows of the catalogue; people with one of them are offered, everybody if there are none
	alone   bool     // one person at a time
	rows    []row
	notes   []annotation
	more    []dashboard.VariableModel // of its own, above it
}

// row is a strip of panels under a heading.
type row struct {
	title  string   // "" for no heading
	each   bool     // once for each person
	whose  []string // rows of the catalogue; then once for each person who has one of them
	beside bool     // the panels stand there once for each person, under one heading
	panels []panel
}

// schemaVersion is that of Grafana 10; newer ones migrate boards
// themselves.
const schemaVersion = 38

// columnsOfBoard is how wide Grafana's grid is.
const columnsOfBoard = 24

// uid names a board in links and in Grafana's API; a board is replaced by the
// one of the same uid.
func uid(slug string, source Source) string { return "withings-" + slug + "-" + string(source) }

// tag is how the boards of a data source find each other.
func tag(source Source) string { return "withings-" + string(source) }

// render makes it a dashboard.
func (b board) render(source Source, c Choice) dashboard.Dashboard {
	d := dashboard.Dashboard{
		Uid: new(uid(b.slug, source)), Title: new("Withings " + b.title + title(source)), Description: new(b.about),
		Tags: []string{"withings", tag(source)}, Timezone: new("browser"), WeekStart: new(c.WeekStart),
		Editable: new(true), GraphTooltip: new(dashboard.DashboardCursorSyncCrosshair), SchemaVersion: schemaVersion,
		Time: &dashboard.DashboardDashboardTime{From: b.from, To: "now"}, Refresh: new(b.refresh), Version: new(uint32(1)),
		Templating: dashboard.DashboardDashboardTemplating{List: slices.Concat(b.choices(source), b.more, b.owners(source))},
		Links: []dashboard.DashboardLink{{
			Title: "Withings", Type: dashboard.DashboardLinkTypeDashboards, Tags: []string{tag(source)},
			IncludeVars: true, KeepTime: true, Icon: "external link", AsDropdown: true, // there are too many for a phone
		}},
	}
	var y uint32
	var id uint32
	next := func() uint32 { id++; return id }
	for _, r := range b.rows {
		r = r.owned()
		if r.title != "" {
			// Its panels stand under it and not in it, as those of a folded one do: before version 11, Grafana forgets of whom the
			// first of the repeated headings is when that is opened, and shows there what everybody has measured.
			heading := dashboard.RowPanel{Type: "row", Id: next(), Title: new(r.heading()), Panels: []dashboard.Panel{},
				GridPos: &dashboard.GridPos{H: 1, W: columnsOfBoard, Y: y}}
			if who := r.repeated(); who != "" && !r.beside {
				heading.Repeat = new(who)
			}
			d.Panels = append(d.Panels, dashboard.PanelOrRowPanel{RowPanel: &heading})
			y++
		}
		panels, below := r.layout(source, y, next)
		d.Panels, y = append(d.Panels, panels...), below
	}
	return d
}

// heading has a wide space before the name of a person, and no mark: where nobody has
// what the row is about, Grafana leaves one heading without a name.
func (r row) heading() string { return strings.ReplaceAll(r.title, " · $", "\u2003$") }

// choices are the variables above the board.
func (b board) choices(source Source) []dashboard.VariableModel {
	all := variables(source, b.whose)
	for i := range all {
		if b.alone && all[i].Name == "profile" {
			all[i].Multi, all[i].IncludeAll = new(false), new(false)
		}
	}
	return all
}

// layout puts the panels one beside the other, or under the one before, in as
// many lines as it takes.
func (r row) layout(source Source, y uint32, next func() uint32) (panels []dashboard.PanelOrRowPanel, below uint32) {
	var x uint32
	var last dashboard.GridPos
	var hanging bool
	below = y
	for _, p := range r.panels {
		at := dashboard.GridPos{X: x, Y: y, W: p.w, H: p.h}
		switch {
		case p.under:
			at.X, at.Y = last.X, last.Y+last.H
		case x+p.w > columnsOfBoard:
			y, at.X, at.Y = below, 0, below
		case hanging:
			at.Y = last.Y
		}
		hanging = p.under
		one := p.render(source, next(), at)
		if r.beside {
			one.Repeat, one.RepeatDirection, one.MaxPerRow = new(r.repeated()), new(dashboard.PanelRepeatDirectionH), new(float64(mostBeside))
		}
		panels = append(panels, dashboard.PanelOrRowPanel{Panel: &one})
		x, last, below = at.X+at.W, at, max(below, at.Y+at.H)
	}
	return panels, below
}

// mostBeside is how many people find room beside each other.
const mostBeside = 4

// under puts a panel under the one before it.
func under(p panel) panel {
	p.under = true
	return p
}

// title tells the twin boards apart.
func title(source Source) string {
	if source == InfluxDB {
		return " (InfluxDB)"
	}
	return ""
}

// generic is a dashboard as Grafana exports it, with the keys that the
// Foundation SDK leaves out when they are empty.
func generic(d dashboard.Dashboard) (map[string]any, error) {
	plain, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("write dashboard %s: %w", *d.Uid, err)
	}
	var whole map[string]any
	if err := json.Unmarshal(plain, &whole); err != nil {
		return nil, fmt.Errorf("read dashboard %s: %w", *d.Uid, err)
	}
	whole["id"] = nil // Grafana gives it one
	return whole, nil
}
