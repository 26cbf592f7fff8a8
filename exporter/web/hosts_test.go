package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// opened is a server that listens on addresses until the test ends, and the
// first of them.
func opened(t *testing.T, external string, addresses ...string) string {
	t.Helper()
	s := newServer(t, withExternal(external), func(o *Options) { o.ListenAddresses = addresses })
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s.Addrs()[0].String()
}

// raw sends a request as it is written, and returns status and body.
func raw(t *testing.T, address, request string) (status int, body string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(data)
}

func TestOnLoopbackOnlyNamesOfThisMachineAreAnswered(t *testing.T) {
	const external = "https://Home.example:8443/withings"
	plain, proxied := opened(t, "", "127.0.0.1:0"), opened(t, external, "127.0.0.1:0", "localhost:0")
	for _, c := range []struct {
		host    string
		own     bool // it means this machine
		outside bool // it is that of the external URL
	}{
		{host: "localhost", own: true}, {host: "localhost:10054", own: true}, {host: "LocalHost:1", own: true},
		{host: "localhost.", own: true}, {host: "localhost.:10054", own: true}, {host: "localhost:", own: true},
		{host: "127.0.0.1", own: true}, {host: "127.0.0.1:10054", own: true}, {host: "127.255.255.254:80", own: true},
		{host: "[::1]", own: true}, {host: "[::1]:10054", own: true}, {host: "[::1%25lo]:10054", own: true}, {host: "[0:0::1]", own: true},
		{host: "[::ffff:127.0.0.1]:80", own: true},
		{host: "home.example", outside: true}, {host: "HOME.example.", outside: true}, {host: "home.example:10054", outside: true},
		{host: "evil.example"}, {host: "evil.example:10054"}, {host: "localhost.evil.example"}, {host: "notlocalhost"},
		{host: "localhost..:80"}, {host: "127.0.0.1.evil.example"}, {host: "128.0.0.1"}, {host: "10.0.0.1:10054"}, {host: "0.0.0.0"},
		{host: "[::]:80"}, {host: "[fe80::1%25lo]"}, {host: "[::2]"}, {host: "::1"}, {host: "localhost:80:80"}, {host: "localhost:http"},
		{host: "2130706433"}, {host: "0x7f.1"}, {host: "[localhost"}, {host: "home.example.evil.example"}, {host: ""},
	} {
		t.Run(c.host, func(t *testing.T) {
			for name, server := range map[string]struct {
				address string
				want    bool
			}{"plain": {plain, c.own}, "proxied": {proxied, c.own || c.outside}} {
				for _, path := range []string{"/metrics", "/", "/-/healthy", "/-/ready", "/sd", "/nowhere", "/withings/metrics"} {
					status, body := raw(t, server.address, fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nX-Forwarded-Host: localhost\r\nForwarded: host=localhost\r\n"+
						"Connection: close\r\n\r\n", path, c.host))
					if turned := status == http.StatusMisdirectedRequest; turned == server.want {
						t.Errorf("%s: %s is answered with %d, want it answered: %v", name, path, status, server.want)
					} else if turned && (!strings.Contains(body, "--web.external-url") || strings.Contains(body, "withings_up")) {
						t.Errorf("%s: %s is turned away with %q", name, path, body)
					}
				}
			}
		})
	}
}

func TestHowAHostIsNamedDoesNotMatter(t *testing.T) {
	address := opened(t, "", "127.0.0.1:0")
	for _, c := range []struct {
		name, request string
		want          int
	}{
		{"an absolute address of this machine", "GET http://localhost/metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 200},
		{"an absolute address of a stranger", "GET http://evil.example/metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 421},
		{"HTTP/1.0 without a host", "GET /metrics HTTP/1.0\r\n\r\n", 421},
		{"HTTP/1.0 with one", "GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n", 200},
		{"HTTP/1.1 without a host", "GET /metrics HTTP/1.1\r\nConnection: close\r\n\r\n", 400},
		{"two hosts", "GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 400},
		{"a long host", "GET /metrics HTTP/1.1\r\nHost: " + strings.Repeat("x", 5000) + "\r\nConnection: close\r\n\r\n", 421},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, body := raw(t, address, c.request)
			if status != c.want || len(body) > 1000 {
				t.Errorf("answered with %d and %d bytes, want %d", status, len(body), c.want)
			}
		})
	}
}

func TestWhereOthersCanReachItEveryNameIsAnswered(t *testing.T) {
	for name, addresses := range map[string][]string{
		"every address": {":0"}, "IPv4": {"0.0.0.0:0"}, "loopback and another": {"127.0.0.1:0", "0.0.0.0:0"},
	} {
		t.Run(name, func(t *testing.T) {
			_, port, err := net.SplitHostPort(opened(t, "", addresses...))
			if err != nil {
				t.Fatal(err)
			}
			if status, _ := raw(t, "127.0.0.1:"+port, "GET /metrics HTTP/1.1\r\nHost: nas.home:10054\r\nConnection: close\r\n\r\n"); status != http.StatusOK {
				t.Errorf("answered with %d", status)
			}
		})
	}
}
