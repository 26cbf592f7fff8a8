package boards

import (
	"regexp"
	"strings"
	"testing"
)

func TestAnEmptyPanelSaysWhatThereAreNoReadingsOf(t *testing.T) {
	for _, c := range []struct{ kind, needs, want string }{
		{"stat", needsCuff, "No readings of a blood-pressure monitor"},
		{"timeseries", needsCuff, "No readings of a blood-pressure monitor in this time. Fills with new readings, or at once with imported history"},
		{"gauge", needsCuff, "None"},    // in letters that fit the arc
		{"piechart", needsCuff, "None"}, // beside every name
		{"stat", "No goal", "No goal"},
	} {
		if got := (panel{kind: c.kind, needs: c.needs}).nothing(); got != c.want {
			t.Errorf("%s, %s: got %q, want %q", c.kind, c.needs, got, c.want)
		}
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
}
