package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/testserver"
	"withings-exporter/exporter/withings"
)

// gate is an Account of a Withings that asks an address with HEAD, as the real one does.
type gate struct {
	client *http.Client
	list   []withings.Subscription
	calls  []string
	refuse map[int]error // categories
	keeps  error         // why none ends
}

func (g *gate) Subscriptions(context.Context) ([]withings.Subscription, error) { return g.list, nil }

func (g *gate) Subscribe(_ context.Context, callback string, category int) error {
	g.calls = append(g.calls, fmt.Sprint("subscribe ", category))
	if err := g.refuse[category]; err != nil {
		return err
	}
	answer, err := g.client.Head(callback)
	if err == nil {
		_ = answer.Body.Close()
	}
	if err != nil || answer.StatusCode/100 != 2 || answer.StatusCode == http.StatusNoContent {
		return fmt.Errorf("subscribe: status 293: %w", withings.ErrCallback)
	}
	g.list = append(g.list, withings.Subscription{Category: category, Callback: callback})
	return nil
}

func (g *gate) Unsubscribe(_ context.Context, callback string, category int) error {
	g.calls = append(g.calls, fmt.Sprint("revoke ", category))
	g.list = slices.DeleteFunc(g.list, func(s withings.Subscription) bool {
		return s.Callback == callback && s.Category == category && g.keeps == nil
	})
	return g.keeps
}

// road is a trial, the proxy in front of it, and two ways to the proxy: Withings' and ours.
type road struct {
	*Trial
	gate *gate

	mu    sync.Mutex // guards proxy
	proxy http.HandlerFunc
}

// newRoad makes one whose proxy passes everything on.
func newRoad(t *testing.T) *road {
	t.Helper()
	r := &road{Trial: &Trial{
		External: "https://home.example", Secret: annasSecret, Wanted: []int{1, 44, 62}, Behind: "localhost:10055",
		Pause: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}}
	r.proxy = r.ServeHTTP
	certificate, key := testserver.Certificate(t, "home.example")
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		proxy := r.proxy
		r.mu.Unlock()
		proxy(w, q)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	trusted := x509.NewCertPool()
	pem, err := os.ReadFile(certificate)
	if err != nil || !trusted.AppendCertsFromPEM(pem) {
		t.Fatal(err)
	}
	r.gate = &gate{client: way(server.Listener.Addr().String(), trusted)}
	r.Account, r.Client = r.gate, way(server.Listener.Addr().String(), trusted)
	return r
}

// way is a client to whom every name leads to one address.
func way(address string, trusted *x509.CertPool) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, address)
			},
			TLSClientConfig: &tls.Config{RootCAs: trusted}, DisableKeepAlives: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// status is a proxy that answers everything itself.
func status(code int) func(*road) http.HandlerFunc {
	return func(*road) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://login.example/s3cr3t?x=s3cr3t")
			w.WriteHeader(code)
		}
	}
}

// unless passes everything on but requests of a method.
func unless(method string, code int) func(*road) http.HandlerFunc {
	return func(r *road) http.HandlerFunc {
		return func(w http.ResponseWriter, q *http.Request) {
			if q.Method == method {
				w.WriteHeader(code)
				return
			}
			r.ServeHTTP(w, q)
		}
	}
}

// moved passes everything on under another path.
func moved(from, to string) func(*road) http.HandlerFunc {
	return func(r *road) http.HandlerFunc {
		return func(w http.ResponseWriter, q *http.Request) {
			q.URL.Path = strings.Replace(q.URL.Path, from, to, 1)
			r.ServeHTTP(w, q)
		}
	}
}

// cut is a way on which nothing arrives.
func cut(err error) *http.Client { return &http.Client{Transport: broken{err}} }

type broken struct{ err error }

func (b broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, b.err }

func TestATrialSaysWhatIsInTheWay(t *testing.T) {
	for name, c := range map[string]struct {
		proxy func(*road) http.HandlerFunc // nil passes everything on
		alter func(*road)
		says  string // the error; "" if all is well
		todo  string // its advice
		links string // why it is an address for links; "" if it is not
		stays bool   // the subscription
	}{
		"nothing":                 {},
		"a page for everybody":    {proxy: status(http.StatusOK), says: "answers HEAD with 200 whatever the path is", todo: "pass /notify/ on to localhost:10055"},
		"a page for all but POST": {proxy: unless(http.MethodHead, http.StatusOK), says: "answers HEAD with 200 whatever the path is", todo: "/notify/"},
		"a redirect":              {proxy: status(http.StatusFound), says: "HTTP status 302, a redirect to https://login.example", todo: "without a redirect or a sign-in page", links: "redirects to https://login.example"},
		"a moved page":            {proxy: status(http.StatusPermanentRedirect), says: "HTTP status 308, a redirect", todo: "Withings does not follow it"},
		"a password":              {proxy: status(http.StatusUnauthorized), says: "HTTP status 401, which asks for a password", todo: "--notify.listen-address", links: "asks for a password"},
		"a password of serve": {alter: func(r *road) { r.Password, r.gate.client = true, cut(errors.New("x")) },
			says: "status 293", todo: "--notify.listen-address", links: "asks for a password"},
		"a bot filter":         {proxy: status(http.StatusForbidden), says: "HTTP status 403, as a bot filter", todo: "ipblock-notify.withings.net"},
		"too many requests":    {proxy: status(http.StatusTooManyRequests), says: "HTTP status 429", todo: "ipblock-notify.withings.net"},
		"a path that is cut":   {proxy: moved("/notify/", "/"), says: "HTTP status 404, so the path does not arrive as it is", todo: "without changing the path"},
		"a path that grows":    {proxy: moved("/notify/", "/hook/notify/"), says: "HTTP status 404", todo: "pass /notify/ on to localhost:10055"},
		"HEAD is not allowed":  {proxy: unless(http.MethodHead, http.StatusMethodNotAllowed), says: "HTTP status 405, so HEAD requests do not pass", todo: "HEAD and POST"},
		"HEAD is not known":    {proxy: unless(http.MethodHead, http.StatusNotImplemented), says: "HTTP status 501, so HEAD requests do not pass", todo: "HEAD and POST"},
		"HEAD is swallowed":    {proxy: unless(http.MethodHead, http.StatusNoContent), says: "HTTP status 204, which Withings does not accept", todo: "instead of answering them itself"},
		"another name":         {proxy: status(http.StatusMisdirectedRequest), says: "HTTP status 421, since it is asked under another name", todo: "keep the Host header"},
		"nothing behind":       {proxy: status(http.StatusBadGateway), says: "HTTP status 502: the proxy does not reach the exporter", todo: "lead to localhost:10055"},
		"nothing behind a CDN": {proxy: status(522), says: "HTTP status 522: the proxy does not reach the exporter", todo: "lead to localhost:10055"},
		"a slow exporter":      {proxy: status(http.StatusGatewayTimeout), says: "HTTP status 504: the proxy does not reach the exporter", todo: "lead to localhost:10055"},
		"an odd status":        {proxy: status(http.StatusTeapot), says: "HTTP status 418", todo: "what else answers"},
		"POST is not allowed":  {proxy: unless(http.MethodPost, http.StatusForbidden), says: "HEAD passes, but POST to https://home.example/notify/… does not: HTTP status 403", todo: "POST"},
		"the answer is lost on its way to Withings": {alter: func(r *road) {
			r.gate.client.Transport = lossy{r.gate.client.Transport}
		}, says: "HEAD request of Withings arrived here, but the answer did not get back", todo: "log of the proxy"},
		"a firewall": {alter: func(r *road) { r.gate.client = cut(errors.New("no route")) },
			says: "requests from here arrive, but Withings' HEAD request does not", todo: "ipblock-notify.withings.net"},
		"a firewall, with serve running": {alter: func(r *road) { r.gate.client, r.Served = cut(errors.New("no route")), true },
			says: "requests from here arrive, but Withings' HEAD request does not", todo: "ipblock-notify.withings.net"},
		"a router that leads nothing back": {alter: func(r *road) { r.Client = cut(context.DeadlineExceeded) }},
		"the same, and others answer Withings": {proxy: status(http.StatusOK), alter: func(r *road) { r.Client = cut(context.DeadlineExceeded) },
			says: "somebody else answers Withings", todo: "pass /notify/ on"},
		"a closed port": {alter: func(r *road) { r.gate.client = cut(errors.New("x")); r.Client = way("127.0.0.1:1", nil) },
			says: "cannot reach it from here: connection refused", todo: "forward port 443 of the router"},
		"silence": {alter: func(r *road) { r.gate.client = cut(errors.New("x")); r.Client = cut(context.DeadlineExceeded) },
			says: "no answer in time", todo: "forward port 443 of the router"},
		"a name that leads nowhere": {alter: func(r *road) {
			r.gate.client = cut(errors.New("x"))
			r.Client = cut(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "home.example", IsNotFound: true}})
		}, says: "from here: ", todo: "--web.external-url"},
		"an expired certificate": {alter: func(r *road) {
			late := func() time.Time { return time.Now().AddDate(20, 0, 0) }
			transport(r.gate.client).TLSClientConfig.Time, transport(r.Client).TLSClientConfig.Time = late, late
		}, says: "its certificate has expired", todo: "renew the certificate"},
		"a certificate for another name": {alter: func(r *road) { r.External = "https://house.example" },
			says: "its certificate is for another name", todo: "use a name from the certificate in --web.external-url"},
		"a certificate that nobody trusts": {alter: func(r *road) {
			transport(r.gate.client).TLSClientConfig.RootCAs, transport(r.Client).TLSClientConfig.RootCAs = nil, nil
		}, says: "signed by an authority that this machine does not trust", todo: "whole chain"},
		"no TLS": {alter: func(r *road) {
			plain := httptest.NewServer(r.Trial)
			t.Cleanup(plain.Close)
			r.gate.client, r.Client = way(plain.Listener.Addr().String(), nil), way(plain.Listener.Addr().String(), nil)
		}, says: "it does not speak TLS at this port", todo: "set up a certificate"},
		"http": {alter: func(r *road) { r.External, r.gate.client = "http://home.example", cut(errors.New("x")) },
			says: "status 293", todo: "does not begin with https://", links: "does not begin"},
		"a port": {alter: func(r *road) { r.External, r.gate.client = "https://home.example:8443", cut(errors.New("x")) },
			says: "status 293", todo: "has port 8443 instead of 443", links: "has port"},
		"an IP address": {alter: func(r *road) { r.External, r.gate.client = "https://203.0.113.7", cut(errors.New("x")) },
			says: "status 293", todo: "a number instead of a name", links: "has a number"},
		"a long address": {alter: func(r *road) {
			r.External, r.gate.client = "https://home.example/"+strings.Repeat("x", 200), cut(errors.New("x"))
		},
			says: "status 293", todo: "too long", links: "is too long"},
		"a private network": {alter: func(r *road) { r.External, r.gate.client = "https://nas.lan", cut(errors.New("x")) },
			says: "status 293", todo: "has a name that only a private network knows", links: "is an address of a private network"},
		"nothing is allowed":      {alter: func(r *road) { r.Wanted = []int{62} }, says: "nothing that the person has allowed"},
		"no category is taken":    {alter: func(r *road) { r.gate.refuse = map[int]error{1: withings.ErrCategory, 44: withings.ErrCategory} }, says: "category refused"},
		"a category is not taken": {alter: func(r *road) { r.gate.refuse = map[int]error{1: withings.ErrCategory} }},
		"another error":           {alter: func(r *road) { r.gate.refuse = map[int]error{1: errors.New("status 2556")} }, says: "about weight and body composition: status 2556"},
		"another error, with serve running": {alter: func(r *road) { r.gate.refuse, r.Served = map[int]error{1: errors.New("status 2556")}, true },
			says: "about weight and body composition: status 2556", todo: "run check again in a minute"},
		"it does not end":         {alter: func(r *road) { r.gate.keeps = errors.New("status 294") }, says: "end the subscription of this check: status 294", stays: true},
		"a wrong path is a page":  {proxy: wrongIsAPage},
		"a path in front is kept": {proxy: moved("/x/notify/", "/notify/"), alter: func(r *road) { r.External = "https://home.example/x/" }},
		"another process has it": {proxy: twin, alter: func(r *road) {
			r.Trial = &Trial{Account: r.Account, External: r.External, Secret: r.Secret, Wanted: r.Wanted, Behind: r.Behind, Pause: r.Pause, Client: r.Client}
		}},
		"serve is running":          {alter: func(r *road) { r.Served = true }, stays: true},
		"serve, and a page instead": {proxy: status(http.StatusOK), alter: func(r *road) { r.Served = true }, says: "whatever the path is", todo: "/notify/", stays: true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoad(t)
			if c.proxy != nil {
				r.proxy = c.proxy(r)
			}
			if c.alter != nil {
				c.alter(r)
			}
			err := r.Run(t.Context())
			if (err == nil) != (c.says == "") || err != nil && (!strings.Contains(hint.Text(err), c.says) || !strings.Contains(hint.Of(err), c.todo)) {
				t.Errorf("it says\n%v\nwant %q and the advice %q", err, c.says, c.todo)
			}
			if text := fmt.Sprint(err); strings.Contains(text, string(annasSecret)) || strings.Contains(text, "s3cr3t") || strings.Contains(text, "\n") {
				t.Errorf("a secret or a line break is told:\n%s", text)
			}
			var links *LinksOnly
			if errors.As(err, &links) != (c.links != "") || links != nil && !strings.HasPrefix(links.Why, c.links) {
				t.Errorf("%v is about an address for links: %+v, want %q", err, links, c.links)
			}
			var left *Leftover
			if is := name == "it does not end"; errors.As(err, &left) != is {
				t.Errorf("%v is about a subscription that is left: %t", err, !is)
			}
			if (len(r.gate.list) > 0) != c.stays {
				t.Errorf("left are %v after %q, want some: %t", r.gate.list, r.gate.calls, c.stays)
			}
		})
	}
}

func transport(c *http.Client) *http.Transport { return c.Transport.(*http.Transport) }

// lossy passes requests on and loses the answers.
type lossy struct{ http.RoundTripper }

func (l lossy) RoundTrip(q *http.Request) (*http.Response, error) {
	answer, err := l.RoundTripper.RoundTrip(q)
	if err == nil {
		_ = answer.Body.Close()
	}
	return nil, errors.New("lost")
}

// wrongIsAPage is a proxy with a page of its own instead of 404.
func wrongIsAPage(r *road) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		answer := httptest.NewRecorder()
		if r.ServeHTTP(answer, q); answer.Code != http.StatusNotFound {
			w.WriteHeader(answer.Code)
		}
	}
}

// twin is an exporter in another container that has the same secret.
func twin(r *road) http.HandlerFunc { return (&Trial{Secret: r.Secret}).ServeHTTP }

func TestATrialLeavesSubscriptionsAsTheyWere(t *testing.T) {
	address := Address("https://home.example", annasSecret)
	for name, c := range map[string]struct {
		known  []int
		served bool
		calls  string
		left   []int
	}{
		"none before":              {nil, false, "subscribe 1, revoke 1", nil},
		"one before":               {[]int{1}, false, "subscribe 44, revoke 44", []int{1}},
		"all before":               {[]int{44, 1}, false, "subscribe 1", []int{1, 1, 44}},
		"none before, with serve":  {nil, true, "subscribe 1", []int{1}},
		"another category before":  {[]int{58}, false, "subscribe 1, revoke 1", []int{58}},
		"all before, with a serve": {[]int{1, 44}, true, "subscribe 1", []int{1, 1, 44}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoad(t)
			for _, category := range c.known {
				r.gate.list = append(r.gate.list, withings.Subscription{Category: category, Callback: address})
			}
			r.Known, r.Served = slices.Clone(r.gate.list), c.served
			err := r.Run(t.Context())
			left := listed(r.gate.list, address)
			slices.Sort(left)
			if got := strings.Join(r.gate.calls, ", "); err != nil || got != c.calls || !slices.Equal(left, c.left) {
				t.Errorf("%v, %s leaves %v, want %s and %v", err, got, left, c.calls, c.left)
			}
		})
	}
}

func TestATrialThatIsInterruptedEndsItsSubscription(t *testing.T) {
	r := newRoad(t)
	ctx, cancel := context.WithCancel(t.Context())
	r.Client = &http.Client{Transport: interrupt{cancel}}
	if err := r.Run(ctx); !errors.Is(err, context.Canceled) || len(r.gate.list) > 0 || len(r.gate.calls) != 2 {
		t.Errorf("%v, left are %v after %q", err, r.gate.list, r.gate.calls)
	}
}

// interrupt ends a context during a request.
type interrupt struct{ cancel func() }

func (i interrupt) RoundTrip(*http.Request) (*http.Response, error) {
	i.cancel()
	return nil, context.Canceled
}

func TestATrialAnswersOnlyWhoKnowsTheSecret(t *testing.T) {
	r := newRoad(t)
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{http.MethodHead, Path(annasSecret), "", http.StatusOK},
		{http.MethodPost, Path(annasSecret), "", http.StatusOK},
		{http.MethodPost, Path(annasSecret), "userid=1&appli=50&date=1", http.StatusServiceUnavailable}, // Withings sends it again, to serve
		{http.MethodGet, Path(annasSecret), "", http.StatusMethodNotAllowed},
		{http.MethodHead, Path(bensSecret), "", http.StatusNotFound},
		{http.MethodHead, Path(annasSecret) + "/", "", http.StatusNotFound},
		{http.MethodHead, Prefix, "", http.StatusNotFound},
		{http.MethodHead, "/", "", http.StatusNotFound},
		{http.MethodPost, "/metrics", "", http.StatusNotFound},
	} {
		answer := httptest.NewRecorder()
		q := httptest.NewRequestWithContext(t.Context(), c.method, c.path, strings.NewReader(c.body))
		if r.ServeHTTP(answer, q); answer.Code != c.want || answer.Body.Len() > 0 {
			t.Errorf("%s %s: %d %q, want %d", c.method, c.path, answer.Code, answer.Body, c.want)
		}
	}
}

func TestAProvisionalSecretIsNotKept(t *testing.T) {
	h := newHouse(t)
	first, second := h.File.Provisional(), h.File.Provisional()
	if first == second || !first.valid() || h.File.Peek() != "" {
		t.Error("it is the same twice, or it is kept")
	}
	kept, _, err := h.File.Secret(t.Context(), "")
	if err != nil || h.File.Provisional() != kept {
		t.Errorf("%v, the one that is kept is not used", err)
	}
}
