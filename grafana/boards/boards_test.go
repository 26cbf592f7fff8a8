package boards

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"withings-exporter/exporter"
	"withings-exporter/exporter/testrun"
)

// TestMain has the files of the servers in memory.
func TestMain(m *testing.M) {
	os.Exit(testrun.InMemory(m).Plain("boards are texts, made by one goroutine, and the servers that answer them are not ours").Run())
}

// everyBoard calls check for each board of each data source.
func everyBoard(t *testing.T, check func(t *testing.T, b build, page board)) {
	t.Helper()
	for _, source := range Sources() {
		b := standard(source)
		for _, page := range b.boards() {
			t.Run(string(source)+" "+page.slug, func(t *testing.T) { check(t, b, page) })
		}
	}
}

func (b board) panels() []panel {
	var all []panel
	for _, r := range b.rows {
		all = append(all, r.panels...)
	}
	return all
}

// standard builds the boards of a data source with nothing chosen.
func standard(source Source) build {
	return build{source: source, language: languageOf(source), Choice: Default()}
}

// everyAsk calls check for each query of all boards.
func (b build) everyAsk(check func(page board, p panel, a ask)) {
	for _, page := range b.boards() {
		for _, p := range page.panels() {
			for _, a := range p.asks {
				check(page, p, a)
			}
		}
	}
}

// queries are all queries of a data source, one after the other.
func queries(source Source) string {
	var all strings.Builder
	standard(source).everyAsk(func(_ board, _ panel, a ask) { all.WriteString(a.text + "\n") })
	return all.String()
}

func TestEveryRowOfTheCatalogueIsOnSomeBoard(t *testing.T) {
	prom, influx := queries(Prometheus), strings.Split(queries(InfluxDB), "\n")
	for _, m := range exporter.Catalog() {
		if m.Name == "workout_info" {
			continue // the boards name the category by its number
		}
		if !regexp.MustCompile(`\b` + m.FullName() + `\{`).MatchString(prom) {
			t.Errorf("%s is on no Prometheus board", m.Name)
		}
		asked := func(query string) bool {
			_, after, found := strings.Cut(query, field(m))
			return found && strings.Contains(after, `FROM "withings_`+string(m.Group)+`"`)
		}
		if !slices.ContainsFunc(influx, asked) {
			t.Errorf("%s is on no InfluxDB board", m.Name)
		}
	}
}

func TestNoQueryAsksForSomethingThatDoesNotExist(t *testing.T) {
	known := map[string]bool{}
	fields := map[string]bool{}
	for _, m := range exporter.Catalog() {
		known[m.FullName()] = true
		fields[string(m.Group)+" "+m.Field()] = true
	}
	for _, m := range exporter.Own() {
		known[exporter.Prefix+m.Name] = true
	}
	for _, name := range regexp.MustCompile(`\bwithings_\w+`).FindAllString(queries(Prometheus), -1) {
		if !known[name] {
			t.Errorf("no metric %s", name)
		}
	}
	for query := range strings.SplitSeq(queries(InfluxDB), "\n") {
		if query == "" {
			continue
		}
		group := regexp.MustCompile(`FROM "withings_(\w+)"`).FindStringSubmatch(query)
		if group == nil {
			t.Errorf("no measurement in %s", query)
			continue
		}
		for _, name := range regexp.MustCompile(`"(\w+)"(::field)?(\)| |,|$)`).FindAllStringSubmatch(query, -1) {
			if !fields[group[1]+" "+name[1]] && !slices.Contains(notFields, name[1]) && name[1] != "withings_"+group[1] &&
				!strings.Contains(query, `AS "`+name[1]+`"`) {
				t.Errorf("no field %s in %s", name[1], query)
			}
		}
	}
}

// notFields are the tags that queries name.
var notFields = []string{"profile", "position", "device", "type", "state", "event", "category", "model"}

func TestPanelsHaveTheUnitsOfTheirRows(t *testing.T) {
	// What shows something else than a value of the row.
	others := map[string]string{
		"Regularity":            "a difference of times",
		"Goal reached":          "a day",
		"Pace":                  "a change per week",
		"Step goal in a row":    "a number of days",
		"Bedtimes":              "times of the clock",
		"Distance this year":    "too much for its unit",
		"Climbed this year":     "too much for its unit",
		"Workouts by kind":      "sums",
		"Weekdays and weekends": "times of the clock",
		"Bed times":             "times of the clock",
		"Now":                   "times",
		"Newest minute":         "a time beside the state",
		"In bed, past week":     "states",
	}
	everyBoard(t, func(t *testing.T, b build, page board) {
		for _, p := range page.panels() {
			for i, a := range p.asks {
				if a.row == nil || others[p.title] != "" || a.unit == "dateTimeFromNow" {
					continue
				}
				want := scaleOf(b.Units, a.row).unit
				if a.change {
					want = scaleOf(b.Units, a.row).changed().unit
				}
				if a.scale == clock && want == hours.unit {
					want = clock.unit // the same, as one says it
				}
				if bare, name := scaleOf(b.Units, a.row).bare(); strings.HasSuffix(p.title, ", "+name) && a.scale == bare {
					want = "none" // the heading has it
				}
				if got := p.unitOf(i); got != want {
					t.Errorf("%q shows %s in %q, want %q", p.title, a.row.Name, got, want)
				}
			}
		}
	})
}

// unitOf is the unit that Grafana shows an ask in.
func (p panel) unitOf(i int) string {
	unit := p.shownUnit()
	for _, o := range p.overriding() {
		byName := o.Matcher.Id == "byName" && o.Matcher.Options == p.asks[i].name
		byRef := o.Matcher.Id == "byFrameRefID" && o.Matcher.Options == refID(i)
		if p.title == "Devices" && p.asks[i].row.Unit != exporter.Timestamp {
			return p.asks[i].unit // only its labels are shown
		}
		byColumn := p.kind == "table" && slices.ContainsFunc(slices.Concat(workoutColumns, recordingColumns), func(c tableColumn) bool {
			return c.row == p.asks[i].row.Name && o.Matcher.Options == c.name
		}) || p.title == "Devices" && slices.Contains([]any{"Last seen", "First seen"}, o.Matcher.Options)
		for _, property := range o.Properties {
			if property.Id == "unit" && (byName || byRef || byColumn) {
				unit = fmt.Sprint(property.Value)
			}
		}
	}
	return unit
}

func TestEveryPanelSaysWhatItIsAndWhatItNeeds(t *testing.T) {
	everyBoard(t, func(t *testing.T, _ build, page board) {
		if page.about == "" {
			t.Error("the board has no description")
		}
		for _, p := range page.panels() {
			if !strings.HasSuffix(p.description(), ".") {
				t.Errorf("%q has the description %q, want sentences", p.title, p.description())
			}
			if len(p.asks) > 0 && p.needs == "" {
				t.Errorf("%q does not say what it needs", p.title)
			}
		}
	})
}

// core are the panels that every Grafana has.
var core = []string{"timeseries", "stat", "gauge", "bargauge", "table", "text", "piechart", "heatmap", "state-timeline", "row"}

func TestBoardsCanBeImportedAnywhere(t *testing.T) {
	for _, source := range Sources() {
		pages, err := Pages(source, Default())
		if err != nil {
			t.Fatal(err)
		}
		for _, page := range pages {
			t.Run(string(source)+" "+page.Slug, func(t *testing.T) {
				d := page.JSON
				if id, ok := d["id"]; !ok || id != nil {
					t.Errorf("id is %v, want null", id)
				}
				if want := "withings-" + page.Slug + "-" + string(source); d["uid"] != want {
					t.Errorf("uid is %v, want %s", d["uid"], want)
				}
				if d["schemaVersion"] != 38.0 {
					t.Errorf("schemaVersion is %v, want 38", d["schemaVersion"])
				}
				ids, ends := map[any]bool{}, 0.0
				for _, one := range d["panels"].([]any) {
					p := one.(map[string]any)
					if ids[p["id"]] {
						t.Errorf("two panels have the id %v", p["id"])
					}
					ids[p["id"]] = true
					if !slices.Contains(core, fmt.Sprint(p["type"])) {
						t.Errorf("%v is no core panel", p["type"])
					}
					at := p["gridPos"].(map[string]any)
					if at["x"].(float64)+at["w"].(float64) > columnsOfBoard {
						t.Errorf("%v stands over the edge", p["title"])
					}
					ends = max(ends, at["y"].(float64)+at["h"].(float64))
				}
				if len(ids) < 5 || ends < 10 {
					t.Errorf("only %d panels", len(ids))
				}
				sources(d, func(of map[string]any) {
					if of["uid"] == "-- Grafana --" {
						return // what people write themselves
					}
					if of["uid"] != "${datasource}" || of["type"] != string(source) {
						t.Errorf("a fixed data source: %v", of)
					}
				})
			})
		}
	}
}

// sources visits every reference to a data source.
func sources(v any, visit func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if of, ok := value.(map[string]any); ok && key == "datasource" {
				visit(of)
				continue
			}
			sources(value, visit)
		}
	case []any:
		for _, value := range v {
			sources(value, visit)
		}
	}
}

func TestPanelsDoNotOverlap(t *testing.T) {
	everyBoard(t, func(t *testing.T, b build, page board) {
		taken := map[[2]uint32]string{}
		for _, p := range page.render(b.source, b.Choice).Panels {
			if p.Panel == nil {
				continue
			}
			for x := range p.Panel.GridPos.W {
				for y := range p.Panel.GridPos.H {
					at := [2]uint32{p.Panel.GridPos.X + x, p.Panel.GridPos.Y + y}
					if other, ok := taken[at]; ok {
						t.Fatalf("%q stands on %q", *p.Panel.Title, other)
					}
					taken[at] = *p.Panel.Title
				}
			}
		}
	})
}

func TestBoardsAreLinkedAndAskWhoseDataToShow(t *testing.T) {
	want := map[Source][]string{Prometheus: {"datasource", "profile", "instance", "midnight"}, InfluxDB: {"datasource", "profile"}}
	everyBoard(t, func(t *testing.T, b build, page board) {
		d := page.render(b.source, b.Choice)
		var names []string
		for _, v := range d.Templating.List {
			if hidden := v.Hide != nil && *v.Hide == dashboard.VariableHideHideVariable; hidden != (v.SkipUrlSync != nil && *v.SkipUrlSync) {
				t.Errorf("%s is hidden: %t, and must be in no address then, but in others", v.Name, hidden)
			}
			if strings.HasPrefix(v.Name, ownersPrefix) {
				continue
			}
			if slices.ContainsFunc(page.more, func(own dashboard.VariableModel) bool { return own.Name == v.Name }) {
				continue
			}
			names = append(names, v.Name)
			single := v.Name == "datasource" || v.Name == "midnight" || page.alone && v.Name == "profile"
			if *v.IncludeAll == single || *v.Multi == single {
				t.Errorf("%s has All: %v, several: %v", v.Name, *v.IncludeAll, *v.Multi)
			}
		}
		if !slices.Equal(names, want[b.source]) {
			t.Errorf("variables are %v, want %v", names, want[b.source])
		}
		if len(d.Links) != 1 || !d.Links[0].KeepTime || !d.Links[0].IncludeVars || !slices.Equal(d.Links[0].Tags, []string{tag(b.source)}) {
			t.Errorf("links are %v", d.Links)
		}
		if !slices.Contains(d.Tags, tag(b.source)) {
			t.Errorf("tags are %v: the other boards do not find this one", d.Tags)
		}
	})
}

func TestBoardsOfADeviceOfferOnlyThoseWhoHaveIt(t *testing.T) {
	want := map[Source]map[string]string{
		Prometheus: {
			"overview": `label_values({__name__=~"withings_.+"}, profile)`,
			"sleep":    `label_values({__name__=~"withings_sleep_end_timestamp_seconds"}, profile)`,
			"activity": `label_values({__name__=~"withings_activity_steps|withings_workout_end_timestamp_seconds"}, profile)`,
		},
		InfluxDB: {
			"overview": `SHOW TAG VALUES FROM /^withings_/ WITH KEY = "profile"`,
			"sleep":    `SHOW TAG VALUES FROM /^withings_(sleep)$/ WITH KEY = "profile"`,
			"activity": `SHOW TAG VALUES FROM /^withings_(activity|workout)$/ WITH KEY = "profile"`,
		},
	}
	everyBoard(t, func(t *testing.T, b build, page board) {
		for _, v := range page.render(b.source, b.Choice).Templating.List {
			if query := want[b.source][page.slug]; v.Name == "profile" && query != "" && *v.Query.String != query {
				t.Errorf("people are found by %s, want %s", *v.Query.String, query)
			}
		}
	})
}

func TestLinesOfAPanelHaveNamesOfTheirOwn(t *testing.T) {
	everyBoard(t, func(t *testing.T, _ build, page board) {
		for _, p := range page.panels() {
			seen := map[string]bool{}
			for _, a := range p.asks {
				if name := a.prefix + a.name; name != "" && seen[name] {
					t.Errorf("%q has two lines %q", p.title, name)
				} else {
					seen[name] = true
				}
			}
		}
	})
}

func TestWeeksBeginAsChosen(t *testing.T) {
	for start, first := range map[string]string{monday: "Mon", sunday: "Sun"} {
		b := build{source: Prometheus, language: promQL{}, Choice: Default().With("weekstart", start)}
		if got := b.weekdays()[0].name; got != first {
			t.Errorf("a week from %s begins with %s", start, got)
		}
		if got := *b.longView().render(b.source, b.Choice).WeekStart; got != start {
			t.Errorf("the board says %s, want %s", got, start)
		}
	}
}

func TestANightLeadsToItsMinutes(t *testing.T) {
	everyBoard(t, func(t *testing.T, b build, page board) {
		for _, p := range page.panels() {
			if page.slug != "sleep" || p.title != "Nights" {
				continue
			}
			want := "/d/withings-minutes-" + string(b.source) + "?"
			if len(p.clicks) != 1 || !strings.HasPrefix(p.clicks[0].URL, want) || !strings.HasSuffix(p.clicks[0].URL, "&time=${__value.time}&time.window=86400000") {
				t.Errorf("a night leads to %v, want %s and a day around its midnight", p.clicks, want)
			}
		}
	})
}
