package web

import (
	"cmp"
	"encoding/json"
	"net"
	"net/http"
)

// targetGroup is one entry of Prometheus' HTTP service discovery, see
// https://prometheus.io/docs/prometheus/latest/http_sd/.
type targetGroup struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

// discovery names this exporter as the one target: under its external URL, else
// under the address the question came to, which its sender can evidently reach. Who
// asks through a socket in the file system without a name has none that Prometheus could.
func (s *Server) discovery(w http.ResponseWriter, r *http.Request) {
	scheme, host, path := "http", r.Host, s.prefix+s.opts.TelemetryPath
	switch {
	case s.external != nil:
		scheme, host, path = s.external.Scheme, s.external.Host, cmp.Or(s.external.Path, s.prefix)+s.opts.TelemetryPath
	case r.TLS != nil:
		scheme = "https"
	}
	local, known := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	groups := []targetGroup{}
	if socket := known && local.Network() == "unix"; s.external != nil || !socket || host != "" && host != "localhost" {
		if known && host == "" {
			host = local.String() // HTTP/1.0 may come without a Host
		}
		groups = append(groups, targetGroup{
			Targets: []string{withPort(host, scheme)},
			Labels:  map[string]string{"__scheme__": scheme, "__metrics_path__": path},
		})
	}
	answer, err := json.Marshal(groups)
	if err != nil {
		http.Error(w, "write targets: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(answer, '\n'))
}

// withPort adds the scheme's usual port to a host that has none; a target is
// always host:port, with brackets round an IPv6 address.
func withPort(host, scheme string) string {
	if name, port, err := net.SplitHostPort(host); err == nil {
		if port != "" {
			return host
		}
		host = name
	}
	port := map[string]string{"http": "80", "https": "443"}[scheme]
	if bare := len(host); bare > 1 && host[0] == '[' && host[bare-1] == ']' {
		host = host[1 : bare-1]
	}
	return net.JoinHostPort(host, port)
}
