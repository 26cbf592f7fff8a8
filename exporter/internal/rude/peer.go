package rude

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"withings-exporter/exporter/testserver"
)

// Behaviour answers a request. It returns at the latest when [Call.Over] is closed.
type Behaviour func(*Call)

// Peer is a server with a given behaviour, until its test ends. Its methods are safe
// for concurrent use.
type Peer struct {
	URL string // base address without a trailing slash

	listener net.Listener
	server   *http.Server
	dial     func(context.Context) (net.Conn, error) // nil: the network
	caFile   string                                  // of a TLS peer
	over     chan struct{}                           // closed when the test ends
	calls    sync.WaitGroup

	mu     sync.Mutex // guards what follows
	every  Behaviour
	routes []route
	log    []*Request
	db     database
}

// route is a behaviour for one path.
type route struct {
	path string
	b    Behaviour
}

// Request is a request and the size of its answer.
type Request struct {
	Method, Path string
	Query        map[string][]string
	Header       http.Header
	Status       int   // 0 until one was sent, or if the connection was cut
	Bytes        int64 // of the body on the wire, as far as it was read
	Sent         int64 // of the body of the answer, as far as the network accepted it
}

// most is how many requests a peer records. A client that sends more is in a loop, so
// the peer hangs from then on.
const most = 20_000

// Server starts a peer on a free loopback port.
func Server(t testing.TB, b Behaviour) *Peer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return start(t, b, l, &Peer{URL: "http://" + l.Addr().String()})
}

// TLS starts a peer that uses TLS with a certificate that nobody trusts; see
// [Peer.CAFile]. It answers plain HTTP like every server written in Go.
func TLS(t testing.TB, b Behaviour) *Peer {
	t.Helper()
	certificate, key := testserver.Certificate(t)
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Peer{URL: "https://" + l.Addr().String(), caFile: certificate}
	return start(t, b, tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{pair}}), p)
}

// Pipe starts a peer in memory that only [Peer.Client] can reach. It waits on channels
// and timers only, so it can be used in a synctest bubble.
func Pipe(t testing.TB, b Behaviour) *Peer {
	t.Helper()
	l := newPipes()
	return start(t, b, l, &Peer{URL: "http://pipe.example", dial: l.dial})
}

func start(t testing.TB, b Behaviour, l net.Listener, p *Peer) *Peer {
	p.listener, p.every, p.over = l, b, make(chan struct{})
	p.server = &http.Server{Handler: p, ErrorLog: quiet}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = p.server.Serve(l) // ends with Close
	}()
	t.Cleanup(func() {
		p.note(func() { close(p.over) })
		_ = p.server.Close() // connections too
		<-served
		p.calls.Wait()
	})
	return p
}

// Set sets the behaviour for all paths from now on; it cancels [Peer.On].
func (p *Peer) Set(b Behaviour) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.every, p.routes = b, nil
}

// On sets the behaviour for a path from now on, and for all paths that end in it, such
// as /proxy/api/v2/write for /api/v2/write. The longest match counts.
func (p *Peer) On(path string, b Behaviour) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.routes {
		if p.routes[i].path == path {
			p.routes[i].b = b
			return
		}
	}
	p.routes = append(p.routes, route{path, b})
}

func (p *Peer) behaviour(path string) Behaviour {
	b, longest := p.every, 0
	for _, r := range p.routes {
		if strings.HasSuffix(path, r.path) && len(r.path) > longest {
			b, longest = r.b, len(r.path)
		}
	}
	return b
}

// CAFile returns a PEM file with the certificate of a [TLS] peer.
func (p *Peer) CAFile() string { return p.caFile }

// Host returns the host and port of the peer.
func (p *Peer) Host() string {
	_, host, _ := strings.Cut(p.URL, "://")
	return host
}

// Client returns an HTTP client for the peer that has no limits, follows no redirects
// and keeps no connections.
func (p *Peer) Client() *http.Client {
	transport := &http.Transport{DisableKeepAlives: true}
	if p.dial != nil {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return p.dial(ctx) }
	}
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// ServeHTTP answers a request with the behaviour of its path.
func (p *Peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	seen := &Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header.Clone()}
	b := p.begin(seen)
	if b == nil { // the test is over
		return
	}
	defer p.calls.Done()
	r.Body = &countedBody{ReadCloser: r.Body, add: func(n int) { p.note(func() { seen.Bytes += int64(n) }) }}
	b(&Call{
		W:    &countedWriter{ResponseWriter: w, p: p, seen: seen},
		R:    r,
		Peer: p,
		seen: seen,
	})
}

// begin records a request and returns the behaviour that answers it.
func (p *Peer) begin(seen *Request) Behaviour {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.over:
		return nil
	default:
	}
	p.calls.Add(1)
	if len(p.log) >= most {
		return Hang
	}
	p.log = append(p.log, seen)
	return p.behaviour(seen.Path)
}

func (p *Peer) note(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// Log returns all requests so far, in order.
func (p *Peer) Log() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]Request, len(p.log))
	for i, r := range p.log {
		all[i] = *r
	}
	return all
}

func (p *Peer) sum(path string, each func(*Request) int64) (n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.log {
		if strings.HasSuffix(r.Path, path) {
			n += each(r)
		}
	}
	return n
}

// Requests returns how many requests came to paths with this end; "" counts all.
func (p *Peer) Requests(path string) int {
	return int(p.sum(path, func(*Request) int64 { return 1 }))
}

// Bytes returns the total length of the bodies of these requests.
func (p *Peer) Bytes(path string) int64 {
	return p.sum(path, func(r *Request) int64 { return r.Bytes })
}

// Sent returns how many bytes of the answers to them the network accepted: what was
// read, and what was in its buffers when the reader disconnected.
func (p *Peer) Sent(path string) int64 { return p.sum(path, func(r *Request) int64 { return r.Sent }) }

type countedBody struct {
	io.ReadCloser
	add func(int)
}

func (b *countedBody) Read(to []byte) (int, error) {
	n, err := b.ReadCloser.Read(to)
	b.add(n)
	return n, err
}

type countedWriter struct {
	http.ResponseWriter
	p    *Peer
	seen *Request
}

func (w *countedWriter) WriteHeader(status int) {
	w.p.note(func() { w.seen.Status = status })
	w.ResponseWriter.WriteHeader(status)
}

func (w *countedWriter) Write(text []byte) (int, error) {
	n, err := w.ResponseWriter.Write(text)
	w.p.note(func() {
		w.seen.Sent += int64(n)
		if w.seen.Status == 0 {
			w.seen.Status = http.StatusOK
		}
	})
	return n, err
}

// Unwrap is for http.ResponseController.
func (w *countedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
