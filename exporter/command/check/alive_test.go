package check

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"withings-exporter/exporter/command"
)

func TestAServeIsAskedOnLoopback(t *testing.T) {
	for _, c := range []struct {
		address string
		want    string // what is asked, in order; "" for an error of usage
	}{
		{"localhost:10054", "localhost:10054"},
		{":10054", "127.0.0.1:10054 [::1]:10054"},
		{"0.0.0.0:10054", "127.0.0.1:10054"},
		{"[::]:10054", "127.0.0.1:10054 [::1]:10054"},
		{"[::1]:10054", "[::1]:10054"},
		{"192.0.2.7:10054", "192.0.2.7:10054"},
		{"10054", ""}, {":0", ""}, {"localhost:", ""}, {"", ""},
	} {
		t.Run(c.address, func(t *testing.T) {
			got, err := loopback(c.address)
			if strings.Join(got, " ") != c.want || (c.want == "") != errors.Is(err, command.ErrUsage) {
				t.Errorf("asked are %q, %v, want %q", got, err, c.want)
			}
		})
	}
}

func TestAliveIsWhoAnswers(t *testing.T) {
	answering := func(code int) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/-/healthy" {
				code = http.StatusTeapot
			}
			w.WriteHeader(code)
		})
	}
	for _, c := range []struct {
		name string
		code int
		tls  bool
		want string // in the error, "" for alive
	}{
		{"200", 200, false, ""}, {"a password is wanted", 401, false, ""}, {"TLS with a certificate of its own", 200, true, ""},
		{"another program", 404, false, "HTTP status 404"}, {"another program that leads elsewhere", 302, false, "HTTP status 302"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(answering(c.code))
			server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
			flags := command.WebFlags{}
			if c.tls {
				server.StartTLS()
				flags.WebConfigFile = filepath.Join(t.TempDir(), "web.yml")
				if err := os.WriteFile(flags.WebConfigFile, []byte("tls_server_config: {cert_file: c.pem, key_file: k.pem}\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			} else {
				server.Start()
			}
			defer server.Close()
			flags.WebListenAddress = []string{server.Listener.Addr().String()}
			var out bytes.Buffer
			err := alive(t.Context(), flags, &out)
			switch {
			case c.want == "" && (err != nil || !strings.HasPrefix(out.String(), "ok    alive: ") || strings.Count(out.String(), "\n") != 1):
				t.Errorf("got %q, %v, want one line", &out, err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || out.Len() > 0):
				t.Errorf("got %q, %v, want an error with %q", &out, err, c.want)
			}
		})
	}
}

func TestAServerThatWantsACertificateIsAlive(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: version}
		server.StartTLS()
		defer server.Close()
		config := filepath.Join(t.TempDir(), "web.yml")
		if err := os.WriteFile(config, []byte("tls_server_config: {cert: c, key: k}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		flags := command.WebFlags{WebConfigFile: config, WebListenAddress: []string{server.Listener.Addr().String()}}
		if err := alive(t.Context(), flags, io.Discard); err != nil {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
	}
}

func TestAServerWithWhichNoHandshakeSucceedsIsNotAlive(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return nil, errors.New("its key is gone") }}
	server.StartTLS()
	defer server.Close()
	config := filepath.Join(t.TempDir(), "web.yml")
	if err := os.WriteFile(config, []byte("tls_server_config: {cert_file: c.pem, key_file: k.pem}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := alive(t.Context(), command.WebFlags{WebConfigFile: config, WebListenAddress: []string{server.Listener.Addr().String()}}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "takes no TLS connection: ") || !strings.Contains(err.Error(), "c.pem, does not exist; correct that path") {
		t.Errorf("got %v, want what is wrong with the web configuration", err)
	}
}

func TestEveryAddressMustBeAlive(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Config.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	defer server.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	err = alive(t.Context(), command.WebFlags{WebListenAddress: []string{server.Listener.Addr().String(), nobody}}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), nobody) || !strings.Contains(err.Error(), "start serve") {
		t.Errorf("got %v, want an error that names %s and what to do", err, nobody)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := alive(ended, command.WebFlags{WebListenAddress: []string{nobody}}, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted, it returns %v", err)
	}
}
