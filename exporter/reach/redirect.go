package reach

import "net/http"

// FirstAnswer is a CheckRedirect that follows no redirects: the new address would get
// the secrets of the request, and an answer from elsewhere acknowledges nothing.
func FirstAnswer(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
