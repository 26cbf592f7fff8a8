package check

import (
	"bytes"
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
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/notify"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/testserver"
	"withings-exporter/exporter/web"
	"withings-exporter/exporter/withings"
)

// street is a stage before which there is a proxy that the Internet knows as home.example:
// the simulated Withings reaches the exporter through it, by the strict rules.
type street struct {
	*stage.Stage
	proxy  http.Handler
	closed []string // names at which nobody answers
}

// newStreet makes one whose proxy leads to the address at which the exporter listens.
func newStreet(t *testing.T) *street {
	t.Helper()
	w := &street{}
	certificate, key := testserver.Certificate(t, "home.example", "other.example")
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(certificate)
	trusted := x509.NewCertPool()
	if err != nil || !trusted.AppendCertsFromPEM(pem) {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(to http.ResponseWriter, q *http.Request) {
		if q.Host == "other.example" { // where another program answers
			return
		}
		w.proxy.ServeHTTP(to, q)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	outside := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			for _, name := range w.closed {
				if strings.HasPrefix(address, name) {
					return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
				}
			}
			return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
		},
		TLSClientConfig: &tls.Config{RootCAs: trusted}, DisableKeepAlives: true,
	}}
	w.Stage = stage.NewOf(t, simulator.Options{Years: 1, Callbacks: outside, Switches: simulator.Switches{
		StrictCallbacks: true, Limiter: simulator.Limiter{Limit: simulator.Unlimited},
		Notifications: simulator.Notifications{RefuseNoContent: true, EmptyPost: true},
	}})
	s := &w.Settings
	s.Own, s.ExternalURL, s.ListenAddresses, s.Profiles = outside, "https://home.example", []string{testrun.FreeAddress(t)}, []string{"Anna", "Ben"}
	s.Pause = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	s.Services = []string{"measure", "presence"} // which means notifications; the others are other tests'
	w.lead(s.ListenAddresses[0])
	if err := signin.SignIn(t.Context(), *s); err != nil {
		t.Fatal(err)
	}
	return w
}

// lead has the proxy pass everything on to an address.
func (w *street) lead(address string) {
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address})
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	w.proxy = proxy
}

// secretPath is the end of an address for notifications.
var secretPath = regexp.MustCompile(`[A-Za-z0-9_-]{43}`)

// check runs check and returns the lines about notifications and subscriptions.
func (w *street) check() (lines string, failed bool) {
	w.T.Helper()
	var out bytes.Buffer
	err := Check(w.T.Context(), w.Settings, &out, io.Discard)
	if text := strings.ReplaceAll(fmt.Sprint(out.String(), err, w.Log), w.Settings.StateDir, ""); secretPath.MatchString(text) || strings.Contains(text, "s3cr3t") {
		w.T.Errorf("a secret is told:\n%s", text)
	}
	var about []string
	for line := range strings.Lines(out.String()) {
		if strings.Contains(line, "notification") {
			about = append(about, line)
		}
	}
	return strings.Join(about, ""), err != nil
}

// set is the profiles as serve has them.
func (w *street) set() *profiles.Set {
	w.T.Helper()
	set, err := profiles.Open(w.Settings, prometheus.NewRegistry())
	if err == nil {
		err = set.Load(w.Settings)
	}
	if err != nil {
		w.T.Fatal(err)
	}
	return set
}

// serve runs what serve has for notifications, with addresses for people.
func (w *street) serve(people ...string) {
	w.T.Helper()
	w.addresses(people...)
	s := w.Settings
	server, err := web.New(web.Options{ListenAddresses: s.ListenAddresses, NotifyAddress: s.NotifyAddress, ConfigFile: s.WebConfigFile, ExternalURL: s.ExternalURL,
		Notifications: w.set().Receiver, Metrics: http.NotFoundHandler(), Status: func() web.Status { return web.Status{} }})
	if err == nil {
		err = server.Listen()
	}
	if err != nil {
		w.T.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(ctx) })
	w.T.Cleanup(func() { stop(); serving.Wait() })
}

// subscribed is how many subscriptions a person has.
func (w *street) subscribed(name string) int {
	w.T.Helper()
	for _, m := range w.set().List() {
		if m.State.Profile() == name {
			all, err := m.Account.Subscriptions(w.T.Context())
			if err != nil {
				w.T.Fatal(err)
			}
			return len(all)
		}
	}
	return -1
}

const reached = "ok    notifications: Withings reached https://home.example/notify/… (HEAD answered 200)\n"

// says is a proxy that answers everything itself.
func says(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func TestCheckProvesTheWayOfNotifications(t *testing.T) {
	for name, c := range map[string]struct {
		alter  func(t *testing.T, w *street)
		says   string // the beginning of the line
		also   string // what else is in it
		failed bool
		stays  int // Anna's subscriptions afterwards
	}{
		"without serve, on the addresses of the pages": {says: reached},
		"without serve, on an address of their own": {alter: func(t *testing.T, w *street) {
			w.Settings.NotifyAddress = testrun.FreeAddress(t)
			w.lead(w.Settings.NotifyAddress)
		}, says: reached},
		"below a path": {alter: func(_ *testing.T, w *street) { w.Settings.ExternalURL += "/withings" },
			says: "ok    notifications: Withings reached https://home.example/withings/notify/… "},
		"with serve": {alter: func(_ *testing.T, w *street) { w.serve("Anna", "Ben") }, says: reached, stays: 1},
		"with serve, on an address of its own": {alter: func(t *testing.T, w *street) {
			w.Settings.NotifyAddress = testrun.FreeAddress(t)
			w.lead(w.Settings.NotifyAddress)
			w.serve("Anna", "Ben")
		}, says: reached, stays: 1},
		"with serve, which has one address so far":                     {alter: func(_ *testing.T, w *street) { w.serve("Ben") }, says: reached},
		"with serve that takes no notifications":                       {alter: func(_ *testing.T, w *street) { w.serve() }, says: "FAIL  notifications: the program that listens at 127.0.0.1:", also: "restart it with --web.external-url", failed: true},
		"with another program at the address":                          {alter: other, says: "FAIL  notifications: the program that listens at 127.0.0.1:", also: `notifications of "Anna" or "Ben"`, failed: true},
		"with an address that is not of this machine":                  {alter: func(_ *testing.T, w *street) { w.Settings.ListenAddresses = []string{"203.0.113.1:10054"} }, says: `FAIL  notifications: listen on "203.0.113.1:10054"`, failed: true},
		"with a password, without serve":                               {alter: password, says: "FAIL  notifications: https://home.example/notify/… is not accepted by Withings (status 293); ", also: "--notify.listen-address", failed: true},
		"with a password, for links alone":                             {alter: links(password), says: "note  notifications: none, since --web.external-url asks for a password; "},
		"with a password and serve":                                    {alter: func(t *testing.T, w *street) { password(t, w); w.serve("Anna") }, says: "FAIL  notifications: serve asks for a password at", also: "--notify.listen-address", failed: true},
		"with a password and serve, for links alone":                   {alter: links(func(t *testing.T, w *street) { password(t, w); w.serve() }), says: "note  notifications: none, since --web.external-url asks for a password; "},
		"a proxy with a password, for links alone":                     {alter: links(func(_ *testing.T, w *street) { w.proxy = says(401) }), says: "note  notifications: none, since --web.external-url asks for a password; "},
		"a proxy with a password":                                      {alter: func(_ *testing.T, w *street) { w.proxy = says(401) }, says: "FAIL  notifications: ", also: "HTTP status 401, which asks for a password", failed: true},
		"a proxy that swallows HEAD":                                   {alter: func(_ *testing.T, w *street) { w.proxy = says(405) }, says: "FAIL  notifications: https://home.example/notify/… is not accepted by Withings (status 293): HEAD is answered with HTTP status 405", also: "on to 127.0.0.1:", failed: true},
		"a proxy that answers HEAD":                                    {alter: func(_ *testing.T, w *street) { w.proxy = says(204) }, says: "FAIL  notifications: https://home.example/notify/… is not accepted by Withings (status 293): ", also: "status 204", failed: true},
		"a proxy that leads to nothing":                                {alter: func(_ *testing.T, w *street) { w.lead("127.0.0.1:1") }, says: "FAIL  notifications: https://home.example/notify/… is not accepted by Withings (status 293): ", also: "status 502: the proxy does not reach the exporter", failed: true},
		"a page for everybody":                                         {alter: func(_ *testing.T, w *street) { w.proxy = says(200) }, says: "FAIL  notifications: https://home.example/notify/… answers HEAD with 200 whatever the path is", failed: true},
		"a proxy that gives another name":                              {alter: renamed, says: "FAIL  notifications: https://home.example/notify/… is not accepted by Withings (status 293): ", also: "--notify.listen-address", failed: true},
		"a name that nobody knows":                                     {alter: func(_ *testing.T, w *street) { w.closed = []string{"home.example"} }, says: "FAIL  notifications: https://home.example/notify/… is not accepted by Withings (status 293): ", also: "cannot reach it from here: ", failed: true},
		"a port that Withings does not take":                           {alter: func(_ *testing.T, w *street) { w.Settings.ExternalURL += ":8443" }, says: "FAIL  notifications: https://home.example:8443/notify/… is not accepted by Withings (status 293); ", also: "has port 8443 instead of 443", failed: true},
		"such a port, for links alone":                                 {alter: links(func(_ *testing.T, w *street) { w.Settings.ExternalURL += ":8443" }), says: "note  notifications: none, since --web.external-url has port 8443 instead of 443; "},
		"http":                                                         {alter: func(_ *testing.T, w *street) { w.Settings.ExternalURL = "http://home.example" }, says: "FAIL  notifications: http://home.example/notify/… is not accepted by Withings (status 293); ", also: "does not begin with https://", failed: true},
		"http, for links alone":                                        {alter: links(func(_ *testing.T, w *street) { w.Settings.ExternalURL = "http://home.example" }), says: "note  notifications: none, since --web.external-url does not begin with https://; "},
		"http, with serve that has not asked yet":                      {alter: links(func(_ *testing.T, w *street) { w.Settings.ExternalURL = "http://home.example"; w.serve() }), says: "note  notifications: none, since --web.external-url does not begin with https://; "},
		"an address of a private network":                              {alter: links(func(_ *testing.T, w *street) { w.Settings.ExternalURL = "https://nas.lan" }), says: "note  notifications: none, since --web.external-url is an address of a private network; "},
		"such an address, and they are meant":                          {alter: func(_ *testing.T, w *street) { w.Settings.ExternalURL = "https://nas.lan" }, says: "FAIL  notifications: https://nas.lan/notify/… is not accepted by Withings (status 293); ", also: "a name that only a private network knows", failed: true},
		"nobody has signed in":                                         {alter: func(_ *testing.T, w *street) { w.Settings.Profiles = []string{"Zoe"} }, says: "note  notifications: not tried, since no profile", failed: true, stays: -1},
		"the permission of somebody has ended, whose own line says so": {alter: ended, says: reached, failed: true, stays: -1},
		"the list of subscriptions fails":                              {alter: fault(simulator.Fault{Kind: simulator.FaultStatus, Action: "list", Status: 503, Times: 2}), says: `FAIL  profile "Anna": subscriptions to notifications: list: status 503`, also: "not tried", failed: true},
		"the subscription of the check cannot be ended":                {alter: fault(simulator.Fault{Kind: simulator.FaultStatus, Action: "revoke", Status: 294}), says: reached, also: "note  notifications: end the subscription of this check: revoke: status 294", stays: 1},
		"one that Withings hangs at":                                   {alter: fault(simulator.Fault{Kind: simulator.FaultStatus, Action: "subscribe", Status: 2556}), says: "FAIL  notifications: subscribe to notifications about weight and body composition: subscribe: status 2556", failed: true},
		"without an external URL nothing is tried and nothing is said": {alter: func(_ *testing.T, w *street) { w.Settings.ExternalURL = "" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newStreet(t)
			if c.alter != nil {
				c.alter(t, w)
			}
			lines, failed := w.check()
			if !strings.HasPrefix(lines, c.says) || c.says == "" && lines != "" || !strings.Contains(lines, c.also) || failed != c.failed {
				t.Errorf("failed: %t, it says\n%s\nwant %q with %q", failed, lines, c.says, c.also)
			}
			w.Sim.Clear()
			if c.stays >= 0 { // otherwise she cannot be asked
				if n := w.subscribed("Anna"); n != c.stays {
					t.Errorf("Anna has %d subscriptions, want %d", n, c.stays)
				}
			}
			files, err := filepath.Glob(filepath.Join(w.Settings.StateDir, "*notify*"))
			if err != nil || len(files) > 0 && !strings.Contains(name, "serve") && !strings.Contains(name, "another program") {
				t.Errorf("left are the files %v, %v", files, err)
			}
		})
	}
}

// ended has Withings know nothing of Anna's tokens any more.
func ended(t *testing.T, w *street) {
	path := filepath.Join(w.Settings.StateDir, "+anna.token.json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data = regexp.MustCompile(`("(?:access|refresh)_token": ")[^"]*`).ReplaceAll(data, []byte("${1}unknown"))
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// links has an external URL for links alone: nothing is chosen that needs notifications.
func links(alter func(*testing.T, *street)) func(*testing.T, *street) {
	return func(t *testing.T, w *street) {
		w.Settings.Services = []string{"measure"}
		alter(t, w)
	}
}

// other has another program listen where serve would, whose people have addresses of before.
func other(t *testing.T, w *street) {
	occupy(t, w)
	w.addresses("Anna", "Ben")
}

// occupy has another program listen where serve would.
func occupy(t *testing.T, w *street) {
	t.Helper()
	l, err := net.Listen("tcp", w.Settings.ListenAddresses[0])
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	_ = server.Listener.Close()
	server.Listener = l
	server.Start()
	t.Cleanup(server.Close)
}

// TestAServeThatHasJustStartedIsNotTakenForOneWithoutNotifications: it makes an address for each person once it has asked Withings.
func TestAServeThatHasJustStartedIsNotTakenForOneWithoutNotifications(t *testing.T) {
	w := newStreet(t)
	occupy(t, w)
	if lines, failed := w.check(); !failed || !strings.Contains(lines, "if it is serve, restart it with --web.external-url") {
		t.Errorf("beside another program: failed: %t, it says\n%s", failed, lines)
	}
	if !serving(t, w.set()).Notified {
		t.Error("serve is not said to take notifications")
	}
	if lines, failed := w.check(); failed || !strings.HasPrefix(lines, "note  notifications: not tried: serve has just started") {
		t.Errorf("failed: %t, it says\n%s", failed, lines)
	}
}

// addresses gives people addresses for notifications, as a serve of before.
func (w *street) addresses(people ...string) {
	w.T.Helper()
	dir, err := statedir.Open(w.Settings.StateDir)
	if err != nil {
		w.T.Fatal(err)
	}
	for _, name := range people {
		if _, _, err := (notify.File{Dir: dir, Profile: name, Now: w.Settings.Now}).Secret(w.T.Context(), ""); err != nil {
			w.T.Fatal(err)
		}
	}
}

// password has the pages ask for one.
func password(t *testing.T, w *street) {
	w.Settings.WebConfigFile = filepath.Join(t.TempDir(), "web.yml")
	if err := os.WriteFile(w.Settings.WebConfigFile, []byte("basic_auth_users:\n  anna: $2y$04$LGVRTPZ2WAZPmjM1FY.k5uROVYRSzg2hl0RT2yW5Bdd9OiEFRE5we\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// renamed has the proxy ask for another name, which an exporter on loopback does not answer.
func renamed(_ *testing.T, w *street) {
	to := w.proxy
	w.proxy = http.HandlerFunc(func(answer http.ResponseWriter, q *http.Request) {
		q.Host = "exporter"
		to.ServeHTTP(answer, q)
	})
}

// fault has Withings answer wrongly.
func fault(f simulator.Fault) func(*testing.T, *street) {
	return func(_ *testing.T, w *street) { w.Sim.Inject(f) }
}

func TestCheckNamesAddressesThatDoNotTakeNotifications(t *testing.T) {
	w := newStreet(t)
	account := w.set().List()[0].Account
	for _, callback := range []string{"https://home.example/old/s3cr3t", "https://other.example/s3cr3t/hook"} {
		w.proxy = says(200)
		for _, category := range []int{1, 44} {
			if err := account.Subscribe(t.Context(), callback, category); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.lead(w.Settings.ListenAddresses[0])
	lines, failed := w.check()
	want := reached + "note  profile \"Anna\": 2 subscriptions to notifications at https://home.example/…, which does not take them (HTTP status 404); " +
		"to end all of this profile, run: withings-exporter notify --clear Anna\n"
	if lines != want || failed {
		t.Errorf("failed: %t, it says\n%swant\n%s", failed, lines, want)
	}
	if n := w.subscribed("Anna"); n != 4 {
		t.Errorf("Anna has %d subscriptions, want 4", n)
	}
}

// TestCheckLeavesTheSubscriptionsOfTheDemoAlone, which has an address that only its Withings finds: whoever practises with its people
// is not to end them.
func TestCheckLeavesTheSubscriptionsOfTheDemoAlone(t *testing.T) {
	nobody := &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("no such host") })}
	n := &notified{settings: command.Settings{Own: nobody}}
	for callback, want := range map[string]int{command.DemoAddress + "/notify/s3cr3t": 0, "http://demo.invalid.example/notify/s3cr3t": 1} {
		n.people = []*subscriber{{known: []withings.Subscription{{Callback: callback}}}}
		if found := n.look(t.Context(), notify.Home{}); len(found) != want {
			t.Errorf("%s is noted as %v, want %d", callback, found, want)
		}
	}
}
