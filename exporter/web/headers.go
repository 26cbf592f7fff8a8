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
		policyHeader:             contentPolicy(pageCSS, pageJS),
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

// contentPolicy forbids everything but our own images, answers of our own to a script, and the
// style sheet and the script whose hashes it names; an empty one is not allowed either.
func contentPolicy(css, script string) string {
	rules := []string{"default-src 'none'", "style-src " + hashed(css), "img-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"}
	if script != "" {
		rules = append(rules, "script-src "+hashed(script), "connect-src 'self'")
	}
	return strings.Join(rules, "; ")
}

// hashed is the source of a policy that allows one text alone.
func hashed(text string) string {
	hash := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'"
}
