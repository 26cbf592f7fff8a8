package reach

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// ProxyError is a proxy that refused to connect to a server.
type ProxyError struct{ Status int }

func (e *ProxyError) Error() string {
	return fmt.Sprintf("the proxy refuses to connect: HTTP status %d %s", e.Status, http.StatusText(e.Status))
}

// Transport is the default transport of net/http, fit to be changed, that says
// what a proxy answered where net/http gives the bare words of its status line.
func Transport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
		if answer.StatusCode != http.StatusOK {
			return &ProxyError{answer.StatusCode}
		}
		return nil
	}
	return t
}
