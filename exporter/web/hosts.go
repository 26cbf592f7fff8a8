package web

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Any web page can give its own host name an address of this machine; the browser
// of whoever visits it then reads health data from a listener that is open to this
// machine only (DNS rebinding). The host name in the request shows it. Where a
// listener is open to other machines, those may use any name, and TLS and passwords
// are the protection. No browser reaches a Unix socket: what comes there may use any
// name, and opens nothing else.

// ownHosts answers requests that name a host of this machine, or that of the
// external URL, and turns others away, while all listeners that a browser reaches are on loopback.
func (s *Server) ownHosts(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.loopbackOnly && !overUnix(r) && !isLoopback(r.Host) && !s.isExternal(r.Host) {
			plain(w, http.StatusMisdirectedRequest, fmt.Sprintf("withings-exporter listens for this machine only and does not answer to the name %q.\n"+
				"Use localhost, or set --web.external-url to the address of the proxy in front of it.\n", tame(clipHost(r.Host))))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// overUnix reports whether a request came to a Unix socket.
func overUnix(r *http.Request) bool {
	_, unix := r.Context().Value(http.LocalAddrContextKey).(*net.UnixAddr)
	return unix
}

// allLoopback reports whether only this machine can reach any of the addresses, some of which may be Unix sockets.
func allLoopback(listeners []net.Listener) bool {
	for _, l := range listeners {
		switch at := l.Addr().(type) {
		case *net.UnixAddr:
		case *net.TCPAddr:
			if !at.IP.IsLoopback() {
				return false
			}
		default:
			return false
		}
	}
	return len(listeners) > 0
}

// isLoopback reports whether the host of a request, with or without a port, is a
// name or an address that means this machine wherever it is looked up.
func isLoopback(host string) bool {
	name := hostname(host)
	if name == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.Unmap().WithZone("").IsLoopback()
}

// isExternal reports whether the host of a request is that of the external URL.
func (s *Server) isExternal(host string) bool {
	return s.external != nil && hostname(host) != "" && hostname(host) == hostname(s.external.Host)
}

// hostname is a host without its port, in lower case and without the dot that a
// whole name may end in; "" when it is not valid.
func hostname(host string) string {
	if name, port, err := net.SplitHostPort(host); err == nil {
		if strings.Trim(port, "0123456789") != "" {
			return ""
		}
		host = name
	} else if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	} else if strings.Contains(host, ":") {
		return ""
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// clipHost keeps a message short.
func clipHost(host string) string { return host[:min(len(host), 100)] }
