package proof

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/testrun"
	"withings-exporter/grafana/boards"
	"withings-exporter/grafana/queries"
)

// TestMain has the files of the servers in memory.
func TestMain(m *testing.M) {
	os.Exit(testrun.InMemory(m).Plain("queries are texts, and the servers that answer them are not ours").Run())
}

// entry is a line of a table of right values.
type entry struct {
	panel string // its title
	line  string // the name of a line, or of a column
	want  right
}

// tables have what the panels of each dashboard must show, by the end of its uid.
var tables = map[string]func(asked) []entry{
	"activity":    activity,
	"body":        body,
	"composition": composition,
	"doctor":      doctor,
	"exporter":    exporterBoard,
	"heart":       heart,
	"longview":    longView,
	"minutes":     minuteByMinute,
	"overview":    overview,
	"signals":     signals,
	"sleep":       sleep,
	"together":    together,
}

// slow are the dashboards that show years. By default not everybody is asked for them.
var slow = []string{"longview"}

// starters start a server with what people measured.
var starters = map[boards.Source]func(*testing.T, []*history) source{boards.Prometheus: newPrometheus, boards.InfluxDB: newInflux}

// TestEveryNumberIsRight puts the queries of all panels to Prometheus and InfluxDB,
// for people in seven zones, and for two of them with bars that are means of weeks, since
// more than a year is shown.
func TestEveryNumberIsRight(t *testing.T) {
	for kind, start := range starters {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			all := people(t)
			s := start(t, all)
			t.Run("two years", func(t *testing.T) {
				t.Parallel()
				proveTwoYears(t, s, kind, all)
			})
			pages, err := boards.Pages(kind, boards.Default())
			if err != nil {
				t.Fatal(err)
			}
			for i, h := range all {
				t.Run(h.person, func(t *testing.T) {
					t.Parallel()
					for _, page := range pages {
						if i >= testrun.Scale(1, len(all)) && slices.Contains(slow, page.Slug) {
							continue
						}
						a := asked{history: h.known(kind), source: string(kind), brief: i >= testrun.Scale(2, len(all))}
						t.Run(page.Slug, func(t *testing.T) { prove(t, s, page, a) })
					}
				})
			}
		})
	}
}

// prove compares what the panels of a dashboard show with its table.
func prove(t *testing.T, s source, page boards.Page, a asked) {
	table := tables[page.Slug]
	if table == nil {
		t.Errorf("there is no table for this dashboard")
		return
	}
	panels, err := queries.Panels(page.Slug, page.JSON, chosen(t, s, page, a))
	if err != nil {
		t.Errorf("%v", err)
	}
	entries := map[[2]time.Time][]entry{} // by the time shown, which is that of most panels
	of := func(p queries.Panel) []entry {
		a.from, a.to = p.Queries[0].From, p.Queries[0].To
		shown := [2]time.Time{a.from, a.to}
		if entries[shown] == nil {
			entries[shown] = table(a)
		}
		return entries[shown]
	}
	left := map[string]bool{}
	for _, e := range of(panels[0]) {
		left[e.panel] = true
	}
	for _, p := range panels {
		name := called(p, panels)
		delete(left, name)
		if a.brief && strings.HasPrefix(p.Title, everythingAbout) {
			continue
		}
		mine := slices.DeleteFunc(slices.Clone(of(p)), func(e entry) bool { return e.panel != name })
		if len(mine) == 0 && !strings.HasPrefix(p.Title, everythingAbout) {
			t.Errorf("%s: has no entry in the table", name)
		}
		shown, err := show(s, a.now, p)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		a.steps = p.Queries[0].Steps()
		for _, e := range mine {
			if wrong := shown.differs(a, e); wrong != "" {
				t.Errorf("%s, %s: %s", name, e.line, wrong)
			}
		}
		for _, line := range shown.names() {
			if !slices.ContainsFunc(mine, func(e entry) bool { return e.line == line || e.want.key == line }) {
				t.Errorf("%s, %s: has no entry in the table", name, line)
			}
		}
	}
	for name := range left {
		t.Errorf("%s: there is no such panel", name)
	}
}

// called is the title of a panel, behind that of its row if there are several of the
// title.
func called(p queries.Panel, all []queries.Panel) string {
	for _, other := range all {
		if other.Title == p.Title && other.Row != p.Row {
			return p.Row + ": " + p.Title
		}
	}
	return p.Title
}

// chosen are the choices above a dashboard, those that the data source knows.
func chosen(t *testing.T, s source, page boards.Page, a asked) queries.View {
	t.Helper()
	view := queries.View{Person: a.person, Now: a.now, Variables: map[string]string{}}
	if page.Slug == "exporter" { // which is not about the person alone
		view.Variables["instance"] = a.instances()
	}
	for _, v := range queries.Variables(page.JSON) {
		if v.Type != "query" || v.Name == "profile" || v.Name == "instance" || strings.HasPrefix(v.Name, "has_") {
			continue
		}
		value, err := s.choose(v, view, page.JSON)
		if err != nil {
			t.Fatalf("variable %s: %v", v.Name, err)
		}
		view.Variables[v.Name] = value
	}
	return view
}
