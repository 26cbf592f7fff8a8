package boards

import (
	"regexp"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func TestAnEmptyPanelSaysWhatThereAreNoReadingsOf(t *testing.T) {
	for _, c := range []struct{ kind, needs, want string }{
		{"stat", needsCuff, "No readings of a blood-pressure monitor"},
		{"timeseries", needsCuff, "No readings of a blood-pressure monitor in this time. Fills with new readings, or at once with imported history"},
		{"bargauge", needsCuff, "No readings of a blood-pressure monitor"},
		{"gauge", needsCuff, "None"},    // in letters that fit the arc
		{"piechart", needsCuff, "None"}, // beside every name
		{"stat", "No goal", "No goal"},
	} {
		if got := (panel{kind: c.kind, needs: c.needs}).nothing(); got != c.want {
			t.Errorf("%s, %s: got %q, want %q", c.kind, c.needs, got, c.want)
		}
	}
}

func TestAnEmptyPanelOfMinutesSaysThatThereAreNoMinutes(t *testing.T) {
	got := panel{kind: "timeseries", needs: needsCuff, fills: "Fills with a backfill."}.nothing()
	if !strings.HasPrefix(got, "No minutes of a blood-pressure monitor in this time. ") {
		t.Errorf("got %q", got)
	}
}

// Where nobody has what a row is about, its heading has no name.
func TestAHeadingWithoutANameEndsInAWord(t *testing.T) {
	name := regexp.MustCompile(`\$\{?\w+(:\w+)?\}?`)
	everyBoard(t, func(t *testing.T, _ build, page board) {
		for _, r := range page.rows {
			heading := strings.TrimSpace(name.ReplaceAllString(r.owned().heading(), ""))
			if heading != "" && !regexp.MustCompile(`\w$`).MatchString(heading) {
				t.Errorf("without a name the heading is %q", heading)
			}
		}
	})
}

// Between whole numbers, Grafana has no value on an axis, and would say what an empty
// panel says.
func TestAnAxisDoesNotSayThatAPanelIsEmpty(t *testing.T) {
	for kind, want := range map[string]string{"timeseries": " ", "stat": ""} {
		text := ""
		for _, m := range (panel{kind: kind, needs: needsCuff}).defaults().Mappings {
			if m.SpecialValueMap != nil && m.SpecialValueMap.Options.Match == "null" && m.SpecialValueMap.Options.Result.Text != nil {
				text = *m.SpecialValueMap.Options.Result.Text
			}
		}
		if text != want {
			t.Errorf("%s: got %q for no value, want %q", kind, text, want)
		}
	}
}

func TestColumnsAreAsWideAsTheirHeadings(t *testing.T) {
	p := panel{kind: "table", overrides: []override{
		{name: "Day", properties: map[string]any{"custom.minWidth": 90}},
		{name: "Longest night", properties: map[string]any{"custom.minWidth": 90}},
		{name: "Weight, change", properties: map[string]any{"custom.minWidth": 90, "displayName": "Weight since " + sinceWhen}},
	}}
	for i, want := range []int{90, 124, 212} {
		if got := p.headed().overrides[i].properties["custom.minWidth"]; got != want {
			t.Errorf("%s: got %v pixels, want %d", p.overrides[i].name, got, want)
		}
	}
	if got := p.overrides[1].properties["custom.minWidth"]; got != 90 {
		t.Errorf("the panel that was asked has changed: %v pixels", got)
	}
	chart := panel{kind: "barchart", overrides: p.overrides}
	matched := panel{kind: "table", overrides: []override{{name: "Longest night", matcher: "byRegexp", properties: map[string]any{"custom.minWidth": 90}}}}
	if a, b := chart.headed().overrides[1].properties["custom.minWidth"], matched.headed().overrides[0].properties["custom.minWidth"]; a != 90 || b != 90 {
		t.Errorf("where there is no heading, or no one name of it, got %v and %v pixels", a, b)
	}
}

// TestATableIsRenderedWithItsHeadingsWhole as a part of a board.
func TestATableIsRenderedWithItsHeadingsWhole(t *testing.T) {
	p := panel{kind: "table", overrides: []override{{name: "Longest night", properties: map[string]any{"custom.minWidth": 90}}}}
	for _, o := range p.render(Prometheus, 1, dashboard.GridPos{}).FieldConfig.Overrides {
		for _, property := range o.Properties {
			if property.Id == "custom.minWidth" && property.Value == 124 {
				return
			}
		}
	}
	t.Error("no column is as wide as its heading")
}
