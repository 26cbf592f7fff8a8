package exporter

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

func TestCatalogNamesOriginsAndFieldsAreUnique(t *testing.T) {
	for _, c := range []struct {
		name string
		key  func(*Metric) string
	}{
		{"name", func(m *Metric) string { return m.Name }},
		{"origin", func(m *Metric) string { return string(m.Service) + " " + m.Key }},
		{"influx field", func(m *Metric) string { return string(m.Group) + " " + m.Field() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			seen := map[string]string{}
			for i := range rows {
				m := &rows[i]
				if other, twice := seen[c.key(m)]; twice {
					t.Errorf("%s and %s share %q", m.Name, other, c.key(m))
				}
				seen[c.key(m)] = m.Name
			}
		})
	}
}

func TestCatalogIsSortedAndFoundByNameAndOrigin(t *testing.T) {
	if len(Catalog()) != len(rows) {
		t.Fatalf("%d rows are listed, the table has %d", len(Catalog()), len(rows))
	}
	if !slices.IsSortedFunc(Catalog(), func(a, b *Metric) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("rows are not sorted by name")
	}
	for _, m := range Catalog() {
		if ByName(m.Name) != m || ByOrigin(m.Service, m.Key) != m {
			t.Errorf("%s is not found by its name and by its origin", m.Name)
		}
	}
	if ByName("no_such_metric") != nil || ByOrigin(Sleep, "no_such_field") != nil {
		t.Error("something is found where nothing is")
	}
}

func TestCatalogNamesEndInTheirUnit(t *testing.T) {
	var endings []string
	for _, m := range Catalog() {
		if m.Unit.Ending != "" {
			endings = append(endings, m.Unit.Ending)
		}
	}
	for _, m := range Catalog() {
		if e := m.Unit.Ending; e != "" && !strings.HasSuffix(m.Name, e) {
			t.Errorf("%s does not end in %q", m.Name, e)
		}
		if m.Unit.Ending == "" && slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(m.Name, "_"+e) }) {
			t.Errorf("%s has no unit, but its name ends in one", m.Name)
		}
		if m.Unit.Grafana == "" {
			t.Errorf("%s has no Grafana unit", m.Name)
		}
	}
}

// derived rows are counted by this exporter rather than sent under their key.
var derived = []string{"unknown_measure", "sleep_naps", "sleep_naps_seconds", "workout_info", "device_info", "workout_duration_seconds", "sleep_state"}

func TestCatalogHelpIsASentenceThatNamesWithingsTermAndKey(t *testing.T) {
	for _, m := range Catalog() {
		key := m.Key
		switch m.Service {
		case Measure, Objective:
			key = "measure type " + m.Key
		}
		switch {
		case !regexp.MustCompile(`^[A-Z].*[.]$`).MatchString(m.Help):
			t.Errorf("%s: help is no sentence: %q", m.Name, m.Help)
		case !strings.Contains(m.Help, "Withings "):
			t.Errorf("%s: help does not name Withings' term: %q", m.Name, m.Help)
		case !slices.Contains(derived, m.Name) && !regexp.MustCompile(regexp.QuoteMeta(key)+`\b`).MatchString(m.Help):
			t.Errorf("%s: help does not name %q: %q", m.Name, key, m.Help)
		}
	}
}

func TestCatalogLabels(t *testing.T) {
	name := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	for _, m := range Catalog() {
		for i, label := range m.Labels {
			// type is the interface's own label of unknown measures, and a fact of devices.
			if label == "profile" || label == "metric" || !name.MatchString(label) || slices.Contains(m.Labels[:i], label) {
				t.Errorf("%s: label %q", m.Name, label)
			}
		}
		stateSet := m.Unit == StateSet
		if stateSet != (len(m.States) > 0) || stateSet != slices.Contains(m.Labels, "state") {
			t.Errorf("%s: a state set has states and the label state, nothing else has", m.Name)
		}
		if stateSet && m.Labels[len(m.Labels)-1] != "state" {
			t.Errorf("%s: the state is not the last label", m.Name)
		}
		if want := m.Service == Measure; slices.Contains(m.Labels, "position") != want {
			t.Errorf("%s: label position is there: %v", m.Name, !want)
		}
		if want := m.Service == Activity; slices.Contains(m.Labels, "day") != want {
			t.Errorf("%s: label day is there: %v", m.Name, !want)
		}
		if want := m.Service == Device; slices.Contains(m.Labels, "device") != want {
			t.Errorf("%s: label device is there: %v", m.Name, !want)
		}
	}
}

func TestCatalogPassesTheLinter(t *testing.T) {
	var text strings.Builder
	family := func(name, help, kind string, labels []string) {
		pairs := []string{`profile="Anna"`}
		for _, l := range labels {
			if l != "profile" {
				pairs = append(pairs, l+`="x"`)
			}
		}
		text.WriteString("# HELP " + name + " " + help + "\n# TYPE " + name + " " + kind + "\n" +
			name + "{" + strings.Join(pairs, ",") + "} 1\n")
	}
	for _, m := range Catalog() {
		family(m.FullName(), m.Help, "gauge", m.Labels)
	}
	for _, m := range Own() {
		family(Prefix+m.Name, m.Help, m.kind(), m.Labels)
	}
	problems, err := promlint.New(strings.NewReader(text.String())).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestOwnMetricsAreThoseOfTheInterface(t *testing.T) {
	want := map[string]string{ // name → labels
		"api_requests_total":  "service,status",
		"authorized":          "profile",
		"exporter_build_info": "branch,goarch,goos,goversion,revision,tags,version",
		"exporter_config_last_reload_success_timestamp_seconds": "",
		"exporter_config_last_reload_successful":                "",
		"influx_lag_seconds":                                    "profile",
		"influx_points_total":                                   "result",
		"last_success_timestamp_seconds":                        "profile,service",
		"measured_timestamp_seconds":                            "profile,metric",
		"notifications_active":                                  "profile",
		"notifications_refused_total":                           "reason",
		"notifications_total":                                   "profile,category",
		"rate_limited_total":                                    "",
		"skipped_readings_total":                                "reason",
		"token_expiry_timestamp_seconds":                        "profile",
		"up":                                                    "profile",
	}
	last := ""
	for _, m := range Own() {
		labels, known := want[m.Name]
		if !known || labels != strings.Join(m.Labels, ",") {
			t.Errorf("%s{%s} is not of the interface", m.Name, strings.Join(m.Labels, ","))
		}
		if m.Name <= last || ByName(m.Name) != nil || m.Counter != strings.HasSuffix(m.Name, "_total") {
			t.Errorf("%s is out of order, in the catalogue too, or misnamed", m.Name)
		}
		delete(want, m.Name)
		last = m.Name
	}
	for name := range want {
		t.Errorf("%s is missing", name)
	}
}

func TestFieldsLeaveOutWhatIsNotDocumentedUnlessAskedFor(t *testing.T) {
	documented, all := Fields(Sleep, false), Fields(Sleep, true)
	for _, key := range []string{"skin_temperature", "rmssd", "sdnn_1", "hrv_quality"} {
		if slices.Contains(documented, key) || !slices.Contains(all, key) {
			t.Errorf("%s is asked for by default: %v, on demand: %v", key, slices.Contains(documented, key), slices.Contains(all, key))
		}
	}
	if slices.Contains(all, "startdate") {
		t.Error("startdate is no data field, yet asked for")
	}
}

func TestScaledBringsValuesIntoBaseUnits(t *testing.T) {
	for _, c := range []struct {
		metric, sent, want string
	}{
		{"weight_grams", "72.345", "72345"},
		{"fat_ratio", "26.8", "0.268"},
		{"spo2_ratio", "99", "0.99"},
		{"height_meters", "1.78", "1.78"},
		{"sleep_efficiency_ratio", "0.92", "0.92"},
		{"activity_energy_joules", "402.118", "1682461.712"},
		{"ecg_qt_interval_seconds", "382", "0.382"},
		{"electrochemical_skin_conductance_siemens", "62", "0.000062"},
		{"activity_steps", "0", "0"},
		{"urine_specific_gravity", "1.018", "1.018"},
		{"urine_calcium_millimoles_per_liter", "3.1", "3.1"},
		{"urine_calcium_creatinine_ratio", "0.32", "0.32"},
	} {
		d, err := ParseDecimal(c.sent)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ByName(c.metric).Scaled(d); err != nil || got.String() != c.want {
			t.Errorf("%s: %s became %s (%v), want %s", c.metric, c.sent, got, err, c.want)
		}
	}
}
