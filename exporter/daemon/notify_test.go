package daemon

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/command/check"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/notify"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/systemd"
	"withings-exporter/exporter/testrun"
)

// secretOf is the secret in a person's address for notifications.
func secretOf(w *stage.World, name string) notify.Secret {
	w.T.Helper()
	s := notify.File{Dir: w.Set.Dir, Profile: name, Now: w.Settings.Now}.Peek()
	if s == "" {
		w.T.Fatalf("%s has no address", name)
	}
	return s
}

// inAnnouncedWorld runs a test in a world that Withings tells of what happens, once everybody has subscriptions. Polling has
// stopped, so that only notifications change anything.
func inAnnouncedWorld(t *testing.T, switches simulator.Switches, f func(w *stage.World)) {
	t.Helper()
	stage.InWorldTold(t, 24*time.Hour, switches, func(w *stage.World) {
		w.Set.Halt()
		upkeep(w)
		f(w)
	})
}

// upkeep looks after everybody's subscriptions until that has ended. Polling must have stopped.
func upkeep(w *stage.World) {
	w.T.Helper()
	for _, m := range w.Set.List() {
		for range 50 {
			if m.Upkeep(context.Background()) == nil {
				break
			}
			w.Pass(5 * time.Second)
		}
		if err := m.Upkeep(context.Background()); err != nil {
			w.T.Fatalf("%s: %v", m.State.Profile(), err)
		}
	}
}

// post sends a notification as anybody can.
func post(w *stage.World, secret, body string) int {
	answer := httptest.NewRecorder()
	w.Set.Receiver.ServeHTTP(answer, httptest.NewRequestWithContext(context.Background(), http.MethodPost, notify.Prefix+secret, strings.NewReader(body)))
	return answer.Code
}

func TestAWeighInIsAnnouncedToItsProfileAlone(t *testing.T) {
	inAnnouncedWorld(t, simulator.Switches{}, func(w *stage.World) {
		for _, m := range w.Set.List() {
			if len(m.Announced()) < 4 {
				t.Errorf("of %s only %v are announced", m.State.Profile(), m.Announced())
			}
		}
		before := w.Series()
		_, err := w.Sim.AddGroup(w.ID("Anna"), simulator.Group{Date: w.Sim.Now().Unix(), Category: 1, Measures: []simulator.Measure{{Type: 1, Value: 70125, Unit: -3}}})
		w.Try(err)
		w.Pass(5 * time.Second)
		after := w.Series()
		more := func(series string) float64 { return after[series] - before[series] }
		if more("withings_notifications_total{category=1,profile=Anna}") != 1 || more("withings_notifications_total{category=1,profile=Ben}") != 0 {
			t.Errorf("counted %v for Anna, %v for Ben", more("withings_notifications_total{category=1,profile=Anna}"), more("withings_notifications_total{category=1,profile=Ben}"))
		}
		for _, reason := range notify.Refusals() {
			if n := after["withings_notifications_refused_total{reason="+reason+"}"]; n != 0 {
				t.Errorf("%v refused as %s", n, reason)
			}
		}
	})
}

func TestWhoIsInBedShowsAtOnceAndSurvivesARestart(t *testing.T) {
	inAnnouncedWorld(t, simulator.Switches{}, func(w *stage.World) {
		const inBed = "withings_in_bed{profile=Anna}"
		w.Try(w.Sim.GetInBed(w.ID("Anna"), w.Sim.Now()))
		w.Pass(5 * time.Second)
		if is, ok := w.Series()[inBed]; !ok || is != 1 {
			t.Errorf("in bed is %v, %t", is, ok)
		}
		w.Try(w.Sim.GetOutOfBed(w.ID("Anna"), w.Sim.Now()))
		w.Pass(5 * time.Second)
		if is, ok := w.Series()[inBed]; !ok || is != 0 {
			t.Errorf("out of bed is %v, %t", is, ok)
		}
		if _, ok := w.Series()["withings_in_bed{profile=Ben}"]; ok {
			t.Error("Ben is shown")
		}
		secret := secretOf(w, "Anna")
		for _, m := range w.Set.List() {
			w.Try(m.Save())
		}
		w.Start()
		defer w.Set.Halt()
		if is, ok := w.Series()[inBed]; !ok || is != 0 {
			t.Errorf("after a restart it is %v, %t", is, ok)
		}
		if code := post(w, string(secret), fmt.Sprintf("userid=%d&appli=50&date=%d", w.ID("Anna"), w.Sim.Now().Unix())); code != 200 || w.Series()[inBed] != 1 {
			t.Errorf("the address of before is answered %d, in bed is %v", code, w.Series()[inBed])
		}
	})
}

func TestForgedPostsChangeNothingAndAskNothing(t *testing.T) {
	inAnnouncedWorld(t, simulator.Switches{}, func(w *stage.World) {
		secret, user := string(secretOf(w, "Anna")), w.ID("Ben")
		before, asked, log := w.Series(), len(w.Sim.Requests()), w.Log.String()
		for i := range 20_000 {
			switch i % 5 {
			case 0:
				post(w, "", "userid=1&appli=1")
			case 1:
				post(w, secret[:42]+"_", fmt.Sprintf("userid=%d&appli=50&date=%d", user, w.Sim.Now().Unix()))
			case 2:
				post(w, fmt.Sprint(i), strings.Repeat("x", 5000))
			case 3:
				post(w, secret, fmt.Sprintf("userid=%d&appli=50&date=%d", user, w.Sim.Now().Unix()))
			case 4:
				post(w, secret, strings.Repeat("x", 5000))
			}
		}
		after := w.Series()
		for series, value := range after {
			if strings.HasPrefix(series, "withings_notifications_refused_total") {
				continue
			}
			if was, ok := before[series]; !ok || was != value {
				t.Errorf("%s was %v, is %v", series, was, value)
			}
		}
		if n := len(w.Sim.Requests()) - asked; n != 0 || w.Log.String() != log {
			t.Errorf("%d requests; logged %q", n, strings.TrimPrefix(w.Log.String(), log))
		}
		var refused float64
		for _, reason := range notify.Refusals() {
			refused += after["withings_notifications_refused_total{reason="+reason+"}"]
		}
		if refused != 20_000 {
			t.Errorf("%v are counted", refused)
		}
	})
}

func TestReloadKeepsTheAddressesOfThoseWhoStay(t *testing.T) {
	inAnnouncedWorld(t, simulator.Switches{}, func(w *stage.World) {
		annas, bens := string(secretOf(w, "Anna")), string(secretOf(w, "Ben"))
		body := func(name string) string { return fmt.Sprintf("userid=%d&appli=52", w.ID(name)) }
		post(w, bens, body("Ben"))
		next := w.Settings
		next.Profiles, next.ExternalURL, next.NotifyAddress = []string{"Anna"}, "https://other.example", "localhost:0"
		r := &reloader{manager: new(systemd.Manager), set: w.Set, settings: w.Settings, again: func() (command.Settings, error) { return next, nil }}
		w.Try(reloadOnce(r))
		w.Set.Halt()
		if code := post(w, annas, body("Anna")); code != http.StatusOK {
			t.Errorf("Anna's address is answered %d", code)
		}
		if code := post(w, bens, body("Ben")); code != http.StatusNotFound {
			t.Errorf("Ben's address is answered %d", code)
		}
		if _, ok := w.Series()["withings_notifications_total{category=52,profile=Ben}"]; ok {
			t.Error("what was counted of Ben is still shown")
		}
		if r.settings.ExternalURL != stage.DoorURL || r.settings.NotifyAddress != "" || !strings.Contains(w.Log.String(), "--web.external-url --notify.listen-address") {
			t.Errorf("settings %q, %q; log:\n%s", r.settings.ExternalURL, r.settings.NotifyAddress, w.Log)
		}
		notes, _, _ := w.Set.Remarks()
		stage.Says(t, "the page", strings.Join(notes, "\n"), `token of profile "Ben"`, "notifications that Withings still sends: withings-exporter auth --revoke Ben")
		list := len(w.Sim.Requests())
		upkeep(w)
		for _, q := range w.Sim.Requests()[list:] {
			if q.Service == "notify" && q.Action != "list" {
				t.Errorf("after the reload: %s", q.Action)
			}
		}
	})
}

// TestNoSecretAddressIsToldWhateverWithingsRepeats has Withings repeat what it was asked in the place of its answers, and knows
// every address that was sent.
func TestNoSecretAddressIsToldWhateverWithingsRepeats(t *testing.T) {
	envelope := func(status int, text string) string { return fmt.Sprintf(`{"status":%d,"error":%q}`, status, text) }
	for name, say := range testrun.FewOf(map[string]func(form string) (int, string){
		"as the refusal of the address": func(form string) (int, string) { return 200, envelope(293, form) },
		"as the refusal of a category":  func(form string) (int, string) { return 200, envelope(503, form) },
		"as an error":                   func(form string) (int, string) { return 200, envelope(2556, form) },
		"unescaped": func(form string) (int, string) {
			plain, _ := url.QueryUnescape(form)
			return 200, envelope(293, plain)
		},
		"as a page":     func(form string) (int, string) { return 500, "<html>" + form },
		"as a redirect": func(form string) (int, string) { return 302, form },
	}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stage.InBubbleOf(t, t.TempDir(), func(w *stage.World) {
				var mu sync.Mutex // guards secrets
				secrets := map[string]bool{}
				client := *w.Settings.HTTP
				client.Transport = &parrot{client.Transport, func(r *http.Request, form string) (int, string, bool) {
					values, _ := url.ParseQuery(form)
					if r.URL.Path != "/notify" || !values.Has("callbackurl") {
						return 0, "", false
					}
					mu.Lock()
					defer mu.Unlock()
					secrets[path.Base(values.Get("callbackurl"))] = true
					code, body := say(form)
					return code, body, true
				}}
				w.Settings.HTTP, w.Settings.ExternalURL = &client, stage.DoorURL
				w.Settings.Log = slog.New(slog.NewTextHandler(w.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
				w.Start()
				w.Pass(4 * time.Minute)
				w.Set.Halt()
				var out bytes.Buffer
				for _, m := range w.Set.List() {
					for range 5 {
						fmt.Fprintf(&out, "%v\n", m.Upkeep(context.Background()))
						w.Pass(time.Minute)
					}
				}
				fmt.Fprintf(&out, "%v\n", check.Check(context.Background(), w.Settings, &out, io.Discard))
				fmt.Fprintf(&out, "%s\n%+v\n%v", w.Log, pageOf(w), w.Series())
				mu.Lock()
				defer mu.Unlock()
				if len(secrets) != 3 {
					t.Fatalf("%d addresses were sent", len(secrets))
				}
				for secret := range secrets {
					for _, trace := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret))} {
						if i := strings.Index(out.String(), trace); i >= 0 {
							t.Fatalf("%q is told: …%s", trace, out.String()[max(i-300, 0):i+len(trace)])
						}
					}
				}
			})
		})
	}
}

func TestNotificationsAreTakenAtTheirOwnAddressAlone(t *testing.T) {
	for name, own := range map[string]string{"with the pages": "", "at their own address": "127.0.0.1:0"} {
		t.Run(name, func(t *testing.T) {
			s := stage.New(t)
			log := stage.NewTranscript()
			s.Settings.Log, s.Settings.Profiles = slog.New(slog.NewTextHandler(log, nil)), []string{"Anna"}
			s.Settings.ListenAddresses, s.Settings.TelemetryPath = []string{"127.0.0.1:0"}, "/metrics"
			s.Settings.ExternalURL, s.Settings.NotifyAddress = "https://home.example/withings", own
			if err := signin.SignIn(t.Context(), s.Settings); err != nil {
				t.Fatal(err)
			}
			dir, err := statedir.Open(s.Settings.StateDir)
			if err != nil {
				t.Fatal(err)
			}
			secret, _, err := notify.File{Dir: dir, Profile: "Anna", Now: time.Now}.Secret(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(t.Context())
			opened, ended, over := make(chan string, 1), make(chan error, 1), make(chan struct{})
			go func() {
				defer close(over)
				ended <- Serve(ctx, s.Settings, nil, func(addresses []string) { opened <- addresses[0] })
			}()
			pages := <-opened
			doorway := pages
			if own != "" {
				doorway = log.Await(t, regexp.MustCompile(`Listening for notifications" address=(\S+)`), over)
			}
			for _, c := range []struct {
				address, path string
				want          int
			}{
				{doorway, notify.Path(secret), http.StatusMethodNotAllowed}, // since it is GET
				{doorway, "/withings" + notify.Path(secret), http.StatusMethodNotAllowed},
				{doorway, notify.Prefix, http.StatusNotFound},
				{pages, "/metrics", http.StatusOK},
			} {
				if got, _ := stage.Get(t, "http://"+c.address+c.path); got != c.want {
					t.Errorf("%s is answered %d, want %d", strings.Replace(c.path, string(secret), "…", 1), got, c.want)
				}
			}
			if doorway != pages {
				if got, _ := stage.Get(t, "http://"+pages+notify.Path(secret)); got != http.StatusNotFound {
					t.Errorf("the address of the pages answers a notification with %d", got)
				}
				if got, _ := stage.Get(t, "http://"+doorway+"/metrics"); got != http.StatusNotFound {
					t.Errorf("the address for notifications answers a scrape with %d", got)
				}
			}
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
			if strings.Contains(log.String(), string(secret)) {
				t.Errorf("the secret is logged:\n%s", log)
			}
		})
	}
}
