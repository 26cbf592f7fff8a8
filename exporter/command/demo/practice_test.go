package demo

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/testserver"
)

func TestWhoPractisesListensBesideTheDemo(t *testing.T) {
	for _, c := range []struct {
		taken []string
		want  string
	}{
		{[]string{"localhost:10054", "127.0.0.1:8020", ""}, "localhost:10064"},
		{[]string{"localhost:10064", "127.0.0.1:10065"}, "localhost:10066"},
		{[]string{"localhost:10054", "[::1]:10064"}, "localhost:10065"},
	} {
		if got := practiceAddress(c.taken); got != c.want {
			t.Errorf("beside %q it is %s, want %s", c.taken, got, c.want)
		}
	}
}

// TestTheDemoPrintsTheAddressesItHas, with the scheme and the path of its pages.
func TestTheDemoPrintsTheAddressesItHas(t *testing.T) {
	certificate, key := testserver.Certificate(t)
	web := filepath.Join(t.TempDir(), "web.yml")
	if err := os.WriteFile(web, fmt.Appendf(nil, "tls_server_config: {cert_file: %q, key_file: %q}\n", certificate, key), 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	var pages string
	ctx, cancel := context.WithCancel(t.Context())
	settings := command.Settings{ListenAddresses: []string{"localhost:0"}, TelemetryPath: "/metrics", RoutePrefix: "/demo", WebConfigFile: web, Log: slog.New(slog.DiscardHandler)}
	err := serve(ctx, settings, Options{Years: 1, People: 1, Speed: 1, APIAddress: "localhost:0", Interval: 5 * time.Minute},
		&command.Program{Out: &said, Err: &said}, func(addresses []string) {
			pages = "https://" + addresses[0] + "/demo/"
			cancel()
		})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said.String(), "open "+pages+"\n") || !strings.Contains(said.String(), "This demo shows its own people on "+pages+"\n") {
		t.Errorf("its pages are at %s, but it says\n%s", pages, &said)
	}
	if strings.Count(said.String(), "localhost:10054") != 1 { // where the documentation has it
		t.Errorf("it says something of the default address:\n%s", &said)
	}
}
