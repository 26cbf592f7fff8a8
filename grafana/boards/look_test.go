package boards

import "testing"

// TestNoTwoNamesInALegendHaveOneColour holds for all charts but the edges of a band,
// which is one thing, and for goals, whose colour is that of bars that reach them.
func TestNoTwoNamesInALegendHaveOneColour(t *testing.T) {
	everyBoard(t, func(t *testing.T, _ build, page board) {
		for _, p := range page.panels() {
			if p.kind != "timeseries" {
				continue
			}
			names := map[string]string{}
			unlisted := map[string]bool{}
			for _, o := range p.overrides {
				hidden, _ := o.properties["custom.hideFrom"].(map[string]any)
				unlisted[o.name] = hidden["legend"] == true
			}
			edge := map[string]bool{}
			for _, a := range p.asks {
				edge[a.below] = true
			}
			for _, a := range p.distinct().asks {
				if a.color == "" || a.name == "" || unlisted[a.name] || a.color == goalColor || a.below != "" && edge[a.below] {
					continue
				}
				if other, taken := names[a.color]; taken {
					t.Errorf("%s: %q and %q have one colour", p.title, other, a.name)
				}
				names[a.color] = a.name
			}
		}
	})
}
