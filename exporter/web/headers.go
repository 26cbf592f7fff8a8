package web

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

// policyHeader says what a page may load.
const policyHeader = "Content-Security-Policy"

// withHeaders gives every answer the headers that keep browsers from guessing,
// telling and framing. Headers already set come from the web configuration file
// and are the operator's decision.
func withHeaders(next http.Handler) http.Handler {
	defaults := map[string]string{
		policyHeader:             contentPolicy(pageCSS),
		"X-Content-Type-Options": "nosniff",
		"X-Frame-Options":        "deny",
		"Referrer-Policy":        "no-referrer",
		"Cache-Control":          "no-store",
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		for name, value := range defaults {
			if header.Get(name) == "" {
				header.Set(name, value)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// contentPolicy forbids everything but our own images and the one style sheet
// whose hash it names.
func contentPolicy(css string) string {
	hash := sha256.Sum256([]byte(css))
	return strings.Join([]string{
		"default-src 'none'",
		"style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'",
		"img-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	}, "; ")
}
