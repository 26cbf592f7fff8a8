package stage

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
)

// DoorURL is the address by which the internet reaches the exporter of a world.
const DoorURL = "https://exporter.example.net"

// errShut is what a knock at a shut door gives.
var errShut = errors.New("connection refused")

// Door is that address, at which the simulated Withings knocks with its notifications.
// It is shut until somebody opens it, and leads to a handler without any network.
type Door struct {
	mu   sync.Mutex // guards what follows
	to   http.Handler
	seen []*http.Request
}

// Open leads to a handler from now on; nil shuts the door.
func (d *Door) Open(to http.Handler) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.to = to
}

// Knocks returns what has come so far, refused or not, without the bodies.
func (d *Door) Knocks() []*http.Request {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]*http.Request(nil), d.seen...)
}

// RoundTrip implements http.RoundTripper for whoever knocks.
func (d *Door) RoundTrip(r *http.Request) (*http.Response, error) {
	d.mu.Lock()
	to := d.to
	d.seen = append(d.seen, r)
	d.mu.Unlock()
	if to == nil {
		return nil, errShut
	}
	answer := httptest.NewRecorder()
	come := r.Clone(r.Context())
	come.RequestURI, come.RemoteAddr = r.URL.RequestURI(), "192.0.2.1:1234"
	if come.Body == nil {
		come.Body = http.NoBody
	}
	to.ServeHTTP(answer, come)
	return answer.Result(), nil
}

// Proxy opens a public address on loopback that leads to an exporter, as a reverse proxy
// does. The address of the exporter may be told later, with Lead: the external address has to
// be known before the exporter listens.
type Proxy struct {
	URL string

	mu   sync.Mutex // guards door
	door http.Handler
}

// NewProxy starts a proxy that leads nowhere.
func NewProxy(t testing.TB) *Proxy {
	p := &Proxy{}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.URL = server.URL
	return p
}

// Lead has the proxy pass everything on to an address, as in localhost:10054.
func (p *Proxy) Lead(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.door = httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address})
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	door := p.door
	p.mu.Unlock()
	if door == nil {
		http.Error(w, "the exporter does not listen yet", http.StatusBadGateway)
		return
	}
	door.ServeHTTP(w, r)
}
