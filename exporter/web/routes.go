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
		return nil, hint.Wrap(fmt.Errorf("telemetry path %q is taken by another page", telemetry), "choose another with --web.telemetry-path")
	}
	routes["/"] = route{reading, http.HandlerFunc(s.statusPage)}
	routes[telemetry] = route{reading, s.opts.Metrics}
	return routes, nil
}

// found is the route of a path.
func (s *Server) found(routes map[string]route, path string) (route, bool) {
	if there, ok := routes[path]; ok {
		return there, true
	}
	return route{drawing, http.HandlerFunc(s.drawECG)}, s.draws(path)
}

// dispatch finds the route of a request, as sent or without the external URL's
// path in front; the rest gets 404, and a wrong method 405.
func (s *Server) dispatch(routes map[string]route) http.Handler {
	var direct http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		found, ok := s.found(routes, r.URL.Path)
		switch {
		case !ok && s.notifies(r.URL.Path):
			s.opts.Notifications.ServeHTTP(w, r)
		case !ok:
			s.notFound(w, r)
		case !slices.Contains(found.methods, r.Method):
			w.Header().Set("Allow", strings.Join(found.methods, ", "))
			http.Error(w, "method not allowed; use "+strings.Join(found.methods, " or "), http.StatusMethodNotAllowed)
		default:
			found.handler.ServeHTTP(w, r)
		}
	})
	if s.external == nil || s.external.Path == "" {
		return direct
	}
	prefix := s.external.Path
	below := http.StripPrefix(prefix, direct)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, ours := s.found(routes, r.URL.Path)
		switch {
		case ours, s.notifies(r.URL.Path) && !strings.HasPrefix(r.URL.Path, prefix+notifyPath):
			direct.ServeHTTP(w, r)
		case r.URL.Path == prefix:
			http.Redirect(w, r, s.external.EscapedPath()+"/", http.StatusFound)
		case strings.HasPrefix(r.URL.Path, prefix+"/"):
			below.ServeHTTP(w, r)
		default:
			direct.ServeHTTP(w, r)
		}
	})
}

// home returns the link to the status page from the page at the given path:
// below the external URL when there is one, else relative, so that links also
// work behind a proxy nobody told us about.
func (s *Server) home(path string) string {
	if s.external != nil {
		return s.external.EscapedPath() + "/"
	}
	if up := strings.Count(path, "/") - 1; up > 0 {
		return strings.Repeat("../", up)
	}
	return "./"
}
