package boards

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestWhatHappensOftenIsMarkedOnRequest keeps charts readable.
func TestWhatHappensOftenIsMarkedOnRequest(t *testing.T) {
	for _, source := range Sources() {
		b := standard(source)
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
		Prometheus: `max by (profile) ((withings_measured_timestamp_seconds{profile=~"$profile",instance=~"$instance",metric="ecg_atrial_fibrillation_class",position=""} and on (profile, job, instance) ` +
			`(E{profile=~"$profile",instance=~"$instance",position=""} == 1 or E{profile=~"$profile",instance=~"$instance",position=""} == 11 or E{profile=~"$profile",instance=~"$instance",position=""} == 12)) or ` +
			`max_over_time((0 * (E{profile=~"$profile",instance=~"$instance",position="",instance=""} == 1 or E{profile=~"$profile",instance=~"$instance",position="",instance=""} == 11 or ` +
			`E{profile=~"$profile",instance=~"$instance",position="",instance=""} == 12) + time())[4h:5m])) * 1000`,
		InfluxDB: `SELECT "ecg_atrial_fibrillation_class" AS "value", "profile" FROM "withings_heart" WHERE "profile" =~ /^${profile:regex}$/ AND "position" = '' AND ` +
			`("ecg_atrial_fibrillation_class" = 1 OR "ecg_atrial_fibrillation_class" = 11 OR "ecg_atrial_fibrillation_class" = 12) AND time >= ${__from}ms AND time <= ${__to}ms`,
	}
	for _, source := range Sources() {
		want[source] = alone.Replace(want[source])
		b := standard(source)
		if got, want := b.happened("body")[1].query, strings.ReplaceAll(want[source], "E{", "withings_ecg_atrial_fibrillation_class{"); got != want {
			t.Errorf("%s is asked %s\nwant %s", source, got, want)
		}
	}
}

// Nobody's charts have the fever of somebody else.
func TestMarksAreThoseOfTheOnePersonChosen(t *testing.T) {
	for _, source := range Sources() {
		b := standard(source)
		for _, a := range b.happened("body") {
			conditions := regexp.MustCompile(map[Source]string{Prometheus: `profile=~"([^"]+)"`, InfluxDB: `"profile" =~ /\^([^/]+)\$/`}[source]).FindAllStringSubmatch(a.query, -1)
			if len(conditions) == 0 {
				t.Errorf("%s, %s: asks for everybody", source, a.name)
			}
			marked := func(chosen, person string) bool {
				for _, c := range conditions {
					pattern := strings.NewReplacer("${profile:regex}", chosen, "$profile", chosen).Replace(c[1])
					if !regexp.MustCompile("^(?:" + pattern + ")$").MatchString(person) {
						return false
					}
				}
				return true
			}
			for chosen, want := range map[string]map[string]bool{ // as Grafana writes it
				"Anna":              {"Anna": true, "Anne": false, "Ben": false},
				`J\.R\.`:            {"J.R.": true, "J.Rx": false},
				"José":              {"José": true, "Jose": false},
				"(Anna|Ben)":        {"Anna": false, "Ben": false},
				`(Anna|Ben|J\.R\.)`: {"Anna": false, "Ben": false, "J.R.": false},
			} {
				for person, want := range want {
					if got := marked(chosen, person); got != want {
						t.Errorf("%s, %s: with %s chosen, %s is marked: %v, want %v", source, a.name, chosen, person, got, want)
					}
				}
			}
		}
	}
}
