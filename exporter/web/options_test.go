package web

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNewRefusesWhatCannotWorkAndSaysWhatToDo(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "web.yml")
	if err := os.WriteFile(broken, []byte("tls_server_config:\n  cert_file: missing.pem\n  key_file: missing.pem\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		change func(*Options)
		want   string
	}{
		{"no metrics handler", func(o *Options) { o.Metrics = nil }, "metrics handler"},
		{"no status function", func(o *Options) { o.Status = nil }, "status function"},
		{"no address", func(o *Options) { o.ListenAddresses = nil }, "--web.listen-address"},
		{"telemetry path without slash", func(o *Options) { o.TelemetryPath = "metrics" }, "--web.telemetry-path"},
		{"telemetry path with query", func(o *Options) { o.TelemetryPath = "/metrics?x=1" }, "--web.telemetry-path"},
		{"telemetry path of discovery", func(o *Options) { o.TelemetryPath = "/sd" }, "--web.telemetry-path"},
		{"telemetry path of reload, also when there is none", func(o *Options) { o.TelemetryPath = "/-/reload" }, "--web.telemetry-path"},
		{"negative number of scrapes", func(o *Options) { o.MaxScrapes = -1 }, "--web.max-requests"},
		{"external URL without scheme", withExternal("home.example/withings"), "--web.external-url"},
		{"external URL of another scheme", withExternal("ftp://home.example"), "--web.external-url"},
		{"external URL without host", withExternal("http://:80/x"), "--web.external-url"},
		{"external URL with query", withExternal("http://home.example/?a=b"), "--web.external-url"},
		{"external URL with an empty query", withExternal("http://home.example/?"), "--web.external-url"},
		{"external URL with an empty fragment", withExternal("http://home.example/#"), "--web.external-url"},
		{"external URL with a port too high", withExternal("https://home.example:99999/"), "--web.external-url"},
		{"external URL with port 0", withExternal("https://home.example:0"), "--web.external-url"},
		{"external URL that does not parse", withExternal("http://home.example:port"), "--web.external-url"},
		{"web configuration that is not there", func(o *Options) { o.ConfigFile = "/does/not/exist.yml" }, "--web.config.file"},
		{"web configuration with missing certificate", func(o *Options) { o.ConfigFile = broken }, "--web.config.file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			opts := testOptions()
			tt.change(&opts)
			_, err := New(opts)
			if err == nil {
				t.Fatal("got no error")
			}
			if got := err.Error(); !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want it to name %q", got, tt.want)
			}
		})
	}
}

func TestPasswordInExternalURLIsNotRepeated(t *testing.T) {
	for _, address := range []string{"http://me:hunter2@home.example/", "ftp://me:hunter2@home.example/", "http://me:hunter2@home.example:port/"} {
		opts := testOptions()
		opts.ExternalURL = address
		_, err := New(opts)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v, want an error without the password", err)
		}
	}
}
