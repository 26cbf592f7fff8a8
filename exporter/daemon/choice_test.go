package daemon

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/command/check"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/systemd"
	"withings-exporter/exporter/testrun"
	"withings-exporter/exporter/web"
)

// pageOf is the status page with everybody in full.
func pageOf(w *stage.World) web.Status {
	page := Page(w.Set, w.Sim.Now(), w.Sim.Now())
	for i := range page.Profiles {
		page.Profiles[i].Fill(&page.Profiles[i], true)
	}
	return page
}

// cardOf is a person's part of the status page.
func cardOf(w *stage.World, name string) web.Profile {
	for _, p := range pageOf(w).Profiles {
		if p.Name == name {
			return p
		}
	}
	w.T.Fatalf("no card of %s", name)
	return web.Profile{}
}

// shownServices are the services that have a last success.
func shownServices(w *stage.World, profile string) []string {
	var all []string
	for name := range w.Series() {
		if rest, ok := strings.CutPrefix(name, "withings_last_success_timestamp_seconds{profile="+profile+",service="); ok {
			all = append(all, strings.TrimSuffix(rest, "}"))
		}
	}
	slices.Sort(all)
	return all
}

func TestWhatWasNotAllowedIsNotAskedAndDoesNotCount(t *testing.T) {
	for _, c := range testrun.Few([]struct {
		name     string
		known    bool
		switches simulator.Switches
	}{
		{"the token tells", true, simulator.Switches{}},
		{"the token does not tell, HTTP 403 does", false, simulator.Switches{Order: simulator.OldestFirst}},
		{"the token does not tell, status 277 does", false, simulator.Switches{MissingScope: simulator.ScopeStatus277}},
		{"the token does not tell, status 214 does", false, simulator.Switches{MissingScope: simulator.ScopeStatus214}},
		{"the token does not tell, status 2553 does", false, simulator.Switches{MissingScope: simulator.ScopeStatus2553}},
	}) {
		t.Run(c.name, func(t *testing.T) {
			stage.InWorldPolled(t, 20*time.Minute, c.switches, func(w *stage.World) {
				w.Allow("Anna", c.known, "user.metrics", "user.info")
				w.Pass(time.Hour)
				shown := w.Series()
				if shown["withings_up{profile=Anna}"] != 1 || shown["withings_authorized{profile=Anna}"] != 1 || shown["withings_up{profile=Ben}"] != 1 {
					t.Errorf("Anna is up %v, authorised %v", shown["withings_up{profile=Anna}"], shown["withings_authorized{profile=Anna}"])
				}
				if got, want := shownServices(w, "Anna"), []string{"device", "goal", "heart", "measure", "objective", "stetho"}; !slices.Equal(got, want) {
					t.Errorf("a last success is shown of %q, want %q", got, want)
				}
				if left := unreadOf(w, "Anna", "activity", "sleep", "workout", "intraday", "night"); len(left) > 0 {
					t.Errorf("of what Anna no longer allows is shown %q", left)
				}
				card := cardOf(w, "Anna")
				if card.State != web.StateOK || card.NotAllowed != "activity, sleep, workout, intraday, night" || card.Headline != "Everything that is allowed is up to date." || len(card.Services) != 6 {
					t.Errorf("the page shows %+v", card)
				}
				if n := strings.Count(w.Log.String(), "some services are not allowed"); n != 1 {
					t.Errorf("that some are not allowed is logged %d times", n)
				}
				if asked := shown["withings_api_requests_total{service=sleep,status=http_403}"]; c.known && asked > 0 {
					t.Errorf("sleep was asked %v times", asked)
				}
				w.Allow("Anna", c.known, auth.Scopes...)
				w.Pass(time.Hour)
				if card := cardOf(w, "Anna"); card.NotAllowed != "" || len(card.Services) != len(exporter.Asked()) || w.Series()["withings_up{profile=Anna}"] != 1 {
					t.Errorf("once everything is allowed the page shows %+v", card)
				}
				fresh(w, "Anna", time.Hour)
			})
		})
	}
}

// unreadOf are the series of a profile that are readings of some services.
func unreadOf(w *stage.World, profile string, services ...exporter.Service) (all []string) {
	for name := range w.Series() {
		metric, labels, _ := strings.Cut(strings.TrimPrefix(name, "withings_"), "{")
		if _, of, is := strings.Cut(labels, "metric="); is && metric == "measured_timestamp_seconds" {
			metric, _, _ = strings.Cut(strings.TrimSuffix(of, "}"), ",")
		}
		row := exporter.ByName(metric)
		if row != nil && slices.Contains(services, row.Service) && strings.Contains(name, "profile="+profile) {
			all = append(all, name)
		}
	}
	return all
}

// TestWhatNobodyReadsAnyMoreIsNotShown has --services name fewer of them, by a reload, after a restart and for somebody who must
// sign in. The rest is shown again, without asking Withings, as soon as it is to be read.
func TestWhatNobodyReadsAnyMoreIsNotShown(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		all := w.Settings
		r := &reloader{manager: new(systemd.Manager), set: w.Set, settings: w.Settings, again: func() (command.Settings, error) { return w.Settings, nil }}
		others := slices.DeleteFunc(exporter.Services(), func(s exporter.Service) bool { return s == exporter.Measure })
		before := w.Series()
		little := func(when string) {
			t.Helper()
			if left := unreadOf(w, "Anna", others...); len(left) > 0 || len(unreadOf(w, "Anna", exporter.Measure)) == 0 {
				t.Errorf("%s, %d series of other services are shown: %q", when, len(left), left)
			}
			card := cardOf(w, "Anna")
			if slices.ContainsFunc(card.Readings, func(r web.Reading) bool { return r.Label == "Steps today" || r.Label == "Sleep" || r.Label == "ECG" }) || len(card.Readings) == 0 {
				t.Errorf("%s, the page shows %+v", when, card.Readings)
			}
			if len(card.Services) != 1 || card.Services[0].Name != "measure" || !card.Newest.Equal(card.Services[0].Newest) {
				t.Errorf("%s, the page tells of %+v, the newest of %v", when, card.Services, card.Newest)
			}
		}
		w.Settings.Services = []string{"measure"}
		w.Try(reloadOnce(r))
		little("after a reload")
		w.Pass(time.Hour)
		little("after an hour")
		w.Set.Halt()
		w.Settings.HTTP = &http.Client{Transport: cutOff{}}
		w.Start()
		little("after a restart")
		w.Set.Halt()
		w.Settings.ClientID = "other-client" // of which nobody has a token
		w.Start()
		little("without a valid token")
		w.Set.Halt()
		w.Settings = all
		w.Settings.HTTP = &http.Client{Transport: cutOff{}}
		w.Start()
		known(w, "Anna", before)
	})
}

func TestATokenForNothingOfWhatIsChosenNeedsAPerson(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stage.InBubbleOf(t, dir, func(w *stage.World) {
		w.Settings.Services = []string{"sleep", "activity"}
		w.Allow("Anna", true, "user.info")
		w.Start()
		defer w.Set.Halt()
		w.Pass(4 * time.Minute)
		shown := w.Series()
		if shown["withings_authorized{profile=Anna}"] != 0 || shown["withings_up{profile=Anna}"] != 0 {
			t.Error("Anna counts as authorised or up")
		}
		if card := cardOf(w, "Anna"); card.State != web.StateAuthorize || card.Headline != "None of the chosen services is allowed (sleep, activity)." || card.Command != "withings-exporter auth Anna" || card.Do != "" {
			t.Errorf("the page shows %+v", card)
		}
		if got, want := shownServices(w, "Ben"), []string{"activity", "sleep"}; !slices.Equal(got, want) || shown["withings_up{profile=Ben}"] != 1 {
			t.Errorf("of Ben a last success is shown of %q, want %q", got, want)
		}
	})
}

func TestWithingsThatHangsShowsWithinTwoMinutes(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		next := cardOf(w, "Anna").NextPoll
		w.Pass(next.Sub(w.Sim.Now()) - time.Second)
		w.Sim.Inject(simulator.Fault{Kind: simulator.FaultHang})
		w.Pass(2 * time.Minute)
		if got := w.Series()["withings_up{profile=Anna}"]; got != 0 {
			t.Errorf("two minutes after the poll began to hang, up is %v", got)
		}
		w.Pass(time.Minute)
		if card := cardOf(w, "Anna"); !card.NextPoll.After(w.Sim.Now()) {
			t.Errorf("the poll has not ended after three minutes: next is %s, now is %s", card.NextPoll, w.Sim.Now())
		}
		w.Sim.Clear()
		w.Pass(time.Hour)
		fresh(w, "Anna", time.Hour)
		complains(w, "Anna", true, "")
	})
}

// parrot repeats what it was asked, as an error of the API, in the place of some
// answers.
type parrot struct {
	next  http.RoundTripper
	parts func(r *http.Request, form string) (code int, body string, ok bool)
}

func (p *parrot) RoundTrip(r *http.Request) (*http.Response, error) {
	var form []byte
	if r.Body != nil {
		var err error
		if form, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(form))
	}
	code, body, ok := p.parts(r, string(form))
	if !ok {
		return p.next.RoundTrip(r)
	}
	return &http.Response{StatusCode: code, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Location": {"https://login.example/?" + body}}, Body: io.NopCloser(strings.NewReader(body))}, nil
}

func TestNoEchoOfASecretReachesLogPageMetricsOrCheck(t *testing.T) {
	envelope := func(text string) string { return fmt.Sprintf(`{"status":2556,"error":%q}`, text) }
	for name, say := range testrun.FewOf(map[string]func(header, form string) (int, string){
		"as an error": func(header, form string) (int, string) { return 200, envelope(header + " " + form) },
		"in base64": func(header, _ string) (int, string) {
			return 200, envelope(base64.StdEncoding.EncodeToString([]byte(header)))
		},
		"escaped":             func(header, form string) (int, string) { return 200, envelope(url.QueryEscape(header + form)) },
		"without its scheme":  func(header, _ string) (int, string) { return 200, envelope(strings.TrimPrefix(header, "Bearer ")) },
		"as a refusal":        func(header, _ string) (int, string) { return 200, `{"status":401,"error":"` + header + `"}` },
		"as a page":           func(header, form string) (int, string) { return 500, "<html>" + header + form },
		"as a redirect":       func(header, form string) (int, string) { return 302, header + form },
		"where JSON is wrong": func(header, form string) (int, string) { return 200, `{"status":"` + header + form },
	}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stage.InBubbleOf(t, t.TempDir(), func(w *stage.World) {
				var mu sync.Mutex // guards what follows
				repeats := false
				secrets := map[string]bool{w.Settings.ClientSecret: true}
				client := *w.Settings.HTTP
				client.Transport = &parrot{client.Transport, func(r *http.Request, form string) (int, string, bool) {
					mu.Lock()
					defer mu.Unlock()
					header := r.Header.Get("Authorization")
					if token, ok := strings.CutPrefix(header, "Bearer "); ok {
						secrets[token] = true
					}
					values, _ := url.ParseQuery(form)
					for _, field := range []string{"refresh_token", "client_secret"} {
						if value := values.Get(field); value != "" {
							secrets[value] = true
						}
					}
					code, body := say(header, form)
					return code, body, repeats
				}}
				w.Settings.HTTP = &client
				w.Start()
				defer w.Set.Halt()
				w.Pass(4 * time.Minute)
				mu.Lock()
				repeats = true
				mu.Unlock()
				w.Pass(4 * time.Hour) // so that tokens are renewed too
				var out bytes.Buffer
				err := check.Check(context.Background(), w.Settings, &out, io.Discard)
				if err == nil {
					t.Error("check finds nothing wrong")
				}
				if errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
				fmt.Fprintf(&out, "%v\n%s\n%+v\n%v", err, w.Log, pageOf(w), w.Series())
				mu.Lock()
				defer mu.Unlock()
				if len(secrets) < 3 {
					t.Fatalf("only %d secrets were sent", len(secrets))
				}
				for secret := range secrets {
					for _, trace := range []string{secret, url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)),
						base64.StdEncoding.EncodeToString([]byte("Bearer " + secret))} {
						if i := strings.Index(out.String(), trace); i >= 0 {
							t.Fatalf("%q is told: …%s", trace, out.String()[max(i-300, 0):i+len(trace)])
						}
					}
				}
			})
		})
	}
}
