package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"go.yaml.in/yaml/v4"

	"withings-exporter/exporter/hint"
)

// Scheme is https if a web configuration has a certificate, and http otherwise.
func Scheme(configFile string) (string, error) {
	data, err := ReadConfig(configFile)
	if err != nil {
		return "", fmt.Errorf("read the web configuration %q: %w", configFile, err)
	}
	var config struct {
		TLS map[string]any `yaml:"tls_server_config"`
	}
	if yaml.Unmarshal(data, &config) != nil { // what it says could quote a password
		return "", hint.Wrap(fmt.Errorf("web configuration %q is not valid YAML", configFile), "correct the file")
	}
	for _, key := range []string{"cert_file", "cert", "key_file", "key"} {
		if value, _ := config.TLS[key].(string); value != "" {
			return "https", nil
		}
	}
	return "http", nil
}

// TurnedAway reports whether a server ended the TLS handshake itself, most likely
// because it wants a client certificate: then it is alive.
func TurnedAway(err error) bool {
	remote, is := errors.AsType[*net.OpError](err)
	return is && remote.Op == "remote error" && strings.HasPrefix(remote.Err.Error(), "tls: ")
}

// WantsCertificate reports whether a server turned a client away most likely for want of a certificate. One that cannot use its own,
// or the web configuration, turns everybody away with an internal error.
func WantsCertificate(err error) bool {
	return TurnedAway(err) && !strings.Contains(err.Error(), "internal error")
}

// Alive has the server ask itself for /-/healthy at each of its addresses, as others
// would, and returns an error unless all answer. It is for after Listen, and for one
// goroutine. A server that wants a password is alive, and so is one that wants a
// certificate, which is found out once, since each time is a line of the log.
func (s *Server) Alive(ctx context.Context) error {
	if s.wantsCertificate {
		return nil
	}
	scheme, err := Scheme(s.opts.ConfigFile)
	if err != nil {
		return err
	}
	for _, l := range s.listeners {
		err := askSelf(ctx, scheme+"://localhost"+escaped(s.prefix)+"/-/healthy", l.Addr())
		if TurnedAway(err) {
			s.wantsCertificate = true
			return nil
		}
		if err != nil {
			return fmt.Errorf("no answer from the own address %s: %w", l.Addr(), err)
		}
	}
	return nil
}

// askSelf asks one address of this process.
func askSelf(ctx context.Context, page string, at net.Addr) error {
	var dialer net.Dialer
	transport := &http.Transport{ // no proxy: it stays in this process
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, at.Network(), at.String())
		},
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // it stays in this process
		DisableKeepAlives: true,
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
	if err != nil {
		return err
	}
	answer, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(answer.Body, 4<<10)) // of no interest
	_ = answer.Body.Close()
	return err
}
