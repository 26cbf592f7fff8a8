package web

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"
)

// askAlive asks a server whether it is alive, for a while.
func askAlive(t *testing.T, s *Server, patience time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return s.Alive(ctx)
}

func TestAServerThatAnswersItselfIsAlive(t *testing.T) {
	secured, _ := writeWebConfig(t)
	for name, change := range map[string]func(*Options){
		"on loopback":           func(*Options) {},
		"everywhere":            func(o *Options) { o.ListenAddresses = []string{":0"} },
		"below a route prefix":  func(o *Options) { o.RoutePrefix = "/größe" },
		"at two addresses":      func(o *Options) { o.ListenAddresses = []string{"127.0.0.1:0", "localhost:0"} },
		"with TLS and password": func(o *Options) { o.ConfigFile = secured },
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			s := newServer(t, change, func(o *Options) {
				o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
			})
			stop := start(t, s)
			for range 2 {
				if err := askAlive(t, s, time.Minute); err != nil {
					t.Error(err)
				}
			}
			stop()
			if log.Len() > 0 {
				t.Errorf("asking itself is logged: %s", &log)
			}
			if err := askAlive(t, s, time.Minute); err == nil {
				t.Error("a server that has stopped is alive")
			}
		})
	}
}

// TestAServerThatDoesNotAnswerIsNotAlive has its address open, as when the program hangs.
func TestAServerThatDoesNotAnswerIsNotAlive(t *testing.T) {
	s := newServer(t)
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	defer closeAll(s.listeners)
	err := askAlive(t, s, 50*time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), s.Addrs()[0].String()) {
		t.Errorf("got %v, want an error that names the address", err)
	}
}

// TestAServerThatWantsACertificateAsksItselfOnce, since every refusal is logged.
func TestAServerThatWantsACertificateAsksItselfOnce(t *testing.T) {
	config, _ := writeWebConfig(t)
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), "  key_file: key.pem\n", "  key_file: key.pem\n  client_auth_type: RequireAnyClientCert\n", 1)
	if err := os.WriteFile(config, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s := newServer(t, func(o *Options) {
		o.ConfigFile = config
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	})
	stop := start(t, s)
	for range 3 {
		if err := askAlive(t, s, time.Minute); err != nil {
			t.Error(err)
		}
	}
	stop()
	if n := strings.Count(log.String(), "TLS handshake error"); n != 1 {
		t.Errorf("it asked itself %d times, want once: %s", n, &log)
	}
}
