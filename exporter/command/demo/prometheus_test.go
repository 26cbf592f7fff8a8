package demo

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/testserver"
)

// TestARealPrometheusScrapesTheDemo lets Debian's Prometheus find the demo
// through /sd, scrape it, and answer questions about every profile.
func TestARealPrometheusScrapesTheDemo(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	exporter := startDemo(ctx, t)
	prometheus := testserver.Prometheus(t, filepath.Join(t.TempDir(), "data"), finding(t, exporter))
	for _, q := range []struct{ name, query, want string }{
		{"every profile is up", `sum(withings_up)`, "3"},
		{"Anna has a weight", `count(withings_weight_grams{profile="Anna",position=""} > 30000)`, "1"},
		{"Ben has a weight", `count(withings_weight_grams{profile="Ben"} > 30000)`, "1"},
		{"Carla has a blood pressure", `count(withings_systolic_blood_pressure_mmhg{profile="Carla"} > 80)`, "1"},
		{"five segments make the fat mass", `abs(sum(withings_segment_fat_mass_grams{profile="Anna"}) - sum(withings_fat_mass_grams{profile="Anna",position=""})) < bool 100`, "1"},
		{"a night has its stages", `count(withings_sleep_deep_seconds{profile="Anna"} + withings_sleep_light_seconds + withings_sleep_rem_seconds > 3600)`, "1"},
		{"Ben walked yesterday or was not tracked", `count(withings_activity_total_energy_joules{profile="Ben",day="yesterday"} > 0) or vector(1)`, "1"},
		{"devices are known", `count(withings_device_info{profile="Anna"}) > bool 3`, "1"},
		{"goals stand beside", `count(withings_goal_steps{profile="Anna"})`, "1"},
		{"the age of a weight can be told", `count(time() - withings_measured_timestamp_seconds{profile="Ben",metric="weight_grams"} > 0)`, "1"},
	} {
		t.Run(q.name, func(t *testing.T) {
			if got := ask(prometheus, q.query, q.want); got != q.want {
				t.Errorf("%s is %q, want %q", q.query, got, q.want)
			}
		})
	}
}

// TestARealPrometheusScrapesOnePersonBelowARoutePrefix finds the demo there, with a parameter that chooses a person. All
// that it then has of the exporter is that person's.
func TestARealPrometheusScrapesOnePersonBelowARoutePrefix(t *testing.T) {
	t.Parallel()
	exporter := startDemo(t.Context(), t, func(s *command.Settings) { s.RoutePrefix, s.MaxScrapes = "/health", 1 })
	prometheus := testserver.Prometheus(t, filepath.Join(t.TempDir(), "data"), finding(t, exporter+"/health", "params: {profile: [Ben]}"))
	for _, q := range []struct{ name, query, want string }{
		{"Ben has a weight", `count(withings_weight_grams{profile="Ben"} > 30000)`, "1"},
		{"all that was read is his", `count(count by (profile) ({job="withings",__name__=~"withings_.+"}))`, "1"},
		{"nothing is of the process or Go", `count({job="withings",__name__=~"(go|process)_.+"}) or vector(0)`, "0"},
		{"it is up", `min(up)`, "1"},
	} {
		t.Run(q.name, func(t *testing.T) {
			if got := ask(prometheus, q.query, q.want); got != q.want {
				t.Errorf("%s is %q, want %q", q.query, got, q.want)
			}
		})
	}
}

// startDemo serves the demo on a free port and returns its address.
func startDemo(ctx context.Context, t *testing.T, change ...func(*command.Settings)) string {
	opened, done := make(chan string, 1), make(chan error, 1)
	dir := t.TempDir()
	settings := command.Settings{ListenAddresses: []string{"localhost:0"}, TelemetryPath: "/metrics", Log: slog.New(slog.DiscardHandler)}
	for _, f := range change {
		f(&settings)
	}
	go func() {
		done <- serve(ctx, settings, Options{Seed: 1, Years: 1, People: 3, Speed: 1, APIAddress: "localhost:0", StateDir: dir, Interval: 5 * time.Minute},
			&command.Program{Out: io.Discard, Err: io.Discard}, func(addresses []string) { opened <- addresses[0] })
	}()
	ended := make(chan struct{})
	t.Cleanup(func() { <-ended })
	go func() {
		if err := <-done; err != nil {
			t.Error(err)
		}
		close(ended)
	}()
	select {
	case address := <-opened:
		return address
	case <-ended:
		t.Fatal("the demo ended before it served")
		return ""
	}
}

// finding writes a configuration by which a Prometheus looks for targets at the
// exporter, with further lines for the job.
func finding(t *testing.T, exporter string, further ...string) (flag string) {
	config := filepath.Join(t.TempDir(), "prometheus.yml")
	if err := os.WriteFile(config, []byte(`
scrape_configs:
  - job_name: withings
    scrape_interval: 1s
    http_sd_configs:
      - url: http://`+exporter+`/sd
        refresh_interval: 1s
    `+strings.Join(further, "\n    ")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return "--config.file=" + config
}

// ask queries until the answer is the wanted one, or for two minutes, and
// returns the last answer.
func ask(prometheus *testserver.PrometheusServer, query, want string) string {
	retry := time.NewTicker(250 * time.Millisecond)
	defer retry.Stop()
	deadline := time.After(2 * time.Minute)
	for {
		got := "no answer"
		if results := prometheus.Query(query, time.Now()); len(results) == 1 {
			got = fmt.Sprint(results[0].Value[1])
		}
		if got == want {
			return got
		}
		select {
		case <-retry.C:
		case <-deadline:
			return got
		}
	}
}
