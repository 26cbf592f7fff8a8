package boards

import (
	"slices"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"withings-exporter/exporter"
)

// headings of the rows with everything, and of the panel in each.
var headings = map[exporter.Group]struct{ row, panel string }{
	exporter.GroupBody: {"Body in full", "Everything about the body"}, exporter.GroupHeart: {"Heart in full", "Everything about heart and vessels"},
	exporter.GroupSleep: {"Night in full", "Everything about the last night"}, exporter.GroupActivity: {"Day in full", "Everything about the day"},
	exporter.GroupWorkout: {"Workout in full", "Everything about the last workout"},
}

// groupOf tells who has readings of a group: whoever has one of these.
var groupOf = map[exporter.Group][]string{
	exporter.GroupBody: {weight, "body_temperature_celsius"}, exporter.GroupHeart: {pulse, systolic, "spo2_ratio", "ecg_atrial_fibrillation_class", recordedAt},
	exporter.GroupSleep: {nightEnd}, exporter.GroupActivity: {"activity_steps"}, exporter.GroupWorkout: {workoutEnd},
}

// rest is a row with the newest value of every row of a group, so that
// nothing Withings tells is without a place.
func (b build) rest(group exporter.Group) row {
	p := tile(panel{title: headings[group].panel, w: columnsOfBoard, needs: "Nothing yet",
		about: "The newest value of everything that Withings provides, in the time shown. What is not listed was not measured.",
		asks:  []ask{}})
	for _, m := range exporter.Catalog() {
		if m.Group == group && m.Unit != exporter.Info {
			a := b.everyValue(m)
			if slices.ContainsFunc(p.asks, func(other ask) bool { return other.name == a.name && a.name != "" }) {
				a.name += " (" + strings.TrimPrefix(a.unit, "suffix: ") + ")"
			}
			p.asks = append(p.asks, a)
		}
	}
	p.unit = "none"
	for i, a := range p.asks {
		properties := map[string]any{"unit": a.unit}
		if meaning := meaningOf(a.row); meaning != nil {
			properties["mappings"] = meaning
		}
		p.overrides = append(p.overrides, override{matcher: "byFrameRefID", name: refID(i), properties: properties})
	}
	p.h = uint32(4 + len(p.asks)/4)
	p = lettered(11, 16, named(p))
	p.colors, p.fixed = dashboard.FieldColorModeIdFixed, ink
	return row{title: headings[group].row + " · $profile", whose: groupOf[group], panels: []panel{p}}
}

// everyValue is the newest value of a row, one for each of its labels.
func (b build) everyValue(m *exporter.Metric) ask {
	s := b.series(m.Name)
	a := ask{series: s, name: words(m), once: true}
	if segmentsOnly(m) {
		s.by = "position"
	}
	a.text = b.latest(s)
	if s.by != "" {
		a.name = ""
		a.by, a.prefix = s.by, words(m)
	}
	return a
}

// meaningOf is what the numbers of a row mean, nil for most.
func meaningOf(m *exporter.Metric) []dashboard.ValueMapping {
	switch {
	case m.Name == "workout_category":
		return []dashboard.ValueMapping{workoutKinds()}
	case strings.HasSuffix(m.Name, "atrial_fibrillation_class"):
		return []dashboard.ValueMapping{ecgResults()}
	case m.Name == recordedFound:
		return foundInWords()
	case m.Name == minuteState:
		return statesNamed(func(code, _ float64) float64 { return code })
	}
	return nil
}

// segmentsOnly reports whether a row is about parts of the body.
func segmentsOnly(m *exporter.Metric) bool { return strings.HasPrefix(m.Name, "segment_") }

// words is what a row is called on a board: its name without group and unit.
func words(m *exporter.Metric) string {
	name := m.Field()
	if ending := m.Unit.Ending; ending != "" {
		name = strings.TrimSuffix(name, "_"+ending)
	}
	name = strings.ReplaceAll(name, "_", " ")
	return strings.TrimSpace(acronyms.Replace(strings.ToUpper(name[:1]) + name[1:] + " "))
}

// acronyms are words that are not written like words.
var acronyms = strings.NewReplacer("Ecg", "ECG", "Ppg", "PPG", " qt ", " QT ", " qrs ", " QRS ", " pr ", " PR ",
	"Rem ", "REM ", "Spo2", "SpO₂", "Vo2", "VO₂", "Rmssd", "RMSSD", "Sdnn", "SDNN")
