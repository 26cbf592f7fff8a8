package demo

import (
	"net/http"
)

// line leads the simulated Withings to the exporter of the demo at [command.DemoAddress]: where that listens is known only once
// it does.
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
