package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// An ECG is below ecgPath, by the number of its signal: /ecg/123.svg?profile=Anna.
const (
	ecgPath   = "/ecg/"
	ecgEnding = ".svg"
)

// ecgTime is how long a person waits for a drawing. Everything else served here comes
// from memory.
const ecgTime = 25 * time.Second

// Problem is why a page is not shown, for the person who opened it.
type Problem struct {
	Status int    // HTTP status
	Text   string // sentences and commands; no secrets
}

// Error is the text.
func (p *Problem) Error() string { return p.Text }

// ECGPage is the path of an ECG, from the status page on.
func ECGPage(profile string, signal int64) string {
	return fmt.Sprintf("%s%d%s?profile=%s", strings.TrimPrefix(ecgPath, "/"), signal, ecgEnding, url.QueryEscape(profile))
}

// signalOf is the number of the signal in a path, if it is the path of an ECG.
func signalOf(path string) (signal int64, ok bool) {
	digits, ok := strings.CutPrefix(path, ecgPath)
	if ok {
		digits, ok = strings.CutSuffix(digits, ecgEnding)
	}
	if !ok || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	signal, err := strconv.ParseInt(digits, 10, 64)
	return signal, err == nil && signal > 0
}

// draws reports whether a path is that of an ECG.
func (s *Server) draws(path string) bool {
	_, ok := signalOf(path)
	return ok && s.opts.ECG != nil
}

// drawECG answers with a drawing. It may cost a request to Withings, so it is for
// people who open it, and not for pages elsewhere that embed it.
func (s *Server) drawECG(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Vary", "Sec-Fetch-Site, Sec-Fetch-Mode, Sec-Fetch-Dest, Sec-Fetch-User")
	if !byPerson(r) {
		plain(w, http.StatusForbidden, "An ECG is drawn for people who open its address, not for other pages.\n")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), ecgTime)
	defer cancel()
	signal, _ := signalOf(r.URL.Path)
	svg, err := s.opts.ECG(ctx, r.URL.Query().Get("profile"), signal)
	if problem, ok := errors.AsType[*Problem](err); ok {
		plain(w, problem.Status, strings.TrimSuffix(problem.Text, "\n")+"\n")
		return
	}
	if err != nil {
		s.log.Error("ECG not drawn", "signal", signal, "err", err)
		http.Error(w, "the ECG could not be drawn; the log says why", http.StatusInternalServerError)
		return
	}
	if header := w.Header(); header.Get(policyHeader) == contentPolicy(pageCSS, pageJS) { // not one of the operator's
		header.Set(policyHeader, contentPolicy(styleOf(string(svg)), ""))
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`inline; filename="ecg-%d.svg"`, signal))
	_, _ = w.Write(svg) // the reader may be gone; nobody else to tell
}

// styleOf is the style sheet of a drawing, which has the size of the paper for a
// browser that prints it; "" if it has none.
func styleOf(svg string) string {
	_, rest, _ := strings.Cut(svg, "<style>")
	css, _, _ := strings.Cut(rest, "</style>")
	return css
}

// byPerson reports whether a request comes from one of our own pages, of a person who typed the
// address or followed a link, or of a program. Browsers say so, at least to localhost
// and over TLS; a page elsewhere cannot make them say otherwise.
func byPerson(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return true
	}
	return r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document" && r.Header.Get("Sec-Fetch-User") == "?1"
}
