package app

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestARealPrometheusScrapesTheDemo lets Debian's Prometheus find the demo
// through /sd, scrape it, and answer questions about every profile.
func TestARealPrometheusScrapesTheDemo(t *testing.T) {
	binary, err := exec.LookPath("prometheus")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("prometheus is missing: apt-get install prometheus")
		}
		t.Skip("prometheus is missing; apt-get install prometheus gets it")
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	exporter := startDemo(ctx, t)
	prometheus := startPrometheus(ctx, t, binary, exporter)
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
			if got := ask(t, prometheus, q.query, q.want); got != q.want {
				t.Errorf("%s is %q, want %q", q.query, got, q.want)
			}
		})
	}
}

// startDemo serves the demo on a free port and returns its address.
func startDemo(ctx context.Context, t *testing.T) string {
	opened, done := make(chan string, 1), make(chan error, 1)
	dir := t.TempDir()
	go func() {
		done <- Demo(ctx, Settings{
			StateDir: dir, RedirectURL: "http://localhost:8019/auth/external/callback",
			RateLimit: 100, PollInterval: 5 * time.Minute, ListenAddresses: []string{"localhost:0"},
			TelemetryPath: "/metrics", Log: slog.New(slog.DiscardHandler),
		}, DemoOptions{Seed: 1, Years: 1, People: 3, Speed: 1, APIAddress: "localhost:0"},
			func(addresses []string) { opened <- addresses[0] })
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

// startPrometheus runs a Prometheus that looks for targets at the exporter and
// returns its address once it listens.
func startPrometheus(ctx context.Context, t *testing.T, binary, exporter string) string {
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(config, []byte(`
scrape_configs:
  - job_name: withings
    scrape_interval: 1s
    http_sd_configs:
      - url: http://`+exporter+`/sd
        refresh_interval: 1s
`), 0o600); err != nil {
		t.Fatal(err)
	}
	address := freeLoopback(t)
	command := exec.CommandContext(ctx, binary, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+address, "--log.level=warn")
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 10 * time.Second
	output, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	said := make(chan struct{})
	go func() {
		defer close(said)
		for lines := bufio.NewScanner(output); lines.Scan(); {
			t.Log("prometheus:", lines.Text())
		}
	}()
	t.Cleanup(func() { // runs after ctx has ended
		<-said
		_ = command.Wait()
	})
	return address
}

func freeLoopback(t *testing.T) string {
	for range 100 { // below the ports of outgoing connections
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 12_000+rand.IntN(20_000))); err == nil {
			defer l.Close()
			return l.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return ""
}

// ask queries until the answer is the wanted one, or for half a minute, and
// returns the last answer.
func ask(t *testing.T, prometheus, query, want string) string {
	retry := time.NewTicker(250 * time.Millisecond)
	defer retry.Stop()
	deadline := time.After(30 * time.Second)
	for {
		got, err := queryOnce("http://" + prometheus + "/api/v1/query?query=" + url.QueryEscape(query))
		if err == nil && got == want {
			return got
		}
		select {
		case <-retry.C:
		case <-deadline:
			return fmt.Sprint(got, err)
		}
	}
}

// queryOnce returns the value of a query with one result.
func queryOnce(address string) (string, error) {
	answer, err := http.Get(address)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return "", err
	}
	var result struct {
		Error string
		Data  struct {
			Result []struct{ Value [2]any }
		}
	}
	if err := json.Unmarshal(body, &result); err != nil {
		return "", fmt.Errorf("%w in %s", err, strings.TrimSpace(string(body)))
	}
	if len(result.Data.Result) != 1 {
		return "", fmt.Errorf("%d results %s", len(result.Data.Result), result.Error)
	}
	return fmt.Sprint(result.Data.Result[0].Value[1]), nil
}
