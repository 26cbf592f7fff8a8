package web

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"withings-exporter/exporter/words"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string
	//go:embed favicon.svg
	faviconSVG []byte
)

// pages holds the page templates. Style sheet and script enter as they are, because the
// content policy names their hashes.
var pages = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"css": func() template.CSS { return template.CSS(pageCSS) },
		"js":  func() template.JS { return template.JS(pageJS) },
		// A command breaks between its words only, and is copied as it is.
		"words": func(command string) []string { return strings.Split(command, " ") },
		"prose": prose,
	}).Parse(pageHTML))
})

// part is a piece of a text: the name of a flag, which stays on one line, a command, or what is between them.
type part struct {
	Text       string
	Flag, Code bool
}

// special matches a command between backticks, and the name of a flag.
var special = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("`[^`]+`" + `|--[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*`)
})

// prose takes a text apart. A browser would break a line at the dashes of a flag, which then is none; and it shows a command as
// one, for which a text has backticks.
func prose(text string) (parts []part) {
	end := 0
	for _, at := range special().FindAllStringIndex(text, -1) {
		is := part{Text: text[at[0]:at[1]], Flag: true}
		if is.Text[0] == '`' {
			is = part{Text: strings.Trim(is.Text, "`"), Code: true}
		}
		parts = append(parts, part{Text: text[end:at[0]]}, is)
		end = at[1]
	}
	return append(parts, part{Text: text[end:]})
}

// statusPage shows every profile's condition, or one profile's when the query
// names it: as HTML to those who ask for it, else as plain text.
func (s *Server) statusPage(w http.ResponseWriter, r *http.Request) {
	status := s.opts.Status()
	v := s.newView(&status, escaped(s.prefix)+"/", wishOf(r.URL.Query()))
	w.Header().Set("Vary", "Accept")
	if !wantsHTML(r) {
		plain(w, http.StatusOK, v.text())
		return
	}
	s.render(w, http.StatusOK, "status", v)
}

// notFound leads back to the status page.
func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	// To the browser an escaped slash is part of a name, so it does not count as depth.
	v := &view{Title: "withings-exporter: page not found", Home: s.home(r.URL.EscapedPath()), Lost: s.lost(r.URL.Path)}
	v.Links = s.links(v.Home)
	w.Header().Set("Vary", "Accept")
	if !wantsHTML(r) {
		var text strings.Builder
		fmt.Fprintf(&text, "404 page not found; the status page is at %s\n", s.homePath(r.URL.Path))
		if v.Lost != "" {
			words.Paragraph(&text, "", v.Lost)
		}
		plain(w, http.StatusNotFound, text.String())
		return
	}
	s.render(w, http.StatusNotFound, "notfound", v)
}

// render writes a whole page or, if the template fails, none of it.
func (s *Server) render(w http.ResponseWriter, code int, name string, v *view) {
	var page bytes.Buffer
	if err := pages().ExecuteTemplate(&page, name, v); err != nil {
		s.log.Error("status page not rendered", "page", name, "err", err)
		http.Error(w, "the page could not be rendered; the log says why", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	_, _ = page.WriteTo(w) // the reader may be gone; nobody else to tell
}

// favicon sends the icon, for pages of ours and for browsers that just ask.
func favicon(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "max-age=86400")
	_, _ = w.Write(faviconSVG)
}

// wantsHTML reports whether the client named HTML as something it takes.
// Browsers do; curl and other tools say */* or nothing.
func wantsHTML(r *http.Request) bool {
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("Accept"), ","), ",") {
		kind, params, err := mime.ParseMediaType(part)
		if err != nil || kind != "text/html" && kind != "application/xhtml+xml" {
			continue
		}
		quality, err := strconv.ParseFloat(params["q"], 64)
		if err != nil || quality > 0 {
			return true
		}
	}
	return false
}
