package web

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// webConfig turns on TLS and lets in alice with the password "open sesame",
// hashed at bcrypt's lowest cost.
const webConfig = `tls_server_config:
  cert_file: cert.pem
  key_file: key.pem
http_server_config:
  headers:
    X-Frame-Options: sameorigin
basic_auth_users:
  alice: $2a$04$pY355xVm8fTX1qy3gfymZen.NeCt4gov2mAQlAApA5tNhoifB14Sq
`

// writeWebConfig writes webConfig with a fresh certificate for 127.0.0.1; it
// returns the file's name and the pool that trusts the certificate.
func writeWebConfig(t *testing.T) (string, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour), // the TLS client goes by the real clock
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	dir := t.TempDir()
	for name, content := range map[string][]byte{
		"cert.pem": certPEM,
		"key.pem":  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}),
		"web.yml":  []byte(webConfig),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(certPEM)
	return filepath.Join(dir, "web.yml"), pool
}

func TestHTTP2OverTLSKeepsPasswordsAndHosts(t *testing.T) {
	config, pool := writeWebConfig(t)
	var log bytes.Buffer
	s := newServer(t, func(o *Options) {
		o.ListenAddresses, o.ConfigFile = []string{"127.0.0.1:0"}, config
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	})
	stop := start(t, s)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
	for _, c := range []struct {
		host, password string
		want           int
	}{
		{"localhost", "open sesame", http.StatusOK},
		{"localhost", "guess", http.StatusUnauthorized},
		{"somewhere.example", "open sesame", http.StatusMisdirectedRequest},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+s.Addrs()[0].String()+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = c.host
		r.SetBasicAuth("alice", c.password)
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.ProtoMajor != 2 || answer.StatusCode != c.want {
			t.Errorf("%s with password %q: got %s over %s, want %d over HTTP/2", c.host, c.password, answer.Status, answer.Proto, c.want)
		}
	}
	// A connection that a scraper keeps open does not hold up the stop.
	if err := stop(); err != nil || log.Len() > 0 {
		t.Errorf("stopped with %v, log %q, want neither", err, &log)
	}
}

func TestWebConfigProtectsEveryAddressAndPath(t *testing.T) {
	config, pool := writeWebConfig(t)
	s := newServer(t, func(o *Options) {
		o.ListenAddresses = []string{"127.0.0.1:0", "127.0.0.1:0"}
		o.ConfigFile = config
	})
	stop := start(t, s)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	client := &http.Client{Transport: transport}

	ask := func(address net.Addr, path, password string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address.String()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if password != "" {
			r.SetBasicAuth("alice", password)
		}
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		return answer
	}
	for _, address := range s.Addrs() {
		for _, path := range []string{"/", "/metrics", "/sd", "/-/healthy"} {
			for password, want := range map[string]int{"": 401, "guess": 401, "open sesame": 200} {
				if got := ask(address, path, password).StatusCode; got != want {
					t.Errorf("%s%s with password %q: got %d, want %d", address, path, password, got, want)
				}
			}
		}
		if got := ask(address, "/", "open sesame").Header.Get("X-Frame-Options"); got != "sameorigin" {
			t.Errorf("got X-Frame-Options %q, want the operator's", got)
		}
		if _, body := get(t, address, "/metrics"); !strings.Contains(body, "HTTPS server") {
			t.Errorf("plain HTTP got %q, want to be refused", body)
		}
	}
	transport.CloseIdleConnections()
	if err := stop(); err != nil {
		t.Errorf("stopped with %v, want nil", err)
	}
}
