package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/netutil"
)

// withNotifications has a handler that answers with the path it was given.
func withNotifications(o *Options) {
	o.Notifications = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Method+" "+r.URL.Path) })
}

func withNotifyAddress(o *Options) {
	withNotifications(o)
	o.NotifyAddress = "127.0.0.1:0"
}

func TestNotificationsReachTheirHandlerWithAndWithoutThePathOfTheExternalURL(t *testing.T) {
	for _, c := range []struct {
		external, path, want string // want is the path at the handler; "": another page
	}{
		{"", "/notify/x", "/notify/x"},
		{"", "/notify/x/y", "/notify/x/y"},
		{"", "/notify/", "/notify/"},
		{"", "/notify", ""},
		{"", "/notifyx", ""},
		{"", "/withings/notify/x", ""},
		{"https://home.example", "/notify/x", "/notify/x"},
		{"https://home.example/withings/", "/notify/x", "/notify/x"},
		{"https://home.example/withings", "/withings/notify/x", "/notify/x"},
		{"https://home.example/withings", "/other/notify/x", ""},
		{"https://home.example/notify", "/notify/x", "/notify/x"},
		{"https://home.example/notify", "/notify/notify/x", "/notify/x"},
		{"https://home.example/a/b", "/a/b/notify/x", "/notify/x"},
	} {
		for _, own := range []bool{false, true} {
			s := newServer(t, withExternal(c.external), withNotifications, func(o *Options) {
				if own {
					o.NotifyAddress = "127.0.0.1:0"
				}
			})
			start(t, s)
			address := s.Addrs()[0]
			if own {
				if code, body := get(t, address, c.path); code == http.StatusOK && strings.HasPrefix(body, "GET /") {
					t.Errorf("%s with %s: the address of the pages takes it too: %q", c.path, c.external, body)
				}
				address = s.NotifyAddr()
			}
			code, body := get(t, address, c.path)
			if took := code == http.StatusOK && body == "GET "+c.want; took != (c.want != "") {
				t.Errorf("%s with %q, own address %t: got %d %q, want path %q", c.path, c.external, own, code, body, c.want)
			}
		}
	}
}

func TestTheAddressForNotificationsTellsNothingElse(t *testing.T) {
	s := newServer(t, withNotifyAddress, withExternal("https://home.example/withings"), func(o *Options) {
		o.Reload = func(context.Context) (string, error) { t.Error("reloaded"); return "", nil }
	})
	start(t, s)
	for _, path := range []string{"/", "/metrics", "/sd", "/-/healthy", "/-/ready", "/-/reload", "/favicon.ico", "/withings/", "/withings", "/withings/metrics", "/notify", "/../metrics", "//"} {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions} {
			r, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.NotifyAddr().String()+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(answer.Body)
			if err := errors.Join(err, answer.Body.Close()); err != nil || answer.StatusCode != http.StatusNotFound || len(body) > 0 {
				t.Errorf("%s %s: %d %q, error %v", method, path, answer.StatusCode, body, err)
			}
			delete(answer.Header, "Date")
			delete(answer.Header, "Content-Length")
			if len(answer.Header) > 0 {
				t.Errorf("%s %s: the headers are %v", method, path, answer.Header)
			}
		}
	}
}

func TestAPasswordForThePagesIsNotAskedOfNotificationsAtTheirOwnAddress(t *testing.T) {
	config := filepath.Join(t.TempDir(), "web.yml")
	if err := os.WriteFile(config, []byte("basic_auth_users:\n  anna: $2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, own := range []bool{false, true} {
		s := newServer(t, withNotifications, func(o *Options) {
			if o.ConfigFile = config; own {
				o.NotifyAddress = "127.0.0.1:0"
			}
		})
		start(t, s)
		address, want := s.Addrs()[0], http.StatusUnauthorized
		if own {
			address, want = s.NotifyAddr(), http.StatusOK
		}
		if code, _ := get(t, address, "/notify/x"); code != want {
			t.Errorf("with an address of its own %t: got %d, want %d", own, code, want)
		}
	}
}

func TestTheAddressForNotificationsIsOpenedAndReleasedWithTheOthers(t *testing.T) {
	s := newServer(t, withNotifyAddress)
	if s.NotifyAddr() != nil {
		t.Error("it is open before Listen")
	}
	stop := start(t, s)
	addresses := append(s.Addrs(), s.NotifyAddr())
	if err := stop(); err != nil {
		t.Error(err)
	}
	for _, address := range addresses {
		again, err := net.Listen("tcp", address.String())
		if err != nil {
			t.Fatalf("%s is still taken: %v", address, err)
		}
		_ = again.Close()
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	s = newServer(t, withNotifyAddress, func(o *Options) { o.NotifyAddress = taken.Addr().String() })
	if err := s.Listen(); !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), "--notify.listen-address") || strings.Contains(err.Error(), "--web.listen-address") {
		t.Errorf("got %v", err)
	}
	if len(s.Addrs()) > 0 || s.NotifyAddr() != nil {
		t.Error("some addresses are open")
	}
}

// TestStrangersFillNeitherTheLogNorTheConnections opens more connections than there may be to the address for notifications:
// the pages are still answered, and so are notifications once there is room.
func TestStrangersFillNeitherTheLogNorTheConnections(t *testing.T) {
	var log bytes.Buffer
	s := newServer(t, withNotifyAddress, func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	})
	stop := start(t, s)
	var conns []net.Conn
	for i := range notifyConnections + 20 {
		conn, err := net.Dial("tcp", s.NotifyAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, []string{"", "NONSENSE\r\n\r\n"}[i/notifyConnections]); err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	if code, _ := get(t, s.Addrs()[0], "/metrics"); code != http.StatusOK {
		t.Errorf("the metrics are answered %d", code)
	}
	for _, conn := range conns {
		_ = conn.Close()
	}
	if code, body := get(t, s.NotifyAddr(), "/notify/x"); code != http.StatusOK {
		t.Errorf("a notification is answered %d %q", code, body)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if log.Len() > 0 {
		t.Errorf("logged: %s", &log)
	}
}

// TestALimitedListenerHasRoomAgainOnceAConnectionCloses counts with connections that need no network.
func TestALimitedListenerHasRoomAgainOnceAConnectionCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		incoming, accepted := make(chan net.Conn, 10), make(chan net.Conn, 10)
		l := netutil.LimitListener(&fakeListener{incoming: incoming}, 2)
		go func() {
			defer close(accepted)
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				accepted <- c
			}
		}()
		for range 5 {
			_, far := net.Pipe()
			incoming <- far
		}
		if synctest.Wait(); len(accepted) != 2 {
			t.Fatalf("there are %d connections, want 2", len(accepted))
		}
		first := <-accepted
		_ = first.Close()
		_ = first.Close() // twice counts once
		if synctest.Wait(); len(accepted) != 2 {
			t.Errorf("there are %d more connections once one was closed, want 2", len(accepted))
		}
		_ = l.Close()
		if synctest.Wait(); len(accepted) != 2 {
			t.Error("it accepts after it was closed")
		}
	})
}

type fakeListener struct{ incoming chan net.Conn }

func (f *fakeListener) Accept() (net.Conn, error) {
	c, ok := <-f.incoming
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (f *fakeListener) Close() error   { close(f.incoming); return nil }
func (f *fakeListener) Addr() net.Addr { return nil }

func TestAServerForNotificationsAloneOpensAndAnswersNothingElse(t *testing.T) {
	for name, own := range map[string]bool{"on the addresses of the pages": false, "on an address of their own": true} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, withExternal("https://home.example/withings"), withNotifications, func(o *Options) {
				if o.OnlyNotifications = true; own {
					o.NotifyAddress = "127.0.0.1:0"
				}
			})
			stop := start(t, s)
			addresses := s.Addrs()
			if s.NotifyAddr() != nil {
				addresses = append(addresses, s.NotifyAddr())
			}
			if len(addresses) != 1 || own != (s.NotifyAddr() != nil) {
				t.Fatalf("opened are %v", addresses)
			}
			for _, path := range []string{"/", "/metrics", "/sd", "/-/healthy", "/withings/metrics", "/notify"} {
				if code, body := get(t, addresses[0], path); code != http.StatusNotFound || body != "" {
					t.Errorf("%s: got %d %q", path, code, body)
				}
			}
			for _, path := range []string{"/notify/x", "/withings/notify/x"} {
				if code, body := get(t, addresses[0], path); code != http.StatusOK || body != "GET /notify/x" {
					t.Errorf("%s: got %d %q", path, code, body)
				}
			}
			if err := stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestThePageHasALineAboutNotifications(t *testing.T) {
	for _, c := range []struct {
		is   *Notifications
		want string
	}{
		{nil, ""},
		{&Notifications{Condition: "active"}, "active. None has come so far."},
		{&Notifications{Condition: "active", Last: now.Add(-3 * time.Minute)}, "active. The last one came 3 minutes ago."},
	} {
		s := newServer(t, withStatus(Status{Profiles: []Profile{{Name: "Anna", State: StateOK, Notifications: c.is}}}))
		for _, page := range []string{browse(t, s, "/"), do(t, s, http.MethodGet, "/").Body.String()} {
			if strings.Contains(page, "Notifications") != (c.want != "") || !strings.Contains(page, c.want) {
				t.Errorf("%+v: the page is\n%s\nwant %q in it", c.is, page, c.want)
			}
		}
	}
}
