package demo

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/testrun"
)

func TestTheLineLeadsToTheExporterOnceItListens(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Host+r.URL.Path)
	}))
	defer server.Close()
	at := strings.TrimPrefix(server.URL, "http://")
	l := newLine()
	defer l.CloseIdleConnections()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	early, _ := http.NewRequestWithContext(ctx, http.MethodHead, command.DemoAddress, nil)
	if _, err := l.RoundTrip(early); err == nil {
		t.Error("it answers before anybody listens")
	}
	l.open(at)
	answer, err := (&http.Client{Transport: l}).Get(command.DemoAddress + "/notify/x")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, _ := io.ReadAll(answer.Body); string(text) != at+"/notify/x" {
		t.Errorf("it leads to %s", text)
	}
}

func TestPagesWithPasswordsTakeNoNotifications(t *testing.T) {
	for _, c := range []struct {
		settings command.Settings
		want     string
	}{
		{command.Settings{}, command.DemoAddress},
		{command.Settings{ExternalURL: "https://demo.example"}, command.DemoAddress},
		{command.Settings{WebConfigFile: "web.yml"}, ""},
		{command.Settings{WebConfigFile: "web.yml", NotifyAddress: "localhost:8099"}, command.DemoAddress},
	} {
		if got := callback(c.settings); got != c.want {
			t.Errorf("%+v: %q, want %q", c.settings, got, c.want)
		}
	}
}

// TestTheDemoIsToldWhatHappens: subscriptions are made and confirmed, and who is in bed is known
// without waiting for the evening.
func TestTheDemoIsToldWhatHappens(t *testing.T) {
	t.Parallel()
	address := serveDemo(t, "", command.Influx{})
	await(t, "Anna's bed has told, and everybody's subscriptions are confirmed", func() bool {
		text, err := testrun.Page("http://" + address + "/metrics")
		if err != nil {
			return false
		}
		for _, series := range []string{
			`withings_in_bed{profile="Anna"}`, `withings_got_in_bed_timestamp_seconds{profile="Anna"}`,
			`withings_notifications_active{profile="Anna"} 1`, `withings_notifications_active{profile="Ben"} 1`,
			`withings_notifications_active{profile="Carla"} 1`, `withings_notifications_total{category="50",profile="Anna"} 1`,
		} {
			if !strings.Contains(text, series) {
				return false
			}
		}
		return true
	})
}
