package web

import (
	"errors"
	"fmt"
	"net"

	"github.com/coreos/go-systemd/v22/activation"

	"withings-exporter/exporter/hint"
)

// passed are the listeners that systemd opened for the program, as its socket unit says.
func passed() ([]net.Listener, error) {
	all, err := activation.Listeners()
	if err != nil {
		return nil, fmt.Errorf("take the sockets of systemd (--web.systemd-socket): %w", err)
	}
	if len(all) == 0 {
		return nil, hint.Wrap(errors.New("systemd has passed no socket (--web.systemd-socket)"),
			"start the socket unit, which starts the service, or leave the flag out to listen at --web.listen-address")
	}
	for i, l := range all {
		what, advice := "", ""
		switch {
		case l == nil:
			what, advice = "does not take connections", "give only ListenStream= in the socket unit"
		case !listens(l):
			what, advice = "is a connection already", "remove Accept=yes from the socket unit, and start the service itself instead of one for each connection"
		default:
			continue
		}
		closePassed(all)
		return nil, hint.Wrap(fmt.Errorf("socket %d of %d that systemd has passed %s (--web.systemd-socket)", i+1, len(all), what), advice)
	}
	return all, nil
}

// closePassed closes what can be used.
func closePassed(all []net.Listener) {
	for _, l := range all {
		if l != nil {
			_ = l.Close()
		}
	}
}
