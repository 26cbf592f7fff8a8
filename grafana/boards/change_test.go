package boards

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// shownAs is what Grafana makes of a value by mappings with patterns.
func shownAs(mappings []dashboard.ValueMapping, value float64) string {
	text := strconv.FormatFloat(value, 'f', -1, 64) // as JavaScript writes a number
	for _, m := range mappings {
		if m.RegexMap == nil {
			continue
		}
		body := m.RegexMap.Options.Pattern
		if pattern := regexp.MustCompile(body[1 : len(body)-1]); pattern.MatchString(text) {
			return pattern.ReplaceAllString(text, dollars.ReplaceAllString(*m.RegexMap.Options.Result.Text, "$${$1}"))
		}
	}
	return text
}

var dollars = regexp.MustCompile(`\$(\d)`)

func TestChangesHaveASignAndOneUnit(t *testing.T) {
	for _, c := range []struct {
		row, system string
		value       float64
		want        string
	}{
		{"weight_grams", metric, -633, "−0.63 kg"},
		{"weight_grams", metric, 1130, "+1.13 kg"},
		{"weight_grams", metric, 1.2, "±0 kg"},
		{"weight_grams", imperial, 500, "+1.1 lb"},
		{"weight_grams", uk, -500, "−0.08 st"},
		{"fat_ratio", metric, -0.00384, "−0.4 pp"},
		{"systolic_blood_pressure_mmhg", metric, 2.5, "+3 mmHg"},
		{"systolic_blood_pressure_mmhg", metric, -2.5, "−2 mmHg"},
		{"sleep_heart_rate_min_beats_per_minute", metric, 4.26, "+4 bpm"},
		{"activity_steps", metric, -2904.4, "−2,904"},
		{"activity_steps", metric, 1310, "+1,310"},
		{"activity_steps", metric, 398, "+398"},
		{"activity_steps", metric, -1234567, "−1,234,567"},
		{"sleep_total_seconds", metric, -840, "−14 min"},
		{"body_temperature_celsius", imperial, 1, "+1.8 °F"},
	} {
		s := scaleOf(c.system, mustRow(c.row)).changed()
		round := s
		round.change = false
		places, _ := s.places.count()
		one := math.Pow10(places)
		value := math.Floor(computed(t, round, c.value)*one+0.5) / one
		if got := shownAs(s.signs(), value); got != c.want {
			t.Errorf("%s, %s: %v is shown as %q, want %q", c.row, c.system, c.value, got, c.want)
		}
	}
}

func TestChangesAreRoundedInTheSameWayByBothSources(t *testing.T) {
	s := scaleOf(metric, mustRow("weight_grams")).changed()
	if got, want := s.apply("x"), "floor(x / 1000 * 100 + 0.5) / 100"; got != want {
		t.Errorf("a change is %s, want %s", got, want)
	}
}

func TestNumbersWithAUnitHaveCommas(t *testing.T) {
	s := scaleOf(metric, mustRow("activity_energy_joules"))
	for value, want := range map[float64]string{106415: "106,415 kcal", 2480: "2,480 kcal", 12: "12 kcal", 1234567: "1,234,567 kcal", 0: "0 kcal"} {
		if got := shownAs(s.commas(), value); got != want {
			t.Errorf("%v is shown as %q, want %q", value, got, want)
		}
	}
}

func TestTotalsOfAYearAreWholeNumbersWithAUnit(t *testing.T) {
	for units, want := range map[string]string{metric: "$1,$2 km", imperial: "$1,$2 mi", uk: "$1,$2 mi"} {
		c := Default()
		c.Units = units
		b := build{source: Prometheus, language: languageOf(Prometheus), Choice: c}
		p := b.yearTotals("Distance", "activity_distance_meters", distanceColor, needsTracker)
		if words := p.asks[0].commas(); words[2].RegexMap == nil || *words[2].RegexMap.Options.Result.Text != want {
			t.Errorf("%s: thousands are written by %+v, want %q", units, words[2].RegexMap, want)
		}
		for _, a := range p.asks {
			if !strings.HasPrefix(a.text, "floor(") || !strings.Contains(a.text, "+ 0.5)") {
				t.Errorf("%s: %s is not rounded: %s", units, a.name, a.text)
			}
		}
	}
}

// A change without a beginning tells nothing: 2 kg in a week are not 2 kg in a year.
func TestEveryChangeSaysSinceWhen(t *testing.T) {
	for _, source := range Sources() {
		b, found := standard(source), 0
		b.everyAsk(func(page board, p panel, a ask) {
			if a.row == nil || !a.change || a.text != b.moved(a.series) {
				return
			}
			found++
			words := p.title + a.shown
			for _, o := range p.overrides {
				if name, ok := o.properties["displayName"].(string); ok && o.name == a.name {
					words += name
				}
			}
			if !strings.Contains(words, sinceWhen) {
				t.Errorf("%s, %s, %s, %s: got %q, want it to say since when", source, page.slug, p.title, a.name, words)
			}
		})
		if found < 10 {
			t.Errorf("%s: got %d changes, want those of Overview, Together, Body and Composition", source, found)
		}
	}
}

// A tile finds its numbers by the names that people read.
func TestATileFindsANumberWhoseNameHasADate(t *testing.T) {
	b := build{source: Prometheus, language: languageOf(Prometheus), Choice: Default()}
	pattern := regexp.MustCompile("^" + b.change(weight).read() + "$")
	for name, want := range map[string]bool{"Since 28 Sep 2026": true, "Change": false, "Measured": false} {
		if got := pattern.MatchString(name); got != want {
			t.Errorf("%s finds %q: got %v, want %v", pattern, name, got, want)
		}
	}
}
