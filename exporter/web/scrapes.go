package web

import (
	"fmt"
	"net/http"
)

// atOnce has a handler answer so many requests at the same time, and others 503; with 0 it is any number. A scrape costs
// little, but whoever reads slowly keeps what is written for it.
func atOnce(most int, next http.Handler) http.Handler {
	if most == 0 {
		return next
	}
	under := make(chan struct{}, most)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case under <- struct{}{}:
			defer func() { <-under }()
			next.ServeHTTP(w, r)
		default:
			plain(w, http.StatusServiceUnavailable, fmt.Sprintf("Too many requests for metrics at the same time: --web.max-requests is %d. Try again later.\n", most))
		}
	})
}
