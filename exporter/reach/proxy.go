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

// Transport returns a copy of net/http's default transport that reports what a
// proxy answered with a [ProxyError]; net/http has only the text of the status.
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
