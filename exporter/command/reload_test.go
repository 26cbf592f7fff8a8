package command

import (
	"os"
	"path/filepath"
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
		want    string
	}{
		{"nothing given", WebFlags{}, "", "curl -X POST http://localhost:10054/-/reload"},
		{"address and prefix", WebFlags{WebListenAddress: []string{":8080", ":8081"}, WebRoutePrefix: "health/"}, "", "curl -X POST http://localhost:8080/health/-/reload"},
		{"IPv6", WebFlags{WebListenAddress: []string{"[::1]:8080"}}, "", "curl -X POST 'http://[::1]:8080/-/reload'"},
		{"certificate and password", WebFlags{WebConfigFile: secured}, "", "curl -k -u 'anna b' -X POST https://localhost:10054/-/reload"},
		{"service of the package", WebFlags{}, "sudo withings-exporter-service", "sudo systemctl reload withings-exporter"},
		{"socket of systemd", WebFlags{WebSystemdSocket: true}, "", "sudo systemctl reload withings-exporter"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("EXPORTER_PROGRAM", c.service)
			if got := c.flags.Reload(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
