package notify

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/reach"
	"withings-exporter/exporter/redact"
	"withings-exporter/exporter/withings"
)

// knockTime is the limit for the answer to a request of our own; Withings waits as long.
const knockTime = 5 * time.Second

// ranges is where Withings says from where its notifications come.
const ranges = "the DNS TXT record ipblock-notify.withings.net"

// refused is why Withings accepts no subscription.
func (t *Trial) refused(ctx context.Context, err error, arrived bool) error {
	if !errors.Is(err, withings.ErrCallback) {
		return err
	}
	if why := Unfit(t.External, t.Password); why != "" {
		err = fmt.Errorf("%s is not accepted by Withings (status 293)%w", t.shown(), silent{err})
		return &LinksOnly{Why: why, error: hint.Wrap(err, Advice(t.External, t.Password, arrived))}
	}
	why := t.look(ctx)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case why.err != nil:
	case arrived:
		why.err = hint.Wrap(errors.New("the HEAD request of Withings arrived here, but the answer did not get back in time or not as it was"),
			"look at the log of the proxy: Withings wants status 200 within seconds")
	default:
		advice := "let the firewall and the proxy pass HEAD and POST requests from Withings, whose addresses are in " + ranges
		if why.to.IsValid() {
			advice += fmt.Sprintf("; from here the name leads to the private address %s: check where it leads from the Internet", why.to)
		}
		why.err = hint.Wrap(errors.New("requests from here arrive, but Withings' HEAD request does not"), advice)
	}
	return fmt.Errorf("%s is not accepted by Withings (status 293): %w", t.shown(), why.err)
}

// passes is what is in the way of notifications although Withings has accepted the address: it asks with HEAD alone, and anybody
// may have answered.
func (t *Trial) passes(ctx context.Context, arrived bool) error {
	seen := t.look(ctx)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case seen.stranger:
		return seen.err
	case !seen.reached && !t.Served && !arrived:
		return hint.Wrap(fmt.Errorf("somebody else answers Withings at %s: its HEAD request did not arrive here", t.shown()), t.lead())
	case !seen.reached: // as where a router does not lead back what comes from inside
		return nil
	}
	status, err := knock(ctx, t.Client, http.MethodPost, t.address())
	if err == nil && status.code == http.StatusOK {
		return nil
	}
	return hint.Wrap(fmt.Errorf("HEAD passes, but POST to %s does not: %s", t.shown(), status.words(err, string(t.Secret))), "let the proxy pass POST requests below "+Prefix)
}

// sight is what a request of our own has met.
type sight struct {
	reached  bool  // it got the answer that only the exporter gives
	stranger bool  // somebody else answers
	err      error // why it was not reached, with what to do
	to       netip.Addr
}

// look asks the address as Withings does. Only the exporter answers 200 for the right secret and 404 for a wrong one, so nobody else
// can be taken for it, and unknown people learn nothing.
func (t *Trial) look(ctx context.Context) sight {
	right, err := knock(ctx, t.Client, http.MethodHead, t.address())
	seen := sight{to: right.to}
	switch {
	case err != nil:
		seen.err = t.unreached(err)
		return seen
	case right.code != http.StatusOK:
		seen.err = t.odd(right)
		return seen
	}
	wrong, err := knock(ctx, t.Client, http.MethodHead, Address(t.External, newSecret()))
	if err == nil && wrong.code >= 200 && wrong.code < 300 && !t.arrived.Load() {
		seen.stranger = true
		seen.err = hint.Wrap(fmt.Errorf("%s answers HEAD with 200 whatever the path is, so something else than the exporter answers", Address(t.External, "…")), t.lead())
		return seen
	}
	seen.reached = true
	return seen
}

// reply is an answer to a request of our own.
type reply struct {
	code     int
	location string // where a redirect leads
	to       netip.Addr
}

// closed is why the answer is one for people who sign in, as words that go on after "--web.external-url"; "" if it is another.
func (r reply) closed() string {
	switch r.code {
	case http.StatusUnauthorized, http.StatusProxyAuthRequired:
		return asksPassword
	case http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect:
		if to := leads(r.location); to != "" {
			return "redirects" + to + ", as to a page for signing in"
		}
	}
	return ""
}

// words are what came back.
func (r reply) words(err error, secret string) string {
	if err != nil {
		what, _ := reach.Explain(err, secret)
		return what
	}
	return fmt.Sprintf("HTTP status %d", r.code)
}

// knock sends a request without a body to an address, and follows no redirect.
func knock(ctx context.Context, over *http.Client, method, address string) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, knockTime)
	defer cancel()
	var r reply
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { r.to = private(info.Conn.RemoteAddr()) }})
	q, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return r, err
	}
	client := http.Client{Transport: reach.Transport()}
	if over != nil {
		client = *over
	}
	defer client.CloseIdleConnections()
	client.CheckRedirect = reach.FirstAnswer
	got, err := client.Do(q)
	if err != nil {
		return r, err
	}
	defer got.Body.Close()
	r.code, r.location = got.StatusCode, got.Header.Get("Location")
	return r, nil
}

// Unanswered is why an address of a subscription does not take notifications, as far as can be seen from here; "" if it may.
func Unanswered(ctx context.Context, over *http.Client, callback string) string {
	r, err := knock(ctx, over, http.MethodHead, callback)
	if err == nil && r.code/100 == 2 {
		return ""
	}
	return r.words(err, callback[strings.LastIndexByte(callback, '/')+1:])
}

// private is an address of a private network; none for any other.
func private(a net.Addr) netip.Addr {
	at, err := netip.ParseAddrPort(a.String())
	if ip := at.Addr().Unmap(); err == nil && ip.IsPrivate() {
		return ip
	}
	return netip.Addr{}
}

// unreached is why nothing answers at the address.
func (t *Trial) unreached(err error) error {
	var slow net.Error
	var unknown x509.UnknownAuthorityError
	told := reach.Failed("it from here", "--web.external-url", err, string(t.Secret))
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), errors.As(err, &slow) && slow.Timeout():
		return hint.Wrap(errors.New(hint.Text(told)), "forward port "+port(t.External)+" of the router to the proxy, and open it in the firewall; "+
			"if that is done, try the address from outside: some routers do not lead back what comes from inside")
	case errors.Is(err, http.ErrSchemeMismatch):
		return hint.Wrap(errors.New(hint.Text(told)), "set up a certificate in the proxy; Withings wants one that everybody trusts")
	case errors.As(err, &unknown):
		return hint.Wrap(errors.New(hint.Text(told)), "use one that everybody trusts, as of Let's Encrypt, and have the proxy send its whole chain (fullchain.pem)")
	}
	return told
}

// port is that of an address.
func port(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "443"
	}
	return cmp.Or(u.Port(), map[string]string{"http": "80"}[u.Scheme], "443")
}

// odd is why an answer is not 200.
func (t *Trial) odd(r reply) error {
	advice := "see what else answers below " + Prefix
	meaning := ""
	switch r.code {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		meaning, advice = ", a redirect"+leads(r.location), "let the proxy pass "+Prefix+" on without a redirect or a sign-in page; Withings does not follow it"
	case http.StatusUnauthorized, http.StatusProxyAuthRequired:
		meaning, advice = ", which asks for a password", "let "+Prefix+" pass without one; if it is that of --web.config.file, use --notify.listen-address"
	case http.StatusForbidden, http.StatusTooManyRequests:
		meaning, advice = ", as a bot filter or a list of allowed addresses does", "except "+Prefix+" from it; Withings' addresses are in "+ranges
	case http.StatusNotFound, http.StatusGone:
		meaning, advice = ", so the path does not arrive as it is", "let the proxy pass "+Prefix+" on to "+t.Behind+" without changing the path"
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		meaning, advice = ", so HEAD requests do not pass", "let the proxy pass HEAD and POST requests below "+Prefix+" on to "+t.Behind
	case http.StatusNoContent:
		meaning, advice = ", which Withings does not accept", "let the proxy pass HEAD requests on to "+t.Behind+" instead of answering them itself"
	case http.StatusMisdirectedRequest:
		meaning, advice = ", since it is asked under another name", "let the proxy keep the Host header, or use --notify.listen-address"
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, 520, 521, 522, 523, 530:
		meaning, advice = ": the proxy does not reach the exporter", "let the proxy lead to "+t.Behind+", as reached from where it runs"
	}
	err := hint.Wrap(fmt.Errorf("HEAD is answered with HTTP status %d%s", r.code, meaning), advice)
	if why := r.closed(); why != "" {
		return &LinksOnly{Why: why, error: err}
	}
	return err
}

// leads says to which host a redirect leads.
func leads(location string) string {
	u, err := url.Parse(location)
	if err != nil || u.Host == "" {
		return ""
	}
	return " to " + redact.Text(u.Scheme+"://"+u.Host)
}

// lead is advice where to lead the proxy.
func (t *Trial) lead() string {
	return "let the proxy pass " + Prefix + " on to " + t.Behind + ", and check where the name of --web.external-url leads"
}

// shown is the address without its secret.
func (t *Trial) shown() string { return Address(t.External, "…") }
