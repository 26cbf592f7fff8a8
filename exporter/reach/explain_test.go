package reach

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"withings-exporter/exporter/hint"
)

// get requests an address and returns the error of net/http.
func get(t *testing.T, client *http.Client, address string) error {
	t.Helper()
	answer, err := client.Get(address)
	if err == nil {
		answer.Body.Close()
		t.Fatalf("%s answers with HTTP status %d", address, answer.StatusCode)
	}
	return err
}

// trusting returns a client that trusts one authority and no other.
func trusting(roots *x509.CertPool) *http.Client {
	transport := Transport()
	transport.Proxy = nil
	transport.DisableKeepAlives = true
	transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	return &http.Client{Transport: transport}
}

// certified starts a TLS server on loopback with a self-signed certificate.
func certified(t *testing.T, change func(*x509.Certificate)) (*httptest.Server, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a server"}, IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:   time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	change(template)
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	server := quiet(http.NotFoundHandler())
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server.StartTLS()
	t.Cleanup(server.Close)
	pool := x509.NewCertPool()
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(leaf)
	return server, pool
}

func quiet(h http.Handler) *httptest.Server {
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	return server
}

func TestACertificateThatIsNotTrustedSaysWhy(t *testing.T) {
	for _, c := range []struct {
		name       string
		change     func(*x509.Certificate)
		stranger   bool // the client trusts another authority
		what, hint string
	}{
		{"a private authority", func(*x509.Certificate) {}, true, "an authority that this machine does not trust", "SSL_CERT_FILE"},
		{"expired", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }, false, "has expired", "renew"},
		{"not valid yet", func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }, false, "not valid yet", "clock"},
		{"another host", func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"db.example"} }, false, "another name", "a name from the certificate"},
		{"another address", func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(192, 0, 2, 1)} }, false, "another name", "a name from the certificate"},
		{"not for servers", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }, false, "not valid", "replace"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server, roots := certified(t, c.change)
			if c.stranger {
				roots = x509.NewCertPool()
			}
			what, hint := Explain(get(t, trusting(roots), server.URL))
			if !strings.Contains(what, c.what) || !strings.Contains(hint, c.hint) {
				t.Errorf("got %q, %q, want %q, %q", what, hint, c.what, c.hint)
			}
			if strings.Contains(what+hint, "server runs") {
				t.Errorf("%q, %q: the server runs", what, hint)
			}
		})
	}
}

// speaking starts a listener on loopback that answers every connection the same way.
func speaking(t *testing.T, speak func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			speak(conn)
			_ = conn.Close()
		}
	}()
	return l.Addr().String()
}

func TestAPeerWithAnotherProtocolIsExplained(t *testing.T) {
	plain := quiet(http.NotFoundHandler())
	plain.Start()
	defer plain.Close()
	first := func(answer string) func(net.Conn) {
		return func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 1<<10))
			_, _ = io.WriteString(conn, answer)
		}
	}
	for _, c := range []struct{ name, address, what, hint string }{
		{"https to plain HTTP", "https://" + plain.Listener.Addr().String(), "does not speak TLS", "http://"},
		{"https to something else", "https://" + speaking(t, first("SSH-2.0-OpenSSH_9.2\r\n")), "does not speak TLS", "http://"},
		{"http to TLS", "http://" + speaking(t, first("\x15\x03\x01\x00\x02\x02\x16")), "not HTTP", "https://"},
		{"closed at once", "http://" + speaking(t, first("")), "closed the connection", "https://"},
		{"broken off", "http://" + speaking(t, first("HTTP/1.1 200 OK\r\n")), "breaks off", "proxy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			what, hint := Explain(get(t, trusting(nil), c.address))
			if !strings.Contains(what, c.what) || !strings.Contains(hint, c.hint) {
				t.Errorf("got %q, %q, want %q, %q", what, hint, c.what, c.hint)
			}
		})
	}
}

func TestAProxyThatRefusesIsExplained(t *testing.T) {
	for _, status := range []int{407, 403, 502} {
		proxy := quiet(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		proxy.Start()
		defer proxy.Close()
		at, err := url.Parse("http://ben:hunter2@" + proxy.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		client := trusting(nil)
		client.Transport.(*http.Transport).Proxy = http.ProxyURL(at)
		what, hint := Explain(get(t, client, "https://withings.invalid/"))
		if !strings.Contains(what, fmt.Sprint("proxy refuses to connect: HTTP status ", status)) || !strings.Contains(hint, "HTTPS_PROXY") {
			t.Errorf("HTTP status %d is told as %q, %q", status, what, hint)
		}
		proxy.Close()
		what, hint = Explain(get(t, client, "https://withings.invalid/"))
		if what != "the proxy cannot be reached: connection refused" || !strings.Contains(hint, "HTTPS_PROXY") {
			t.Errorf("a proxy that is not there is told as %q, %q", what, hint)
		}
	}
}

type slow struct{ error }

func (slow) Timeout() bool   { return true }
func (slow) Temporary() bool { return true }

func TestErrorsOfTheSystemAreExplained(t *testing.T) {
	dial := func(err error) error {
		at := &net.TCPAddr{IP: net.IPv4(10, 0, 0, 7), Port: 443}
		return &url.Error{Op: "Post", URL: "https://ben:hunter2@db/", Err: &net.OpError{Op: "dial", Net: "tcp", Addr: at, Err: err}}
	}
	wrong := strings.Join([]string{"http://ben:hun", "ter2@db:8086"}, "/")
	_, parse := url.Parse(wrong)
	for _, c := range []struct {
		name       string
		err        error
		what, hint string
	}{
		{"refused", dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), "connection refused", "server runs"},
		{"no files left", dial(os.NewSyscallError("socket", syscall.EMFILE)), "too many open files", "LimitNOFILE"},
		{"no files left anywhere", dial(os.NewSyscallError("socket", syscall.ENFILE)), "too many open files", "LimitNOFILE"},
		{"no route", dial(os.NewSyscallError("connect", syscall.EHOSTUNREACH)), "no route to it", "network"},
		{"forbidden", dial(os.NewSyscallError("connect", syscall.EPERM)), "forbids", "firewall"},
		{"reset", dial(os.NewSyscallError("read", syscall.ECONNRESET)), "closed the connection", "proxy"},
		{"something else", dial(os.NewSyscallError("connect", syscall.EADDRNOTAVAIL)), "cannot assign requested address", ""},
		{"no such host", dial(&net.DNSError{Name: "db.example", Err: "no such host", IsNotFound: true}), "no such host: db.example", "DNS"},
		{"no name server", dial(&net.DNSError{Name: "db.example", Err: "i/o timeout", IsTimeout: true}), "name server does not answer", "DNS"},
		{"a confused name server", dial(&net.DNSError{Name: "db.example", Err: "server misbehaving"}), "server misbehaving", "DNS"},
		{"a deadline", &url.Error{Op: "Get", URL: "x", Err: context.DeadlineExceeded}, "no answer in time", "firewall"},
		{"a time limit", dial(slow{errors.New("i/o timeout")}), "no answer in time", "firewall"},
		{"an address", parse, "the address is not valid", ""},
		{"an address in an error", fmt.Errorf("ask: %w", parse), "the address is not valid", ""},
		{"a redirect", &url.Error{Op: "Post", URL: "x", Err: &url.Error{Op: "parse", URL: "y", Err: errors.New(`invalid port ":hun" after host`)}},
			"the address is not valid", ""},
		{"no authorities", x509.SystemRootsError{}, "no list of trusted authorities", "ca-certificates"},
		{"an echo", errors.New("bad header: Authorization: Bearer abc-1"), "Authorization: Bearer [hidden]", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			what, hint := Explain(c.err)
			if !strings.Contains(what, c.what) || !strings.Contains(hint, c.hint) || c.hint == "" && hint != "" {
				t.Errorf("got %q, %q, want %q, %q", what, hint, c.what, c.hint)
			}
			for _, secret := range []string{"hunter2", "hun/ter2", ":hun", "10.0.0.7"} {
				if strings.Contains(what+hint, secret) {
					t.Errorf("%q, %q has %q", what, hint, secret)
				}
			}
		})
	}
}

func TestAnErrorIsOneLineAndKeepsItsCause(t *testing.T) {
	err := fmt.Errorf("getmeas: %w", Failed("Withings", "--api.url", &url.Error{Op: "Post", URL: "x", Err: syscall.ECONNREFUSED}))
	const want = "getmeas: cannot reach Withings: connection refused; check whether the server runs, and host and port of --api.url"
	if err.Error() != want || !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %q, want %q and its cause", err, want)
	}
	if text, advice := hint.Text(err), hint.Of(err); text+"; "+advice != want || !strings.HasPrefix(advice, "check whether") {
		t.Errorf("the advice in %q is %q", err, advice)
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{Failed("Withings", "", errors.New("odd")), "cannot reach Withings: odd"},
		{Failed("Withings", "", errors.New(`malformed HTTP status code "s3cret"`), "s3cret"), `cannot reach Withings: malformed HTTP status code "[hidden]"`},
		{Failed("Withings", "", syscall.EHOSTUNREACH), "cannot reach Withings: no route to it; check the network of this machine"},
	} {
		if c.err.Error() != c.want {
			t.Errorf("got %q, want %q", c.err, c.want)
		}
	}
}

func TestAnExplainedErrorIsNotUnwrapped(t *testing.T) {
	told := fmt.Errorf("requesttoken: %w", Failed("Withings", "", &url.Error{Op: "Post", URL: "x", Err: errors.New("s3cret")}, "s3cret"))
	for _, err := range []error{told, &url.Error{Op: "Post", URL: "y", Err: told}, &url.Error{Op: "Post", URL: "y", Err: &url.Error{Op: "Get", URL: "z", Err: told}}} {
		if got := Bare(err); got.Error() != "requesttoken: cannot reach Withings: [hidden]" {
			t.Errorf("%q is left of %q", got, err)
		}
	}
}
