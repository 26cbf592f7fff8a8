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
	for _, source := range Sources() {
		b := build{source: source, language: languageOf(source), Choice: Default()}
		for _, page := range b.boards() {
			for _, r := range page.rows {
				heading := strings.TrimSpace(name.ReplaceAllString(r.owned().heading(), ""))
				if heading != "" && !regexp.MustCompile(`\w$`).MatchString(heading) {
					t.Errorf("%s, %s: without a name the heading is %q", source, page.slug, heading)
				}
			}
		}
	}
}
