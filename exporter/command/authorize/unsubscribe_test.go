package authorize

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/notify"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/withings"
)

// subscribed is a stage on which Anna has subscriptions: three of this exporter, one of them at a former address, and one of
// another program.
func subscribed(t *testing.T) (s *stage.Stage, account *withings.Account, secret notify.Secret) {
	t.Helper()
	s = stage.New(t)
	s.Settings.Pause = func(context.Context, time.Duration) error { return nil }
	mustAuthorize(s, "Anna", "Anna")
	a, err := newAuthorizer(s.Settings, Options{Profile: "Anna", Revoke: true}, &command.Program{In: strings.NewReader("")})
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err = a.secret().Secret(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	callback := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(callback.Close)
	account = a.cloud.Client.Account("Anna", auth.NewSource(a.cloud.App, a.store, "Anna"))
	for _, sub := range []withings.Subscription{
		{Category: 1, Callback: notify.Address(callback.URL, secret)}, {Category: 44, Callback: notify.Address(callback.URL, secret)},
		{Category: 1, Callback: notify.Address(callback.URL+"/former", secret)}, {Category: 1, Callback: callback.URL + "/other"},
	} {
		if err := account.Subscribe(t.Context(), sub.Callback, sub.Category); err != nil {
			t.Fatal(err)
		}
	}
	return s, account, secret
}

func TestRevokeEndsTheNotificationsFirst(t *testing.T) {
	s, _, secret := subscribed(t)
	before := s.Sim.Count("revoke", 0, 0)
	a, err := run(s, Options{Profile: "Anna", Revoke: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := s.Sim.Count("revoke", 0, 0) - before; n != 3+1 {
		t.Errorf("%d revocations, want those of three subscriptions and of the authorisation", n)
	}
	var order []string
	for _, r := range s.Sim.Requests() {
		if r.Action == "revoke" {
			order = append(order, r.Service)
		}
	}
	if got := strings.Join(order, " "); got != "notify notify notify oauth2" {
		t.Errorf("revoked: %s", got)
	}
	if _, err := os.Stat(a.file(s)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file with the address is still there: %v", err)
	}
	if text := a.out.String() + a.err.String() + s.Log.String(); strings.Contains(text, string(secret)) || strings.Contains(text, "Not all") || !strings.Contains(text, "Ending the notifications") {
		t.Errorf("told:\n%s", text)
	}
}

func TestNotificationsThatDoNotEndAreToldAndTheAuthorisationEnds(t *testing.T) {
	for name, c := range map[string]struct {
		fault simulator.Fault
		says  string
	}{
		"the list fails":         {simulator.Fault{Kind: simulator.FaultStatus, Action: "list", Status: 503, Text: "callbackurl=SECRET"}, "list: status 503"},
		"a subscription is kept": {simulator.Fault{Kind: simulator.FaultStatus, Action: "revoke", Status: 294, Text: "callbackurl=SECRET", Times: 2}, "sleep"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _, secret := subscribed(t)
			c.fault.Text = strings.Replace(c.fault.Text, "SECRET", url.QueryEscape(notify.Address("http://x.example", secret)), 1)
			s.Sim.Inject(c.fault)
			a, err := run(s, Options{Profile: "Anna", Revoke: true}, nil)
			if err != nil || content(s, "Anna") != "" {
				t.Errorf("error %v, the token file holds %q", err, content(s, "Anna"))
			}
			stage.Says(t, "the talk", a.err.String(), "Not all notifications", `"Anna"`, c.says)
			if text := a.out.String() + a.err.String() + s.Log.String(); strings.Contains(text, string(secret)) {
				t.Errorf("the secret is told:\n%s", text)
			}
		})
	}
}

// file is the path of Anna's file with the address for notifications.
func (a *attempt) file(s *stage.Stage) string {
	return strings.Replace(store(s, "Anna").Path(), ".token.", ".notify.", 1)
}
