package boards

import (
	"slices"
	"testing"
)

// TestWhatHappensOftenIsMarkedOnRequest keeps charts readable.
func TestWhatHappensOftenIsMarkedOnRequest(t *testing.T) {
	for _, source := range Sources() {
		b := build{source: source, language: languageOf(source), Choice: Default()}
		for _, slug := range []string{"overview", "heart", "longview", "doctor"} {
			var on []string
			for _, a := range b.happened(slug) {
				if !a.off {
					on = append(on, a.name)
				}
			}
			want := []string{"Fever", "Fibrillation, ECG", "Fibrillation, watch"}
			if slug == "longview" || slug == "doctor" {
				want = nil
			}
			if !slices.Equal(on, want) {
				t.Errorf("%s, %s: %v are marked at first, want %v", source, slug, on, want)
			}
		}
	}
}

func TestMarksAreOfTheRightMoments(t *testing.T) {
	want := map[Source]string{
		Prometheus: `max by (profile) ((withings_measured_timestamp_seconds{profile=~"$profile",instance=~"$instance",metric="body_temperature_celsius",position=""} and on (profile, job, instance) ` +
			`(withings_body_temperature_celsius{profile=~"$profile",instance=~"$instance",position=""} >= 38)) or ` +
			`max_over_time((0 * (withings_body_temperature_celsius{profile=~"$profile",instance=~"$instance",position="",instance=""} >= 38) + time())[4h:5m])) * 1000`,
		InfluxDB: `SELECT "body_temperature_celsius" AS "value", "profile" FROM "withings_body" WHERE "profile" =~ /^${profile:regex}$/ AND "position" = '' AND ` +
			`("body_temperature_celsius" >= 38) AND time >= ${__from}ms AND time <= ${__to}ms`,
	}
	for _, source := range Sources() {
		b := build{source: source, language: languageOf(source), Choice: Default()}
		if got := b.happened("body")[0].query; got != want[source] {
			t.Errorf("%s is asked %s\nwant %s", source, got, want[source])
		}
	}
}
