package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// start serves until the test ends or stop is called; stop returns what Serve did.
func start(t *testing.T, s *Server) (stop func() error) {
	t.Helper()
	if err := s.Listen(); err != nil {
		t.Fatalf("Listen: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	stopped := false
	stop = func() error {
		cancel()
		stopped = true
		return <-ended
	}
	t.Cleanup(func() {
		if !stopped {
			_ = stop()
		}
	})
	return stop
}

// get asks a served address; the connection is not kept.
func get(t *testing.T, address net.Addr, path string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address.String()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Close = true
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatalf("get %s: %v", path, err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatalf("read %s: %v", path, err)
	}
	return answer.StatusCode, string(body)
}

func TestEveryListenAddressIsServed(t *testing.T) {
	s := newServer(t, func(o *Options) { o.ListenAddresses = []string{"127.0.0.1:0", "127.0.0.1:0"} })
	stop := start(t, s)
	if got := len(s.Addrs()); got != 2 {
		t.Fatalf("got %d addresses, want 2", got)
	}
	for _, address := range s.Addrs() {
		if code, body := get(t, address, "/metrics"); code != http.StatusOK || body != "withings_up 1\n" {
			t.Errorf("%s: got %d %q, want the metrics", address, code, body)
		}
	}
	if err := stop(); err != nil {
		t.Errorf("stopped with %v, want nil", err)
	}
}

func TestPortInUseNamesAddressAndWhatToDo(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	s := newServer(t, func(o *Options) { o.ListenAddresses = []string{"127.0.0.1:0", taken.Addr().String()} })
	err = s.Listen()
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Fatalf("got %v, want address in use", err)
	}
	for _, want := range []string{taken.Addr().String(), "--web.listen-address"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want it to name %q", err, want)
		}
	}
	if got := s.Addrs(); len(got) != 0 {
		t.Errorf("got %v still open, want none", got)
	}
}

// TestOnlyItsOwnAddressIsTheFaultOfTheProgram: another program may have the same port of another address.
func TestOnlyItsOwnAddressIsTheFaultOfTheProgram(t *testing.T) {
	at := func(text string) net.Addr {
		a, err := net.ResolveTCPAddr("tcp", text)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for _, c := range []struct {
		own, wanted string
		want        bool
	}{
		{"127.0.0.1:10054", "127.0.0.1:10054", true},
		{"127.0.0.1:10054", "[::ffff:127.0.0.1]:10054", true},
		{"[::]:10054", "127.0.0.1:10054", true},
		{"127.0.0.1:10054", ":10054", true},
		{"127.0.0.1:10054", "0.0.0.0:10054", true},
		{"127.0.0.1:10054", "192.0.2.5:10054", false},
		{"127.0.0.1:10054", "127.0.0.1:54", false},
	} {
		if got := overlap(at(c.wanted), at(c.own)); got != c.want {
			t.Errorf("%s beside %s: %v, want %v", c.wanted, c.own, got, c.want)
		}
	}
}

func TestAddressWithoutPortNamesTheForm(t *testing.T) {
	s := newServer(t, func(o *Options) { o.ListenAddresses = []string{"10054"} })
	if err := s.Listen(); err == nil || !strings.Contains(err.Error(), ":10054") {
		t.Errorf("got %v, want an example of the form", err)
	}
}

func TestServeWithoutListenFails(t *testing.T) {
	if err := newServer(t).Serve(t.Context()); err == nil {
		t.Error("got no error")
	}
}

func TestServeReleasesAddressesWhenItsContextHasEnded(t *testing.T) {
	s := newServer(t)
	if err := start(t, s)(); err != nil {
		t.Fatalf("got %v, want nil", err)
	}
	again, err := net.Listen("tcp", s.Addrs()[0].String())
	if err != nil {
		t.Fatalf("the address is still taken: %v", err)
	}
	_ = again.Close()
}

func TestServeEndsWholeWhenOneAddressFails(t *testing.T) {
	s := newServer(t, func(o *Options) { o.ListenAddresses = []string{"127.0.0.1:0", "127.0.0.1:0"} })
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	_ = s.listeners[0].Close()
	err := s.Serve(t.Context())
	if err == nil || !strings.Contains(err.Error(), s.Addrs()[0].String()) {
		t.Errorf("got %v, want it to name the address that failed", err)
	}
}

// blocking returns a metrics handler that says when a request has arrived,
// holds it until released or cut off, and says which it was.
func blocking() (handler http.HandlerFunc, arrived, release chan struct{}, cut chan bool) {
	arrived, release, cut = make(chan struct{}), make(chan struct{}), make(chan bool, 1)
	return func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		select {
		case <-release:
			cut <- false
		case <-r.Context().Done():
			cut <- true
		}
		_, _ = io.WriteString(w, "complete")
	}, arrived, release, cut
}

func TestStopWaitsForRequestsUnderWay(t *testing.T) {
	handler, arrived, release, _ := blocking()
	s := newServer(t, func(o *Options) { o.Metrics = handler })
	s.stopTimeout = time.Hour // the test ends it, not the clock
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	body := make(chan string, 1)
	go func() {
		_, got := get(t, s.Addrs()[0], "/metrics")
		body <- got
	}()

	<-arrived
	cancel()
	for { // until the address is closed, so stopping has begun
		c, err := net.Dial("tcp", s.Addrs()[0].String())
		if err != nil {
			break
		}
		_ = c.Close()
	}
	select {
	case err := <-ended:
		t.Fatalf("Serve returned %v with a request under way", err)
	default:
	}
	close(release)
	if got := <-body; got != "complete" {
		t.Errorf("got %q, want the whole answer", got)
	}
	if err := <-ended; err != nil {
		t.Errorf("got %v, want nil", err)
	}
}

func TestStopCutsOffWhatDoesNotEnd(t *testing.T) {
	handler, arrived, _, cut := blocking()
	var log bytes.Buffer
	s := newServer(t, func(o *Options) {
		o.Metrics = handler
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	s.stopTimeout = 0
	stop := start(t, s)
	client := make(chan error, 1)
	go func() {
		answer, err := http.Get("http://" + s.Addrs()[0].String() + "/metrics")
		if err == nil {
			_ = answer.Body.Close()
		}
		client <- err
	}()
	<-arrived
	if err := stop(); err != nil {
		t.Errorf("got %v, want nil", err)
	}
	if !<-cut {
		t.Error("the request was not cut off")
	}
	if err := <-client; err == nil {
		t.Error("the client got an answer, want a broken connection")
	}
	if !strings.Contains(log.String(), "still open at shutdown were closed") {
		t.Errorf("got log %q, want it to tell", log.String())
	}
}
