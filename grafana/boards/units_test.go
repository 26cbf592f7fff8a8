package boards

import (
	"math"
	"strconv"
	"testing"

	"go/token"
	"go/types"
)

// computed evaluates what a scale makes of a value, as both languages do.
func computed(t *testing.T, s scale, value float64) float64 {
	t.Helper()
	v, err := types.Eval(token.NewFileSet(), nil, token.NoPos, s.apply(strconv.FormatFloat(value, 'f', 9, 64)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := strconv.ParseFloat(v.Value.ExactString(), 64)
	if err != nil { // a fraction
		f, _ = strconv.ParseFloat(v.Value.String(), 64)
	}
	return f
}

func TestValuesAreShownInTheChosenUnits(t *testing.T) {
	for _, c := range []struct {
		row, system string
		value, want float64
		unit        string
	}{
		{"weight_grams", metric, 72345, 72345, "massg"},
		{"weight_grams", imperial, 72345, 159.493, "masslb"},
		{"weight_grams", uk, 72345, 11.3924, "suffix: st"},
		{"segment_fat_mass_grams", uk, 1000, 2.20462, "masslb"},
		{"height_meters", metric, 1.78, 1.78, "lengthm"},
		{"height_meters", imperial, 1.78, 5.83990, "lengthft"},
		{"activity_distance_meters", imperial, 8046.72, 5, "lengthmi"},
		{"activity_elevation_meters", uk, 30.48, 100, "lengthft"},
		{"body_temperature_celsius", metric, 37, 37, "celsius"},
		{"body_temperature_celsius", imperial, 37, 98.6, "fahrenheit"},
		{"body_temperature_celsius", uk, 37, 37, "celsius"},
		{"activity_energy_joules", metric, 4184000, 1000, "suffix: kcal"},
		{"basal_metabolic_rate_joules_per_day", imperial, 6276000, 1500, "suffix: kcal"},
		{"sleep_total_seconds", metric, 27000, 7.5, "suffix: h"},
		{"sleep_latency_seconds", metric, 600, 10, "suffix: min"},
		{"ecg_qt_interval_seconds", metric, 0.382, 0.382, "s"},
		{"sleep_rmssd_seconds", metric, 0.055, 0.055, "s"},
		{"sleep_end_timestamp_seconds", metric, 1700000000, 1700000000000, "time:YYYY-MM-DD HH:mm"},
		{"fat_ratio", imperial, 0.268, 0.268, "percentunit"},
		{"systolic_blood_pressure_mmhg", uk, 120, 120, "suffix: mmHg"},
		{"activity_steps", metric, 11304, 11304, "locale"},
	} {
		s := scaleOf(c.system, mustRow(c.row))
		if s.unit != c.unit {
			t.Errorf("%s, %s: unit %q, want %q", c.row, c.system, s.unit, c.unit)
		}
		if got := computed(t, s, c.value); math.Abs(got-c.want) > math.Abs(c.want)*1e-5 {
			t.Errorf("%s, %s: %v became %v, want %v", c.row, c.system, c.value, got, c.want)
		}
	}
}

func TestDifferencesOfTemperaturesHaveNoZeroPoint(t *testing.T) {
	s := series{row: mustRow("body_temperature_celsius"), scale: scaleOf(imperial, mustRow("body_temperature_celsius"))}
	for _, source := range Sources() {
		if text := languageOf(source).moved(s); regexpPlus32(text) {
			t.Errorf("%s adds 32 to a difference: %s", source, text)
		}
	}
}
