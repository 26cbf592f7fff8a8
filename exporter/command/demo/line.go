package demo

import (
	"net/http"
)

// announced is the address that the exporter of the demo gives as its own for notifications.
// No network knows it: the line leads there.
const announced = "http://demo.invalid"

// line leads the simulated Withings to the exporter of the demo, whose address is known only
// once it listens.
type line struct {
	opened  chan struct{}
	address string // once opened
	http.Transport
}

func newLine() *line { return &line{opened: make(chan struct{})} }

// open tells where the exporter listens.
func (l *line) open(address string) {
	l.address = address
	close(l.opened)
}

// RoundTrip implements http.RoundTripper.
func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-l.opened:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	led := r.Clone(r.Context())
	led.URL.Scheme, led.URL.Host, led.Host = "http", l.address, l.address
	return l.Transport.RoundTrip(led)
}
