package boards

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"
	"testing"
)

// classOf finds the classes of a reading by the conditions of the InfluxDB
// queries.
func classOf(t *testing.T, scheme string, upper, lower int) []string {
	t.Helper()
	var names []string
	for _, c := range classes(scheme) {
		condition := strings.NewReplacer(" AND ", " && ", " OR ", " || ").Replace(c.influx(fmt.Sprint(upper), fmt.Sprint(lower)))
		v, err := types.Eval(token.NewFileSet(), nil, token.NoPos, condition)
		if err != nil {
			t.Fatal(err)
		}
		if v.Value.String() == "true" {
			names = append(names, c.name)
		}
	}
	return names
}

func TestReadingsBelongToTheClassesOfTheGuidelines(t *testing.T) {
	for _, c := range []struct {
		scheme       string
		upper, lower int
		want         string
	}{
		{esc2024, 119, 69, "Non-elevated"},
		{esc2024, 120, 60, "Elevated"},
		{esc2024, 110, 70, "Elevated"},
		{esc2024, 139, 89, "Elevated"},
		{esc2024, 140, 60, "Hypertension"},
		{esc2024, 115, 90, "Hypertension"},
		{accAHA, 119, 79, "Normal"},
		{accAHA, 120, 79, "Elevated"},
		{accAHA, 129, 79, "Elevated"},
		{accAHA, 119, 80, "Stage 1"},
		{accAHA, 130, 70, "Stage 1"},
		{accAHA, 139, 89, "Stage 1"},
		{accAHA, 140, 70, "Stage 2"},
		{accAHA, 110, 90, "Stage 2"},
	} {
		if got := classOf(t, c.scheme, c.upper, c.lower); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: %d/%d is %v, want %s", c.scheme, c.upper, c.lower, got, c.want)
		}
	}
}

func TestEveryReadingBelongsToOneClass(t *testing.T) {
	for _, scheme := range []string{esc2024, accAHA} {
		for upper := 100; upper <= 160; upper++ {
			for lower := 60; lower <= 100; lower++ {
				if got := classOf(t, scheme, upper, lower); len(got) != 1 {
					t.Fatalf("%s: %d/%d is %v, want one class", scheme, upper, lower, got)
				}
			}
		}
	}
}

func TestBandsOfAChartAreThoseOfItsPressure(t *testing.T) {
	for _, c := range []struct {
		scheme, title string
		want          []string
	}{
		{esc2024, "Systolic", []string{good, "120 " + warning, "140 " + bad}},
		{esc2024, "Diastolic", []string{good, "70 " + warning, "90 " + bad}},
		{accAHA, "Systolic", []string{good, "120 " + warning, "130 " + bad, "140 " + severe}},
		{accAHA, "Diastolic", []string{good, "80 " + bad, "90 " + severe}},
	} {
		b := build{source: Prometheus, language: promQL{}, Choice: Default().With("scheme", c.scheme)}
		for _, p := range b.heart().panels() {
			if p.title != c.title {
				continue
			}
			var got []string
			for _, step := range p.thresholds {
				text := step.Color
				if step.Value != nil {
					text = number(*step.Value) + " " + text
				}
				got = append(got, text)
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%s %s has the bands %v, want %v", c.scheme, c.title, got, c.want)
			}
		}
	}
}
