package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"withings-exporter/exporter/hint"
)

// route is one path's handler and the methods it takes.
type route struct {
	methods []string
	handler http.Handler
}

var (
	reading = []string{http.MethodGet, http.MethodHead}
	acting  = []string{http.MethodPost}
	drawing = []string{http.MethodGet} // a question whether there is an ECG would cost as much
)

// routes lists every path the server answers, except those of ECGs. All are whole
// paths, hence a map and no pattern matching. It fails when the telemetry path is taken.
func (s *Server) routes() (map[string]route, error) {
	routes := map[string]route{
		"/-/healthy":   {reading, http.HandlerFunc(s.healthy)},
		"/-/ready":     {reading, http.HandlerFunc(s.ready)},
		"/sd":          {reading, http.HandlerFunc(s.discovery)},
		"/favicon.ico": {reading, http.HandlerFunc(favicon)},
		"/favicon.svg": {reading, http.HandlerFunc(favicon)},
	}
	if s.opts.Reload != nil {
		sameOrigin := http.NewCrossOriginProtection()
		routes["/-/reload"] = route{acting, sameOrigin.Handler(http.HandlerFunc(s.reload))}
	}
	telemetry := s.opts.TelemetryPath
	if _, taken := routes[telemetry]; taken || telemetry == "/-/reload" {
		return nil, hint.Wrap(fmt.Errorf("--web.telemetry-path %q is taken by another page", telemetry), "choose another path")
	}
	routes["/"] = route{reading, http.HandlerFunc(s.statusPage)}
	routes[telemetry] = route{reading, atOnce(s.opts.MaxScrapes, s.opts.Metrics)}
	return routes, nil
}

// found is the route of a path.
func (s *Server) found(routes map[string]route, path string) (route, bool) {
	if there, ok := routes[path]; ok {
		return there, true
	}
	return route{drawing, http.HandlerFunc(s.drawECG)}, s.draws(path)
}

// dispatch finds the route of a request; the rest gets 404, and a wrong method 405.
func (s *Server) dispatch(routes map[string]route) http.Handler {
	roots := s.roots()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, root := range roots {
			if path, inside := strings.CutPrefix(r.URL.Path, root); inside {
				if found, ok := s.found(routes, path); ok {
					found.answer(w, below(root, r))
					return
				}
			}
		}
		if s.opts.NotifyAddress == "" && s.notified(w, r) {
			return
		}
		if to := s.entrance(r.URL.Path); to != "" {
			if r.URL.RawQuery != "" {
				to += "?" + r.URL.RawQuery
			}
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		s.notFound(w, r)
	})
}

// answer answers a request with one of the route's methods.
func (is route) answer(w http.ResponseWriter, r *http.Request) {
	if !slices.Contains(is.methods, r.Method) {
		w.Header().Set("Allow", strings.Join(is.methods, ", "))
		http.Error(w, "method not allowed; use "+strings.Join(is.methods, " or "), http.StatusMethodNotAllowed)
		return
	}
	is.handler.ServeHTTP(w, r)
}
