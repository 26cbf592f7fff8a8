package importer

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestADownloadedArchiveHasItsExactValues(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string][]string{
		"archive-2026-us.zip": {
			"withings_basal_metabolic_rate_joules_per_day 5673504 1780912718",
			"withings_ecg_atrial_fibrillation_class 0 1778775094",
			"withings_ecg_pr_interval_seconds 0.11 1778775094",
			"withings_ecg_qrs_interval_seconds 0.063 1778775094",
			"withings_electrodermal_activity_feet 87 1780912718",
			"withings_metabolic_age_years 29 1780912718",
			"withings_nerve_health_score_feet 81 1778392800",
			"withings_ppg_atrial_fibrillation_class 1 1778688694",
			"withings_vascular_age_years 31 1780912718",
			"withings_visceral_fat 2.1 1780912718",
			"withings_vo2_max_milliliters_per_minute_per_kilogram 37 1781367840",
		},
		"archive-2020-german.zip": {
			"withings_body_temperature_celsius 36.7 1578205800",
			"withings_body_temperature_celsius 38.2 1578341400",
			"withings_spo2_ratio 0.96 1578292260",
			"withings_spo2_ratio 0.97 1578205800",
			"withings_weight_grams 83100 1577536375",
			"withings_workout_pool_laps 22 1578560520",
			"withings_workout_strokes 305 1578560520",
		},
		"temperature-and-oxygen.zip": {
			"withings_body_temperature_celsius 36.7 1704436200",
			"withings_body_temperature_celsius 36.8 1704522600",
			"withings_pulse_wave_velocity_meters_per_second 7.1 1704522600",
			"withings_spo2_ratio 0.96 1704609000",
			"withings_spo2_ratio 0.97 1704522600",
		},
	} {
		t.Run(file, func(t *testing.T) {
			i := newImporting(t)
			i.options.File = filepath.Join("..", "..", "archive", "testdata", file)
			i.settings.Timezone = berlin
			text, told, err := i.run(t)
			if err != nil {
				t.Fatalf("%v\n%s", err, told)
			}
			names := map[string]bool{}
			for _, line := range want {
				name, _, _ := strings.Cut(line, " ")
				names[name] = true
			}
			var got []string // of the metrics named above
			for line := range strings.Lines(text) {
				line = strings.TrimSpace(strings.Replace(line, `{profile="Anna"}`, "", 1))
				if name, _, _ := strings.Cut(line, " "); names[name] || file == "archive-2026-us.zip" && !strings.HasPrefix(line, "#") {
					got = append(got, line)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}
