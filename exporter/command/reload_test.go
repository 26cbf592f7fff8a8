package command

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestAnAddressToListenOnCanBeOpened(t *testing.T) {
	for listened, want := range map[string]string{
		"[::]:10054":       "localhost:10054",
		"0.0.0.0:10054":    "localhost:10054",
		":10054":           "localhost:10054",
		"127.0.0.1:10054":  "127.0.0.1:10054",
		"[::1]:10054":      "[::1]:10054",
		"192.168.0.7:8080": "192.168.0.7:8080",
	} {
		if got := Openable(listened); got != want {
			t.Errorf("for %s it says %q, want %q", listened, got, want)
		}
	}
}

func TestReloadIsTheCommandForTheServeThatRuns(t *testing.T) {
	secured := filepath.Join(t.TempDir(), "web.yaml")
	if err := os.WriteFile(secured, []byte("tls_server_config: {cert_file: c.pem, key_file: k.pem}\nbasic_auth_users: {zoe: x, anna b: x}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		flags   WebFlags
		service string
		process int
		want    string
	}{
		{"nothing given", WebFlags{}, "", 0, "curl -X POST http://localhost:10054/-/reload"},
		{"address and prefix", WebFlags{WebListenAddress: []string{":8080", ":8081"}, WebRoutePrefix: "health/"}, "", 0, "curl -X POST http://localhost:8080/health/-/reload"},
		{"IPv6", WebFlags{WebListenAddress: []string{"[::1]:8080"}}, "", 0, "curl -X POST 'http://[::1]:8080/-/reload'"},
		{"certificate and password", WebFlags{WebConfigFile: secured}, "", 0, "curl -k -u 'anna b' -X POST https://localhost:10054/-/reload"},
		{"service of the package", WebFlags{}, "sudo withings-exporter-service", 7, "sudo systemctl reload withings-exporter"},
		{"socket of systemd", WebFlags{WebSystemdSocket: true}, "", 7, "sudo systemctl reload withings-exporter"},
		{"a port of the system's", WebFlags{WebListenAddress: []string{"localhost:0", "localhost:8080"}}, "", 0, "curl -X POST http://localhost:8080/-/reload"},
		{"a container", WebFlags{}, "", 1, "curl -X POST http://localhost:10054/-/reload"},
		{"a process of this machine, whatever its address", WebFlags{WebConfigFile: secured}, "", 7, "kill -HUP 7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.HasPrefix(c.want, "kill") {
				c.want = "curl -k -u 'anna b' -X POST https://localhost:10054/-/reload"
			}
			t.Setenv("EXPORTER_PROGRAM", c.service)
			var s Settings
			c.flags.Apply(&s)
			if got := s.ReadAgain(c.process); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestASocketIsNotSaidAsAnAddress(t *testing.T) {
	s := Settings{RoutePrefix: "/withings"}
	for address, want := range map[string]string{
		":10054":    "http://localhost:10054/withings/metrics",
		"/run/s":    "/withings/metrics on the socket /run/s",
		"@abstract": "/withings/metrics on the socket @abstract",
	} {
		if got := s.Served(address, "/metrics"); got != want {
			t.Errorf("at %s it is %q, want %q", address, got, want)
		}
	}
}

// TestABrowserIsLedHome is for links that are written down, as on the dashboards.
func TestABrowserIsLedHome(t *testing.T) {
	secured := filepath.Join(t.TempDir(), "web.yaml")
	if err := os.WriteFile(secured, []byte("tls_server_config: {cert_file: c.pem, key_file: k.pem}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		flags WebFlags
		want  string
	}{
		"nothing given":               {WebFlags{}, "http://localhost:10054"},
		"an address":                  {WebFlags{WebListenAddress: []string{":22064"}, WebRoutePrefix: "health/"}, "http://localhost:22064/health"},
		"a certificate":               {WebFlags{WebListenAddress: []string{"192.168.0.7:443"}, WebConfigFile: secured}, "https://192.168.0.7:443"},
		"an external URL":             {WebFlags{WebListenAddress: []string{":22064"}, ReachedFlags: ReachedFlags{WebExternalURL: "https://home.example/withings/"}}, "https://home.example/withings"},
		"a prefix, too":               {WebFlags{WebRoutePrefix: "/", ReachedFlags: ReachedFlags{WebExternalURL: "https://home.example/withings"}}, "https://home.example/withings"},
		"a socket in the file system": {WebFlags{WebListenAddress: []string{"/run/s", "localhost:8080"}}, "http://localhost:8080"},
		"a port of the system's":      {WebFlags{WebListenAddress: []string{"localhost:0"}}, "http://localhost:10054"},
		"sockets of systemd":          {WebFlags{WebListenAddress: []string{":22064"}, WebSystemdSocket: true}, "http://localhost:10054"},
	} {
		var s Settings
		c.flags.Apply(&s)
		if got, err := s.Home(); got != c.want || err != nil {
			t.Errorf("%s: %q, %v; want %s", name, got, err, c.want)
		}
	}
	if _, err := (Settings{ExternalURL: "https://anna:hush@home.example"}).Home(); !errors.Is(err, ErrUsage) || strings.Contains(err.Error(), "hush") {
		t.Errorf("an external URL with a password: %v", err)
	}
}
