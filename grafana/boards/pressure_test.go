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
	for _, c := range schemeOf(scheme).classes {
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
		{esc2024, 134, 84, "Elevated"},
		{esc2024, 135, 60, "Hypertension"},
		{esc2024, 115, 85, "Hypertension"},
		{esc2024 + office, 119, 69, "Non-elevated"},
		{esc2024 + office, 120, 60, "Elevated"},
		{esc2024 + office, 139, 89, "Elevated"},
		{esc2024 + office, 140, 60, "Hypertension"},
		{esc2024 + office, 115, 90, "Hypertension"},
		{accAHA, 119, 79, "Normal"},
		{accAHA, 129, 79, "Elevated"},
		{accAHA, 119, 80, "Stage 1 hypertension"},
		{accAHA, 130, 70, "Stage 1 hypertension"},
		{accAHA, 134, 84, "Stage 1 hypertension"},
		{accAHA, 135, 70, "Stage 2 hypertension"},
		{accAHA, 110, 85, "Stage 2 hypertension"},
		{accAHA + office, 119, 79, "Normal"},
		{accAHA + office, 120, 79, "Elevated"},
		{accAHA + office, 129, 79, "Elevated"},
		{accAHA + office, 119, 80, "Stage 1 hypertension"},
		{accAHA + office, 139, 89, "Stage 1 hypertension"},
		{accAHA + office, 140, 70, "Stage 2 hypertension"},
		{accAHA + office, 110, 90, "Stage 2 hypertension"},
	} {
		if got := classOf(t, c.scheme, c.upper, c.lower); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: %d/%d is %v, want %s", c.scheme, c.upper, c.lower, got, c.want)
		}
	}
}

func TestEveryReadingBelongsToOneClass(t *testing.T) {
	for _, scheme := range []string{esc2024, esc2024 + office, accAHA, accAHA + office} {
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
		{esc2024, "Systolic", []string{good, "120 " + warning, "135 " + bad}},
		{esc2024, "Diastolic", []string{good, "70 " + warning, "85 " + bad}},
		{esc2024 + office, "Systolic", []string{good, "120 " + warning, "140 " + bad}},
		{accAHA, "Systolic", []string{good, "120 " + warning, "130 " + bad, "135 " + severe}},
		{accAHA, "Diastolic", []string{good, "80 " + bad, "85 " + severe}},
		{accAHA + office, "Systolic", []string{good, "120 " + warning, "130 " + bad, "140 " + severe}},
		{accAHA + office, "Diastolic", []string{good, "80 " + bad, "90 " + severe}},
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

func TestAMeanHasTheColourOfTheNumberShown(t *testing.T) {
	for _, step := range schemeOf(esc2024).shown(class.lower)[1:] {
		want := map[string]float64{warning: 69.5, bad: 84.5}[step.Color]
		if *step.Value != want {
			t.Errorf("%s begins at %v, want %v, which is shown as the threshold", step.Color, *step.Value, want)
		}
	}
}

func TestPanelsNameTheGuidelineAndItsSetting(t *testing.T) {
	for scheme, want := range map[string]string{
		esc2024: "ESC 2024, home values", esc2024 + office: "ESC 2024, office values",
		accAHA: "AHA/ACC 2025, home values", accAHA + office: "AHA/ACC 2025, office values",
	} {
		b := build{source: Prometheus, language: promQL{}, Choice: Default().With("scheme", scheme)}
		for _, p := range b.heart().panels() {
			if len(p.thresholds) > 1 && p.shownUnit() == "suffix: mmHg" && !strings.Contains(p.about, want) {
				t.Errorf("%q does not say %q: %s", p.title, want, p.about)
			}
		}
	}
}

func TestHypertensionBeginsWhereTheGuidelineSays(t *testing.T) {
	for scheme, want := range map[string]string{
		esc2024: "135/85", esc2024 + office: "140/90", accAHA: "130/80", accAHA + office: "130/80",
	} {
		if got := schemeOf(scheme).threshold().limits(); got != want {
			t.Errorf("%s: hypertension from %s, want %s", scheme, got, want)
		}
	}
}

// Somebody who compares two dashboards must not find two means of the same week.
func TestAMeanOfBloodPressuresCountsEveryReading(t *testing.T) {
	for _, source := range Sources() {
		b, found := standard(source), 0
		b.everyAsk(func(page board, p panel, a ask) {
			if a.row == nil || !byHalves(a.row) {
				return
			}
			for _, days := range []int{7, 30} {
				if a.text != b.mean(a.series, days) {
					continue
				}
				found++
				if !strings.Contains(p.about, "trend") || strings.Contains(a.name, "mean") {
					t.Errorf("%s, %s, %s, %q: got a mean of days, want it to be called a trend", source, page.slug, p.title, a.name)
				}
			}
		})
		if found == 0 {
			t.Errorf("%s: found no trend", source)
		}
		if got, want := b.lately("", systolic, 7).text, b.noted("", systolic, averageOf, pastWeek).text; got != want {
			t.Errorf("%s: the mean of a week is\n%s\nwant that of Heart:\n%s", source, got, want)
		}
	}
}
