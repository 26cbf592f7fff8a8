package web

import (
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"

	"withings-exporter/exporter/hint"
)

// CleanPrefix is a route prefix in the form in which it is put before a path: "" for the root, else with a slash
// before it and none behind it.
func CleanPrefix(raw string) (string, error) {
	if strings.ContainsAny(raw, "?#%\\ ") {
		return "", hint.Wrap(fmt.Errorf("--web.route-prefix %q has a query, spaces or escapes", raw), "give a path alone, such as /withings")
	}
	return strings.TrimSuffix(path.Clean("/"+raw), "/"), nil
}

// roots are the paths below which everything is answered: that of the route prefix alone if there is one, else the
// root and the path of the external URL, so that a proxy may strip that or keep it.
func (s *Server) roots() []string {
	switch {
	case s.opts.RoutePrefix != "":
		return []string{s.prefix}
	case s.externalPath() != "":
		return []string{"", s.externalPath()}
	}
	return []string{""}
}

// notifyRoots are the paths below which notifications are taken, the longest first: Withings is told the external URL, and
// of its path a proxy may make the route prefix, or nothing.
func (s *Server) notifyRoots() []string {
	a, b := s.externalPath(), s.prefix
	if len(a) < len(b) {
		a, b = b, a
	}
	return []string{a, b, ""}
}

// externalPath is the path of the external URL, "" for none.
func (s *Server) externalPath() string {
	if s.external == nil {
		return ""
	}
	return s.external.Path
}

// below is a request as if its path began after a root.
func below(root string, r *http.Request) *http.Request {
	if root == "" {
		return r
	}
	stripped, address := *r, *r.URL
	address.Path, address.RawPath = r.URL.Path[len(root):], ""
	stripped.URL = &address
	return &stripped
}

// entrance is where a request is sent that has left out the slash at the end of the way to the status page; "" for others. The root is
// not sent to the route prefix: a proxy that strips the prefix would ask for the root again, endlessly.
func (s *Server) entrance(asked string) string {
	switch {
	case s.prefix != "" && asked == s.prefix:
		return escaped(s.prefix) + "/"
	case s.opts.RoutePrefix == "" && s.externalPath() != "" && asked == s.externalPath():
		return s.external.EscapedPath() + "/"
	}
	return ""
}

// lost says what may be the reason why there is no page at a path.
func (s *Server) lost(path string) string {
	external := s.externalPath() + "/"
	switch {
	case s.prefix == "" && external == "/":
		return "If a proxy passes requests on with a path in front, set --web.route-prefix to that path."
	case s.prefix == "" && s.opts.RoutePrefix != "" && strings.HasPrefix(path+"/", external):
		return "Everything is at the root, by --web.route-prefix. If a proxy keeps " + external + ", remove --web.route-prefix."
	case s.prefix != "" && !s.inside(path):
		return "Everything is below " + s.prefix + "/, by --web.route-prefix. If a proxy strips that path, remove --web.route-prefix, or let the proxy keep the path."
	}
	return ""
}

// inside reports whether a path is below the route prefix.
func (s *Server) inside(path string) bool { return strings.HasPrefix(path, s.prefix+"/") }

// outward reports whether links from pages below the route prefix lead below the external URL.
func (s *Server) outward() bool {
	return s.external != nil && (s.external.Path != "" || s.prefix == "")
}

// homePath is the path of the status page for who has found none at the given path, as home leads there.
func (s *Server) homePath(at string) string {
	if s.outward() && s.inside(at) {
		return s.external.Path + "/"
	}
	return s.prefix + "/"
}

// home returns the link to the status page from the page at the given path, as a browser spells it:
// below the external URL when there is one, else relative, so that links also
// work behind a proxy nobody told us about. A page outside of the route prefix is one of a proxy that strips it, or of none.
func (s *Server) home(at string) string {
	prefix := escaped(s.prefix)
	rest, inside := strings.CutPrefix(at, prefix+"/")
	if s.outward() && inside {
		return s.external.EscapedPath() + "/"
	}
	if !inside {
		return strings.Repeat("../", max(strings.Count(at, "/")-1, 0)) + strings.TrimPrefix(prefix, "/") + "/"
	}
	if up := strings.Count(rest, "/"); up > 0 {
		return strings.Repeat("../", up)
	}
	return "./"
}

// escaped is a path as it is sent.
func escaped(path string) string { return (&url.URL{Path: path}).EscapedPath() }
