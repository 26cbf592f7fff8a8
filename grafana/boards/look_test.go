package boards

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/grafana/grafana-foundation-sdk/go/text"
)

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

// TestNothingIsFolded: before version 11, Grafana shows what everybody has measured below the first of the headings that are repeated
// for each person, if that was folded and is opened.
func TestNothingIsFolded(t *testing.T) {
	everyBoard(t, func(t *testing.T, b build, page board) {
		for _, p := range page.render(b.source, b.Choice).Panels {
			if row := p.RowPanel; row != nil && (row.Collapsed || len(row.Panels) > 0) {
				t.Errorf("%s: %q is folded", page.slug, *row.Title)
			}
		}
	})
}

// TestTablesFitAnOrdinaryWindow adds up the columns of tables that say how wide each is at least: what does not fit is cut off at the
// right, and nothing tells that there is more.
func TestTablesFitAnOrdinaryWindow(t *testing.T) {
	const window, around, inside = 1200, 32, 24
	everyBoard(t, func(t *testing.T, _ build, page board) {
		for _, p := range page.panels() {
			wide := 0
			for _, o := range p.overrides {
				for _, property := range []string{"custom.width", "custom.minWidth"} {
					if width, told := o.properties[property].(int); told {
						wide += width
					}
				}
			}
			if room := (window-around)*int(p.w)/columnsOfBoard - inside; p.kind == "table" && wide > room {
				t.Errorf("%s: the columns of %q take %d pixels, and %d are there", page.slug, p.title, wide, room)
			}
		}
	})
}

// TestANoteIsReadInFullOnAPhone counts lines: what a panel has no room for can be scrolled, which nothing tells.
func TestANoteIsReadInFullOnAPhone(t *testing.T) {
	const letters, line, around = 47, 22, 28 // of a line at 400 pixels; the rest are pixels
	everyBoard(t, func(t *testing.T, _ build, page board) {
		for _, p := range page.panels() {
			written, is := p.options.(text.Options)
			if !is || p.kind != "text" || strings.Contains(written.Content, "\n") { // what is to be printed has lines of its own
				continue
			}
			lines := (utf8.RuneCountInString(strings.ReplaceAll(written.Content, "**", "")) + letters - 1) / letters
			if room := (int(p.h)*38 - 8 - around) / line; lines > room {
				t.Errorf("%s: a note of %d lines has room for %d", page.slug, lines, room)
			}
		}
	})
}
