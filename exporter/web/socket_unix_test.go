//go:build unix

package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"withings-exporter/exporter/hint"
)

// activated is the variable by which this program is told to serve what it is passed, as systemd starts one.
const activated = "WEB_TEST_ACTIVATED"

// TestTheSocketsOfSystemdAreServed starts this program once more in the way systemd does.
func TestTheSocketsOfSystemdAreServed(t *testing.T) {
	if os.Getenv(activated) != "" {
		serveActivated(t)
		return
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "s")
	unix, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	unused := closedAddress(t)
	said, end := activate(t, unused, tcp.(*net.TCPListener), unix.(*net.UnixListener))
	if want := fmt.Sprintf("serves 2: %s %s", tcp.Addr(), path); said != want {
		t.Fatalf("it says %q, want %q", said, want)
	}
	if code, body := get(t, tcp.Addr(), "/metrics"); code != http.StatusOK || body != "withings_up 1\n" {
		t.Errorf("at %s: %d %q", tcp.Addr(), code, body)
	}
	overUnix := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}}
	answer, err := overUnix.Get("http://exporter.example/metrics")
	if err != nil {
		t.Fatal(err)
	}
	if _ = answer.Body.Close(); answer.StatusCode != http.StatusOK {
		t.Errorf("at the Unix socket: %d", answer.StatusCode)
	}
	const stranger = "GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
	if code, _ := raw(t, tcp.Addr().String(), stranger); code != http.StatusMisdirectedRequest {
		t.Errorf("beside a Unix socket, a loopback address is read under any name: %d", code)
	}
	if c, err := net.Dial("tcp", unused); err == nil {
		_ = c.Close()
		t.Error("it also listens at --web.listen-address")
	}
	if err := end(); err != nil {
		t.Errorf("it ends with %v", err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the socket of systemd is removed: %v", err)
	}
}

func TestWithoutASocketOfSystemdThereIsAdvice(t *testing.T) {
	t.Setenv("LISTEN_PID", fmt.Sprint(os.Getppid())) // they are another's
	t.Setenv("LISTEN_FDS", "1")
	s := newServer(t, func(o *Options) { o.SystemdSocket, o.ListenAddresses = true, nil })
	err := s.Listen()
	if err == nil || !strings.Contains(err.Error(), "--web.systemd-socket") || !strings.Contains(hint.Of(err), "start the socket unit") {
		t.Errorf("got %v, advice %q", err, hint.Of(err))
	}
}

func TestASocketThatTakesNoConnectionsIsNamed(t *testing.T) {
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = udp.Close() }()
	said, end := activate(t, "127.0.0.1:0", tcp.(*net.TCPListener), udp.(*net.UDPConn))
	if want := "fails: socket 2 of 2 that systemd has passed does not take connections"; !strings.HasPrefix(said, want) {
		t.Errorf("it says %q, want %q", said, want)
	}
	if err := end(); err != nil {
		t.Errorf("it ends with %v", err)
	}
}

// TestAConnectionIsNotASocketToListenAt has systemd pass connections, as it does with Accept=yes.
func TestAConnectionIsNotASocketToListenAt(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			address := map[string]string{"tcp": "127.0.0.1:0", "unix": filepath.Join(t.TempDir(), "s")}[network]
			l, err := net.Listen(network, address)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = l.Close() }()
			c, err := net.Dial(network, l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			taken, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = taken.Close() }()
			said, end := activate(t, "127.0.0.1:0", taken.(interface{ File() (*os.File, error) }))
			if want := "fails: socket 1 of 1 that systemd has passed is a connection already (--web.systemd-socket)"; !strings.HasPrefix(said, want) {
				t.Errorf("it says %q, want %q", said, want)
			}
			if err := end(); err != nil {
				t.Errorf("it ends with %v", err)
			}
		})
	}
}

// serveActivated serves what was passed, says where, and ends with its standard input.
func serveActivated(t *testing.T) {
	s := newServer(t, func(o *Options) {
		o.SystemdSocket, o.ListenAddresses, o.Log = true, []string{os.Getenv(activated)}, slog.New(slog.DiscardHandler)
	})
	if err := s.Listen(); err != nil {
		_, _ = fmt.Println("fails:", err)
		return
	}
	var addresses []string
	for _, a := range s.Addrs() {
		addresses = append(addresses, a.String())
	}
	_, _ = fmt.Printf("serves %d: %s\n", len(addresses), strings.Join(addresses, " "))
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	if err := s.Serve(ctx); err != nil {
		t.Error(err)
	}
}

// activate starts this program with sockets, as systemd does: LISTEN_PID is its own number. It returns the first thing
// that it says, and what ends it.
func activate(t *testing.T, address string, sockets ...interface{ File() (*os.File, error) }) (said string, end func() error) {
	t.Helper()
	cmd := exec.Command("sh", "-c", `LISTEN_PID=$$ exec "$0" "$@"`, os.Args[0], "-test.run=^TestTheSocketsOfSystemdAreServed$", "-test.timeout=1m")
	cmd.Env = append(os.Environ(), activated+"="+address, fmt.Sprintf("LISTEN_FDS=%d", len(sockets)))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	for _, s := range sockets {
		file, err := s.File()
		if err != nil {
			t.Fatal(err)
		}
		cmd.ExtraFiles = append(cmd.ExtraFiles, file)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for _, file := range cmd.ExtraFiles {
		_ = file.Close()
	}
	ended := false
	end = func() error {
		ended = true
		_ = in.Close()
		rest, read := io.ReadAll(out)
		if err := errors.Join(read, cmd.Wait()); err != nil {
			return fmt.Errorf("%w: %s", err, rest)
		}
		return nil
	}
	t.Cleanup(func() {
		if !ended {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	lines := bufio.NewScanner(out)
	lines.Scan()
	return lines.Text(), end
}

// closedAddress is one at which nobody listens.
func closedAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}
