package auth

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"withings-exporter/exporter/hint"
)

var (
	//go:embed callback.html
	callbackHTML string
	//go:embed callback.css
	callbackCSS string
)

// callbackPages holds the one template. The style sheet enters as it is,
// because the content policy names its hash.
var callbackPages = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("callback").Funcs(template.FuncMap{
		"css":   func() template.CSS { return template.CSS(callbackCSS) },
		"upper": upper,
		// A command breaks between its words only, and is copied as it is.
		"words": func(command string) []string { return strings.Split(command, " ") },
	}).Parse(callbackHTML))
})

// callbackPolicy lets a page do nothing but look the way it should.
var callbackPolicy = func() string {
	hash := sha256.Sum256([]byte(callbackCSS))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) +
		"'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

// page is what a person sees in the browser.
type page struct {
	Status int    // of HTTP
	Kind   string // good, bad or wait: the colour
	Mark   string // one character that says the same
	Title  string
	Lead   string
	Detail string // may be empty
	Ways   []Way  // on, may be none
	Bye    string
}

// Way is a command that a person may run next.
type Way struct {
	To      string // what for, such as "to sign in again, run:"; empty if what stands before says that
	Command string
}

// parting is an error after which a person has a choice.
type parting interface {
	error
	Ways() []Way
}

const closeWindow = "You can close this window."

// outcomePage shows the outcome of the sign-in.
func (l *Login) outcomePage(t Token, err error) page {
	switch {
	case err == nil:
		return l.donePage(t)
	case errors.Is(err, ErrRefused):
		return page{
			Status: http.StatusForbidden, Kind: "bad", Mark: "–",
			Title: "Access was not allowed",
			Lead:  fmt.Sprintf("Nothing was stored or changed for the profile “%s”. If that was a mistake, sign in again and press Allow:", l.profile),
			Ways:  []Way{{Command: l.Again}}, Bye: closeWindow,
		}
	}
	text, ways := err.Error(), []Way{{"to sign in again, run:", l.Again}}
	if choice, ok := errors.AsType[parting](err); ok {
		text, ways = hint.Text(err), choice.Ways() // which are what its advice says
	}
	return page{
		Status: http.StatusInternalServerError, Kind: "bad", Mark: "!",
		Title:  "Sign-in failed",
		Lead:   fmt.Sprintf("The profile “%s” was not authorised:", l.profile),
		Detail: sentences(text),
		Ways:   ways, Bye: closeWindow,
	}
}

func (l *Login) donePage(t Token) page {
	p := page{
		Status: http.StatusOK, Kind: "good", Mark: "✓",
		Title: "Authorised",
		Lead:  fmt.Sprintf("The profile “%s” is authorised", l.profile),
		Bye:   closeWindow,
	}
	if t.UserID != "" {
		p.Lead += ", as Withings user " + t.UserID
	}
	p.Lead += ". The terminal shows what was found, and what to do next."
	return p
}

// strayPage answers a state that is not ours.
func (l *Login) strayPage() page {
	return page{
		Status: http.StatusBadRequest, Kind: "bad", Mark: "!",
		Title: "This belongs to another sign-in",
		Lead: "This may be an old tab, or an address that was opened twice. Nothing was stored or changed. " +
			"Open the address that the terminal shows now; the sign-in is still waiting.",
		Bye: closeWindow,
	}
}

// idlePage answers somebody who opens the address by hand.
func (l *Login) idlePage() page {
	return page{
		Status: http.StatusOK, Kind: "wait", Mark: "…",
		Title: "Waiting for Withings",
		Lead:  fmt.Sprintf("Withings sends the browser here after the sign-in of the profile “%s”. To begin, open the address that the terminal shows.", l.profile),
	}
}

// elsewherePage answers every other path.
func (l *Login) elsewherePage() page {
	return page{
		Status: http.StatusNotFound, Kind: "wait", Mark: "?",
		Title: "Page not found",
		Lead:  "The answer from Withings is expected at another path. A proxy that forwards to this address must keep the path of --redirect-url.",
	}
}

// endedPage answers requests after the waiting has ended.
func (l *Login) endedPage() page {
	return page{
		Status: http.StatusGone, Kind: "bad", Mark: "!",
		Title: "Too late",
		Lead:  fmt.Sprintf("The sign-in of the profile “%s” has ended. Nothing was stored or changed. To start over:", l.profile),
		Ways:  []Way{{Command: l.Again}}, Bye: closeWindow,
	}
}

// sentences makes an error text some, one of each part between semicolons.
func sentences(text string) string {
	var all []string
	for part := range strings.SplitSeq(text, "; ") {
		all = append(all, upper(part)+".")
	}
	return strings.Join(all, " ")
}

// upper is a text with a capital at its beginning.
func upper(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// write sends the page, or if the template fails, none of it.
func (p page) write(w http.ResponseWriter) {
	var body bytes.Buffer
	if err := callbackPages().Execute(&body, p); err != nil {
		http.Error(w, "cannot show this page; the terminal shows the result of the sign-in", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", callbackPolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer") // the address of the page has the code in it
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_, _ = body.WriteTo(w) // the browser may have left; the terminal tells the same
}
