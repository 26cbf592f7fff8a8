package subscriptions

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/notify"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/withings"
)

func TestMain(m *testing.M) { os.Exit(testrun.InMemory(m).Run()) }

// town is a stage on which Anna has subscriptions, Ben has none, and Zoe has not signed in.
type town struct {
	*stage.Stage
	callback string // where everything is answered
	secret   notify.Secret
	pauses   []time.Duration
}

// subscribed are Anna's subscriptions, at callbacks below a server that answers everything.
func subscribed(t *testing.T) *town {
	t.Helper()
	w := &town{Stage: stage.New(t)}
	w.Settings.Profiles = []string{"Anna", "Ben"}
	w.Settings.Pause = func(_ context.Context, d time.Duration) error { w.pauses = append(w.pauses, d); return nil }
	if err := signin.SignIn(t.Context(), w.Settings); err != nil {
		t.Fatal(err)
	}
	w.Settings.Profiles = append(w.Settings.Profiles, "Zoe")
	set, err := profiles.Open(w.Settings, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	if err := set.Load(w.Settings); err != nil {
		t.Fatal(err)
	}
	if w.secret, _, err = (notify.File{Dir: set.Dir, Profile: "Anna", Now: w.Settings.Now}).Secret(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	callback := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(callback.Close)
	w.callback, w.Settings.ExternalURL = callback.URL, callback.URL
	account := set.List()[0].Account
	for _, sub := range []withings.Subscription{
		{Category: 44, Callback: notify.Address(callback.URL, w.secret)}, {Category: 1, Callback: notify.Address(callback.URL, w.secret)},
		{Category: 1, Callback: notify.Address(callback.URL+"/former", w.secret)}, {Category: 16, Callback: callback.URL + "/s3cr3t/hook"},
	} {
		if err := account.Subscribe(t.Context(), sub.Callback, sub.Category); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// run runs the command and returns what it prints; a secret in it is an error.
func (w *town) run(o Options) (out, talk string, err error) {
	w.T.Helper()
	var to, about bytes.Buffer
	err = Manage(w.T.Context(), w.Settings, o, &to, &about)
	all := to.String() + about.String() + w.Log.String()
	if err != nil {
		all += err.Error()
	}
	for _, secret := range []string{string(w.secret), "s3cr3t"} {
		if strings.Contains(all, secret) {
			w.T.Errorf("%s is told:\n%s", secret, all)
		}
	}
	return strings.ReplaceAll(to.String(), w.callback, "http://x"), about.String(), err
}

// plain is a text with one space between words.
func plain(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestTheListTellsWhoIsSentWhatAndWhatIsMissing(t *testing.T) {
	w := subscribed(t)
	out, talk, err := w.run(Options{Profiles: []string{"Anna"}})
	want := []string{"Anna",
		"sent to http://x/former/notify/… of this exporter, at another address:", "1 weight and body composition",
		"sent to http://x/notify/… of this exporter:", "1 weight and body composition", "44 sleep",
		`sent to http://x/… of this exporter, at another address:`, "16 activity and workouts", // the comment says so
		"missing:", "2 temperature", "4 blood pressure, pulse and oxygen", "16 activity and workouts", "46 the account",
		"50 getting in bed", "51 getting out of bed", "54 an ECG", "55 a failed ECG", "58 glucose",
	}
	if got, want := plain(out), strings.Join(want, " "); got != want || !strings.Contains(talk, "serve subscribes to what is missing") || err != nil {
		t.Errorf("%v, %q, it prints\n%s\nwant\n%s", err, talk, got, want)
	}
	w.Settings.ExternalURL = ""
	out, talk, err = w.run(Options{Profiles: []string{"Anna"}})
	if err != nil || talk != "" || strings.Contains(out, "missing") || !strings.HasSuffix(plain(out), " 16 activity and workouts") {
		t.Errorf("%v, without an external URL it prints\n%s", err, out)
	}
	for line := range strings.Lines(strings.ReplaceAll(out, "http://x", w.callback)) {
		if n := utf8.RuneCountInString(line); n > 81 {
			t.Errorf("a line has %d columns: %s", n-1, line)
		}
	}
}

func TestClearingEndsEverythingSlowlyAndLeavesOtherPeopleAlone(t *testing.T) {
	w := subscribed(t)
	out, talk, err := w.run(Options{Profiles: []string{"Anna"}, Clear: true})
	if err != nil || strings.Count(out, "ended: Anna: ") != 4 || !strings.Contains(talk, "Ending 4 subscriptions of Anna") || !strings.Contains(talk, "serve subscribes again") {
		t.Errorf("%v\n%s\n%s", err, talk, out)
	}
	if want := []time.Duration{time.Second, time.Second, time.Second}; !slices.Equal(w.pauses, want) {
		t.Errorf("paused for %v, want %v", w.pauses, want)
	}
	if n := w.Sim.Count("revoke", 0, 0); n != 4 {
		t.Errorf("%d requests to end one, want 4", n)
	}
	w.Settings.ExternalURL = ""
	if out, _, err := w.run(Options{Profiles: []string{"Anna"}}); err != nil || out != "Anna\n  nothing\n" {
		t.Errorf("%v, left is\n%s", err, out)
	}
	if _, talk, err := w.run(Options{Profiles: []string{"Anna", "Ben"}, Clear: true}); err != nil || strings.Count(talk, "Withings sends no notifications about") != 2 {
		t.Errorf("%v, once more it says\n%s", err, talk)
	}
}

func TestWhatFailsDoesNotKeepItFromTheOthers(t *testing.T) {
	for name, c := range map[string]struct {
		fault  simulator.Fault
		o      Options
		auth   bool
		shows  string // on standard output
		ended  int
		errors []string
	}{
		"one cannot be ended": {simulator.Fault{Kind: simulator.FaultStatus, Action: "revoke", Status: 294, Times: 1}, Options{Profiles: []string{"Anna"}, Clear: true}, false,
			"ended: Anna: 1 ", 3, []string{`profile "Anna": end the subscription to notifications about weight and body composition: revoke: status 294`}},
		"one is not authorised": {simulator.Fault{Kind: simulator.FaultStatus, Action: "none"}, Options{}, true, "Ben\n", 0, []string{`profile "Zoe": not authorised yet; run: withings-exporter auth Zoe`}},
		"the list fails":        {simulator.Fault{Kind: simulator.FaultStatus, Action: "list", Status: 503, Times: 1}, Options{Profiles: []string{"Anna", "Ben"}}, false, "Ben\n", 0, []string{`profile "Anna": list: status 503`}},
		"a token is refused": {simulator.Fault{Kind: simulator.FaultExpiredToken, Action: "list"}, Options{Profiles: []string{"Anna"}}, true, "", 0,
			[]string{`profile "Anna": `, "run: withings-exporter auth Anna"}},
		"a list that cannot be read": {simulator.Fault{Kind: simulator.FaultValue, Action: "list", Keys: []string{"appli"}, Text: "null"}, Options{Profiles: []string{"Anna"}, Clear: true}, false, "", 0,
			[]string{"4 of 4 subscriptions to notifications cannot be read"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := subscribed(t)
			w.Sim.Inject(c.fault)
			out, _, err := w.run(c.o)
			if err == nil || errors.Is(err, command.ErrNeedsAuthorization) != c.auth || errors.Is(err, command.ErrUsage) {
				t.Fatalf("error %v, authorisation needed: %t", err, c.auth)
			}
			stage.Says(t, "the error", err.Error(), c.errors...)
			if !strings.Contains(out, c.shows) || strings.Count(out, "ended:") != c.ended {
				t.Errorf("it prints\n%s\nwant %q", out, c.shows)
			}
		})
	}
}

func TestAnInterruptStopsAtOnce(t *testing.T) {
	w := subscribed(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.Settings.Pause = func(context.Context, time.Duration) error { cancel(); return ctx.Err() }
	var out, talk bytes.Buffer
	err := Manage(ctx, w.Settings, Options{Clear: true}, &out, &talk)
	if !errors.Is(err, context.Canceled) || strings.Count(out.String(), "ended:") != 1 {
		t.Errorf("%v\n%s", err, &out)
	}
}
