package daemon

import (
	"context"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/web"
)

// TestThePageDrawsAMonthAndNamesEachCauseOnce compares the last point of a drawing with the gauge,
// and then has Withings be away.
func TestThePageDrawsAMonthAndNamesEachCauseOnce(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		weight := w.Series()["withings_weight_grams{profile=Anna}"]
		charted := map[string]bool{}
		for _, r := range cardOf(w, "Anna").Readings {
			if r.Chart == nil {
				continue
			}
			c := r.Chart()
			charted[r.Label] = c.Worth()
			if len(c.Days) != 30 {
				t.Errorf("%s: %d days, want 30", r.Label, len(c.Days))
			}
			for i := range c.Days {
				if d := c.Days[len(c.Days)-1-i]; d.Known && r.Label == "Weight" {
					if d.Value != weight {
						t.Errorf("the last weight drawn is %v, the gauge has %v", d.Value, weight)
					}
					break
				}
			}
		}
		for _, label := range []string{"Weight", "Blood pressure", "Sleep", "Steps today"} {
			if !charted[label] {
				t.Errorf("%s is not drawn", label)
			}
		}
		w.Set.Halt()
		w.Settings.HTTP = &http.Client{Transport: cutOff{}}
		w.Start()
		w.Pass(3 * time.Hour)
		card := cardOf(w, "Anna")
		if card.State != web.StateFailing || len(card.Causes) != 1 || !strings.Contains(card.Causes[0].Text, "no route to host") || card.Causes[0].Do == "" {
			t.Errorf("%s because of %+v, want one cause", card.State, card.Causes)
		}
	})
}

// TestTheEndOfAPermissionIsToldOnceWithWhatToDo: the person withdrew it in the Withings app.
func TestTheEndOfAPermissionIsToldOnceWithWhatToDo(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		w.Pass(10 * time.Minute)
		w.Sim.Inject(simulator.Fault{Kind: simulator.FaultRefreshRefused, UserID: w.ID("Anna")})
		w.Pass(4 * time.Hour) // a token lasts three
		card := cardOf(w, "Anna")
		if card.State != web.StateAuthorize || !strings.HasPrefix(card.Headline, "The permission has ended: ") || card.Command != "withings-exporter auth Anna" {
			t.Errorf("the page says %s, %q and offers %q", card.State, card.Headline, card.Command)
		}
		if notes := pageOf(w).Notes; len(notes) > 0 {
			t.Errorf("beside that it notes %q", notes)
		}
		log := w.Log.String()
		if n := strings.Count(log, "invalid refresh_token"); n != 1 || !strings.Contains(log, `msg="profile needs authorisation" profile=Anna err="the permission has ended: `) {
			t.Errorf("the log has it %d times:\n%s", n, log)
		}
	})
}

func TestAWithdrawnAuthorisationIsToldWithWhenAndBothWaysOn(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		w.Settings.Profiles, w.Settings.ConfigFile = []string{"Anna", "Ben"}, "withings.yaml"
		w.Try(w.Set.Load(w.Settings))
		w.Try(annasStore(w).Withdraw(context.Background()))
		at := w.Sim.Now()
		day := at.UTC().Format("2006-01-02")
		w.Pass(time.Minute)
		card := cardOf(w, "Anna")
		if since := card.Since.Sub(at).Abs(); since > time.Second {
			t.Errorf("began %s, withdrawn at %s", card.Since, at)
		}
		if card.State != web.StateAuthorize || !strings.HasPrefix(card.Headline, "Withdrawn on "+day) || card.Command != "withings-exporter auth Anna" ||
			!strings.Contains(card.Do, `remove "Anna" from the profiles in withings.yaml`) {
			t.Errorf("the page says %s, %q, %q and offers %q", card.State, card.Headline, card.Do, card.Command)
		}
		authorize(w, "Anna", "Anna", auth.Scopes...)
		w.Pass(time.Minute)
		if card := cardOf(w, "Anna"); card.State == web.StateAuthorize {
			t.Errorf("after she was authorised again, the page says %q", card.Headline)
		}
	})
}

// TestWhoMustSignInHasNoTimeOfAnEarlierOutage has services fail first, and the permission end after that.
func TestWhoMustSignInHasNoTimeOfAnEarlierOutage(t *testing.T) {
	now := time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)
	outage := exporter.Problem{Text: "no answer", Since: now.Add(-time.Hour)}
	is := exporter.Condition{Denied: "not authorised yet", Problems: map[exporter.Service]exporter.Problem{exporter.Measure: outage}}
	p := web.Profile{Since: outage.Since, Causes: []web.Cause{{Text: outage.Text}}}
	signIn(&p, is, time.Time{}, "", "")
	if !p.Since.IsZero() || len(p.Causes) > 0 {
		t.Errorf("without a known time it began %s, because of %+v", p.Since, p.Causes)
	}
	signIn(&p, is, now, "either way", "")
	if p.Since != now || p.Do != "either way" {
		t.Errorf("withdrawn at %s, it began %s; to do: %q", now, p.Since, p.Do)
	}
}

// TestADatabaseThatFailsIsNoFaultOfAnybody has it fail beside what else may be.
func TestADatabaseThatFailsIsNoFaultOfAnybody(t *testing.T) {
	began := time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)
	for _, all := range []bool{false, true} {
		is := exporter.Condition{Sink: &exporter.SinkStatus{Problem: exporter.Problem{Text: "connection refused", Since: began}, OfAll: all}}
		for _, state := range []web.State{web.StateOK, web.StateWaiting, web.StateFailing} {
			p := web.Profile{State: state}
			behind(&p, is, began.Add(time.Hour))
			if p.State != state || len(p.Causes) > 0 || len(p.Elsewhere) != 1 || p.Elsewhere[0].Text != "InfluxDB: connection refused." || p.ElsewhereSince != began {
				t.Errorf("%s becomes %+v", state, p)
			}
			if it := p.Elsewhere[0]; it.Polled == all || strings.Contains(it.Do, "every minute") != all {
				t.Errorf("of all: %t, and it is said to be tried again: %+v", all, it)
			}
		}
	}
}

// TestADatabaseThatIsBehindIsANote, which says that it catches up only while a poll is under way.
func TestADatabaseThatIsBehindIsANote(t *testing.T) {
	now := time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		behind   time.Time
		next     time.Time
		problems map[exporter.Service]exporter.Problem
		want     []string
	}{
		{want: nil},
		{behind: now.Add(-5 * time.Minute), want: []string{"InfluxDB is 5m behind and catching up."}},
		{behind: now.Add(-5 * time.Minute), next: now, want: []string{"InfluxDB is 5m behind and catching up."}},
		{behind: now.Add(-5 * time.Minute), next: now.Add(time.Minute), want: []string{"InfluxDB is 5m behind; the next poll writes what it lacks."}},
		{behind: now.Add(-5 * time.Minute), problems: map[exporter.Service]exporter.Problem{exporter.Sleep: {Text: "Withings is away"}}, want: []string{"InfluxDB is 5m behind."}},
	} {
		p := web.Profile{State: web.StateOK}
		behind(&p, exporter.Condition{NextPoll: c.next, Problems: c.problems, Sink: &exporter.SinkStatus{Behind: c.behind}}, now)
		if !slices.Equal(p.Notes, c.want) || p.State != web.StateOK || len(p.Elsewhere) > 0 {
			t.Errorf("since %v, %v: it is %+v, want notes %q", c.behind, c.problems, p, c.want)
		}
	}
}

// TestTheRowOfADatabaseGivesNoReadings and leaves its error, which is told at the top, to that.
func TestTheRowOfADatabaseGivesNoReadings(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		began := w.Settings.Now()
		p := web.Profile{Name: "Anna"}
		detail(&p, w.Set.List()[0], exporter.Condition{Sink: &exporter.SinkStatus{Safe: began, Problem: exporter.Problem{Text: "away", Since: began.Add(time.Minute)}}}, began.Add(time.Hour))
		want := web.Service{Name: "InfluxDB", LastSuccess: began, Err: "away", Told: true, FailingSince: began.Add(time.Minute), Sink: true}
		if got := p.Services[len(p.Services)-1]; got != want {
			t.Errorf("it is %+v, want %+v", got, want)
		}
	})
}

// TestAfterAnOutageThePageDoesNotSayThatWithingsIsAway has Anna wait for her turn while the others are answered.
func TestAfterAnOutageThePageDoesNotSayThatWithingsIsAway(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		network := &switched{up: w.Settings.HTTP.Transport, down: true}
		w.Set.Halt()
		w.Settings.HTTP = &http.Client{Transport: network}
		w.Start()
		w.Pass(5 * time.Hour) // the tokens have ended, too
		page := pageOf(w)
		for _, card := range page.Profiles {
			if card.State != web.StateFailing || len(card.Causes) != 1 || card.Causes[0].Do != everyMinute || !strings.Contains(card.Waits, "tried every minute") {
				t.Errorf("%s is %s because of %+v, and waits %q", card.Name, card.State, card.Causes, card.Waits)
			}
		}
		if len(page.Notes) > 0 {
			t.Errorf("the page notes %q, want the cause alone", page.Notes)
		}
		if got := strings.Count(w.Log.String(), "level=WARN"); got != 1 {
			t.Errorf("%d warnings, want one: %s", got, w.Log)
		}
		network.back()
		w.Pass(70 * time.Second)
		for _, card := range pageOf(w).Profiles {
			if card.State == web.StateFailing || card.Waits != "" {
				t.Errorf("a minute later %s is %s because of %+v, and waits %q", card.Name, card.State, card.Causes, card.Waits)
			}
		}
		w.Pass(time.Minute)
		for _, card := range pageOf(w).Profiles {
			if card.State != web.StateOK {
				t.Errorf("two minutes later %s is %s: %s", card.Name, card.State, card.Headline)
			}
		}
		if got := strings.Count(w.Log.String(), "Withings can be reached again"); got != 1 {
			t.Errorf("%d lines say that it is over, want one: %s", got, w.Log)
		}
	})
}

// TestAnOutageIsOverThoughTheFirstAnswerRejectsTheToken of the only person: the line that it is over does not wait for a sign-in.
func TestAnOutageIsOverThoughTheFirstAnswerRejectsTheToken(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		network := &switched{up: w.Settings.HTTP.Transport, down: true}
		w.Set.Halt()
		w.Settings.HTTP, w.Settings.Profiles = &http.Client{Transport: network}, []string{"Anna"}
		w.Start()
		w.Sim.Inject(simulator.Fault{Kind: simulator.FaultRefreshRefused, UserID: w.ID("Anna")})
		w.Pass(5 * time.Hour)
		network.back()
		w.Pass(2 * time.Minute)
		log := w.Log.String()
		began, over := strings.Count(log, "Withings cannot be reached"), strings.Count(log, `"Withings can be reached again" profiles=1`)
		if began != 1 || over != 1 || !strings.Contains(log, `msg="profile needs authorisation" profile=Anna`) {
			t.Errorf("%d lines say that it begins, %d that it is over: %s", began, over, log)
		}
	})
}

// switched is a network that can be down.
type switched struct {
	up   http.RoundTripper
	mu   sync.Mutex // guards down
	down bool
}

func (s *switched) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return cutOff{}.RoundTrip(r)
	}
	return s.up.RoundTrip(r)
}

// back ends the outage.
func (s *switched) back() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = false
}

func TestATokenFileOfANewerVersionAsksForAnUpgradeAndNobodyToSignIn(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		path := w.Set.Dir.File("Anna", "token")
		w.Try(os.WriteFile(path, []byte(`{"version":99,"profile":"Anna"}`), 0o600))
		w.Pass(time.Minute)
		card := cardOf(w, "Anna")
		if card.State != web.StateFailing || card.Command != "" || !strings.Contains(card.Do, "upgrade withings-exporter") {
			t.Errorf("the page says %s, %q, %q and offers %q, want an upgrade", card.State, card.Headline, card.Do, card.Command)
		}
		if got := w.Series()["withings_authorized{profile=Anna}"]; got != 0 {
			t.Errorf("withings_authorized is %v with a file that cannot be read, want 0", got)
		}
		if data, err := os.ReadFile(path); err != nil || !strings.Contains(string(data), "99") {
			t.Errorf("the file holds %q, %v, want it left alone", data, err)
		}
	})
}

func TestANameInOtherCaseIsNotSentToSignIn(t *testing.T) {
	headline, do, run := refusal("anna", `not authorised, but "Anna" is, which differs only in letter case; write "Anna" in the profiles in withings.yaml`, "")
	if headline != `Not authorised, but "Anna" is, which differs only in letter case.` || do != `Write "Anna" in the profiles in withings.yaml.` || run != "" {
		t.Errorf("it says %q, %q, and to run %q", headline, do, run)
	}
}
