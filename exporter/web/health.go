package web

import (
	"io"
	"net/http"
)

// plain writes a short text answer.
func plain(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = io.WriteString(w, text) // the reader may be gone; nobody else to tell
}

// healthy answers 200: whoever reads it reached a living process.
func (s *Server) healthy(w http.ResponseWriter, _ *http.Request) {
	plain(w, http.StatusOK, "withings-exporter is healthy.\n")
}

// ready answers 503 until the state is loaded. It does not ask about Withings,
// since known values are served through any outage there.
func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	if !s.opts.Ready() {
		plain(w, http.StatusServiceUnavailable, "withings-exporter is not ready: saved state is still being loaded.\n")
		return
	}
	plain(w, http.StatusOK, "withings-exporter is ready.\n")
}

// reload reads the configuration again and tells the caller how that went.
func (s *Server) reload(w http.ResponseWriter, r *http.Request) {
	note, err := s.opts.Reload(r.Context())
	if err != nil {
		plain(w, http.StatusInternalServerError, "configuration not reloaded: "+err.Error()+"\n")
		return
	}
	text := "configuration reloaded\n"
	if note != "" {
		text += note + "\n"
	}
	plain(w, http.StatusOK, text)
}
