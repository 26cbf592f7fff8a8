package prom

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"withings-exporter/exporter"
)

// scene is a gatherer for profiles that a test can change.
type scene struct {
	profiles []Profile
	now      time.Time
	g        *Gatherer
	handler  http.Handler
}

func newScene(profiles ...Profile) *scene {
	s := &scene{profiles: profiles, now: moment}
	s.g = NewGatherer(func() []Profile { return s.profiles }, Others{Registry: prometheus.NewRegistry()}, func() time.Time { return s.now })
	s.handler = Handler(s.g, slog.New(slog.DiscardHandler))
	return s
}

// families gathers and returns the families by name.
func (s *scene) families(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	list, err := s.g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*dto.MetricFamily{}
	for _, f := range list {
		all[f.GetName()] = f
	}
	return all
}

func decimal(t *testing.T, text string) exporter.Decimal {
	t.Helper()
	d, err := exporter.ParseDecimal(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// anna has a weigh-in with a segment, a day, and a token.
func anna(t *testing.T) Profile {
	state := exporter.NewState("Anna", time.UTC)
	at := time.Date(2026, 7, 15, 5, 45, 10, 0, time.UTC)
	state.Apply(exporter.Batch{Service: exporter.Measure, Records: []exporter.Record{{
		Service: exporter.Measure, ID: "7612045518", Start: at, End: at, Modified: at,
		Readings: []exporter.Reading{
			{Metric: exporter.ByName("weight_grams"), Value: decimal(t, "72345")},
			{Metric: exporter.ByName("fat_ratio"), Value: decimal(t, "0.268")},
			{Metric: exporter.ByName("segment_fat_mass_grams"), Labels: "torso", Value: decimal(t, "10460")},
		},
	}}})
	day := time.Date(2026, 7, 15, 0, 0, 0, 0, time.UTC)
	state.Apply(exporter.Batch{Service: exporter.Activity, Records: []exporter.Record{{
		Service: exporter.Activity, ID: "2026-07-15", Date: "2026-07-15", Start: day, End: moment,
		Readings: []exporter.Reading{{Metric: exporter.ByName("activity_steps"), Value: decimal(t, "0")}},
	}}})
	state.Advance(exporter.Measure, func(p *exporter.Progress) { p.Success = moment.Add(-time.Minute) })
	return Profile{State: state, Status: &exporter.Status{}, TokenExpiry: func() (time.Time, bool) { return moment.Add(time.Hour), true }}
}

func TestAScrapeShowsReadingsAndWhenTheyWereMeasured(t *testing.T) {
	s := newScene(anna(t))
	const want = `# HELP withings_activity_steps Steps of the day. Withings activity steps.
# TYPE withings_activity_steps gauge
withings_activity_steps{day="today",profile="Anna"} 0
# HELP withings_authorized 1 while the profile has a token that Withings has not rejected, else 0: run the command auth.
# TYPE withings_authorized gauge
withings_authorized{profile="Anna"} 1
# HELP withings_fat_ratio Fat mass as a share of weight. Withings Fat Ratio, measure type 6, percent.
# TYPE withings_fat_ratio gauge
withings_fat_ratio{profile="Anna"} 0.268
# HELP withings_last_success_timestamp_seconds Up to when everything that Withings has of the profile and service is known: when it last answered in full, or when the last sessions of devices, where they are trusted, last said that nothing is new; absent for a service that is not read.
# TYPE withings_last_success_timestamp_seconds gauge
withings_last_success_timestamp_seconds{profile="Anna",service="measure"} 1.78410594e+09
# HELP withings_measured_timestamp_seconds When the value shown was measured. The label metric has its name without the prefix; the other labels are the same. For a day or a night in progress, when it was last added to.
# TYPE withings_measured_timestamp_seconds gauge
withings_measured_timestamp_seconds{day="today",metric="activity_steps",profile="Anna"} 1.784106e+09
withings_measured_timestamp_seconds{metric="fat_ratio",profile="Anna"} 1.78409431e+09
withings_measured_timestamp_seconds{metric="segment_fat_mass_grams",position="torso",profile="Anna"} 1.78409431e+09
withings_measured_timestamp_seconds{metric="weight_grams",profile="Anna"} 1.78409431e+09
# HELP withings_segment_fat_mass_grams Weight of fat of one body segment. Withings Fat Mass for segments, measure type 174, kg.
# TYPE withings_segment_fat_mass_grams gauge
withings_segment_fat_mass_grams{position="torso",profile="Anna"} 10460
# HELP withings_token_expiry_timestamp_seconds When the access token expires; it is renewed before that.
# TYPE withings_token_expiry_timestamp_seconds gauge
withings_token_expiry_timestamp_seconds{profile="Anna"} 1.7841096e+09
# HELP withings_weight_grams Weight. Withings Weight, measure type 1, kg.
# TYPE withings_weight_grams gauge
withings_weight_grams{profile="Anna"} 72345
`
	for range 2 { // rebuilt, then from the cache
		answer := httptest.NewRecorder()
		s.handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		if got := answer.Body.String(); got != want {
			t.Errorf("the page is\n%s\nwant\n%s", got, want)
		}
	}
}

func TestEveryFormatShowsWhatChanged(t *testing.T) {
	s := newScene(anna(t), person("Ben", 200))
	for n := range 3 {
		weighIn(s.profiles[0], 40+n)
		for _, format := range []string{"", "application/openmetrics-text; version=1.0.0", "text/plain; version=0.0.4; escaping=dots", ""} {
			request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
			request.Header.Set("Accept", format)
			answer := httptest.NewRecorder()
			s.handler.ServeHTTP(answer, request)
			if want := fmt.Sprintf("withings_weight_grams{profile=\"Anna\"} %d", 70_040+n); !strings.Contains(answer.Body.String(), want) {
				t.Errorf("format %q does not show %s", format, want)
			}
		}
	}
}

func TestMidnightMakesTodayYesterdayWithoutAPoll(t *testing.T) {
	s := newScene(anna(t))
	s.families(t)
	s.now = time.Date(2026, 7, 16, 0, 0, 1, 0, time.UTC)
	for name, day := range map[string]string{"withings_activity_steps": "yesterday", measuredName: "yesterday"} {
		found := slices.ContainsFunc(s.families(t)[name].GetMetric(), func(m *dto.Metric) bool {
			return slices.ContainsFunc(m.GetLabel(), func(l *dto.LabelPair) bool { return l.GetName() == "day" && l.GetValue() == day })
		})
		if !found {
			t.Errorf("%s has no day %q after midnight", name, day)
		}
	}
	s.now = s.now.AddDate(0, 0, 1)
	if f := s.families(t)["withings_activity_steps"]; f != nil {
		t.Errorf("two days later there is still %s", f)
	}
}

func TestARemovedProfileLeavesNoSeries(t *testing.T) {
	s := newScene(anna(t), person("Ben", 200))
	s.families(t)
	s.profiles = s.profiles[1:]
	for name, f := range s.families(t) {
		if strings.Contains(f.String(), "Anna") {
			t.Errorf("%s still tells of Anna", name)
		}
	}
	s.profiles = nil
	if left := s.families(t); len(left) > 0 {
		t.Errorf("%d families of nobody", len(left))
	}
}

func TestAProfileUnderTheSameNameIsShownAsItIs(t *testing.T) {
	s := newScene(anna(t))
	s.families(t)
	fresh := exporter.NewState("Anna", time.UTC)
	at := moment
	for fresh.Version() < s.profiles[0].State.Version() { // with the same version the test would prove nothing
		fresh.Apply(exporter.Batch{Service: exporter.Measure, Records: []exporter.Record{{
			Service: exporter.Measure, ID: at.String(), Start: at, End: at,
			Readings: []exporter.Reading{{Metric: exporter.ByName("height_meters"), Value: decimal(t, "1.7")}},
		}}})
		at = at.Add(time.Minute)
	}
	s.profiles[0].State = fresh
	shown := s.families(t)
	if shown["withings_weight_grams"] != nil || shown["withings_height_meters"] == nil {
		t.Error("the readings of the state before are still shown")
	}
}

func TestEverySeriesIsValidAndUnique(t *testing.T) {
	s := newScene(crowd(5, 2500)...)
	// Gatherers checks the same as a registry: names, labels, duplicates.
	if _, err := (prometheus.Gatherers{s.g}).Gather(); err != nil {
		t.Error(err)
	}
	problems, err := testutil.GatherAndLint(s.g)
	if err != nil || len(problems) > 0 {
		t.Errorf("the linter says %v (%v)", problems, err)
	}
}

func TestNamesOfProfilesAreUnchanged(t *testing.T) {
	for _, name := range []string{"Anna Müller", `quote " and \ back`, "line\nbreak", "😀", "a,b=c{}"} {
		s := newScene(person(name, 20))
		list, err := s.g.Gather()
		if err != nil {
			t.Fatal(err)
		}
		var page bytes.Buffer
		for _, f := range list {
			if _, err := expfmt.MetricFamilyToText(&page, f); err != nil {
				t.Fatal(err)
			}
		}
		if want := fmt.Sprintf("profile=%q", name); name == "😀" && !strings.Contains(page.String(), `profile="😀"`) ||
			name != "😀" && name != "Anna Müller" && !strings.Contains(page.String(), want) {
			t.Errorf("the page does not have %s", want)
		}
	}
}

func TestScrapesAndPollsMayHappenAtTheSameTime(t *testing.T) {
	s := newScene(crowd(3, 600)...)
	handler := Handler(s.g, slog.New(slog.DiscardHandler))
	var running sync.WaitGroup
	for i := range 4 {
		running.Go(func() {
			for n := range 50 {
				if i == 0 {
					weighIn(s.profiles[n%3], n)
					continue
				}
				handler.ServeHTTP(&discard{header: http.Header{}}, httptest.NewRequest(http.MethodGet, "/metrics", nil))
			}
		})
	}
	running.Wait()
}

func TestCountersBeginAtZeroAndCount(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	c := NewCounters(registry, Starts{Skipped: []string{"ambiguous", "future"}, Points: []string{"written"}, Refused: []string{"method"}})
	c.Requested(exporter.Sleep, "601")
	c.RateLimited()
	c.Skipped("ambiguous")
	c.Points("written", 3)
	c.Notified("Ben", 1)
	c.Forget("Ben")
	c.Notified("Anna", 44)
	c.NotificationRefused("unknown_path")
	const want = `
# HELP withings_api_requests_total Requests to Withings by outcome: the status of the envelope, 0 for success, or http_500 and the like, timeout, network, not_json, too_large, cancelled (given up by the exporter, as when it stops). Token requests have service oauth2.
# TYPE withings_api_requests_total counter
withings_api_requests_total{service="sleep",status="601"} 1
# HELP withings_exporter_config_last_reload_success_timestamp_seconds When the configuration was last read in full: at the start, or at a reload since (SIGHUP, /-/reload).
# TYPE withings_exporter_config_last_reload_success_timestamp_seconds gauge
withings_exporter_config_last_reload_success_timestamp_seconds 0
# HELP withings_exporter_config_last_reload_successful 1 after the start and after each reload of the configuration that succeeded, 0 after one that did not: the configuration of before is still in use, and the log says what is wrong with the new one.
# TYPE withings_exporter_config_last_reload_successful gauge
withings_exporter_config_last_reload_successful 0
# HELP withings_influx_points_total Points sent to InfluxDB: written (acknowledged), refused (rejected by name while the server accepts others; tried again every hour), failed (not written now; tried again later).
# TYPE withings_influx_points_total counter
withings_influx_points_total{result="written"} 3
# HELP withings_notifications_refused_total Requests below /notify/ that were refused: unknown_path (no such secret), other_user, too_large (over 4 KiB), too_many (over 120 at once and 1 a second, per profile), malformed (also an unknown category), method. Whoever knows the secret is answered with 200 all the same, except too_large and method.
# TYPE withings_notifications_refused_total counter
withings_notifications_refused_total{reason="method"} 0
withings_notifications_refused_total{reason="unknown_path"} 1
# HELP withings_notifications_total Notifications from Withings that were accepted, by Withings' number of the category, such as 1 for weight and 44 for sleep.
# TYPE withings_notifications_total counter
withings_notifications_total{category="44",profile="Anna"} 1
# HELP withings_rate_limited_total Answers of Withings with status 601, too many requests.
# TYPE withings_rate_limited_total counter
withings_rate_limited_total 1
# HELP withings_skipped_readings_total Readings left out, counted each time they are read: not_available (Withings itself has no value there and sends -1, null or a heart rate of 0, which is usual, and nothing is lost), ambiguous (may be another person's), inconclusive (Withings says so), category (an objective among measurements, or the reverse), malformed (not as Withings documents it), out_of_range (more digits than a number has), future (dated after tomorrow, or a bed event after now), too_old (a bed event older than a week), unknown (of a kind without a metric; a measure is in withings_unknown_measure as it was sent), too_many (beyond the limit of unknown kinds, or of devices).
# TYPE withings_skipped_readings_total counter
withings_skipped_readings_total{reason="ambiguous"} 1
withings_skipped_readings_total{reason="future"} 0
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
}
