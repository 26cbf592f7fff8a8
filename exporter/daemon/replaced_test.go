package daemon

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/web"
)

// authorize has a person authorise a profile for some scopes.
func authorize(w *stage.World, profile, person string, scopes ...string) {
	w.T.Helper()
	ctx, s := context.Background(), w.Settings
	app := &auth.App{ClientID: s.ClientID, ClientSecret: s.ClientSecret, RedirectURL: s.RedirectURL, AccountURL: s.AccountURL, APIURL: s.APIURL, Now: s.Now, HTTPClient: s.HTTP}
	address := strings.Replace(app.AuthCodeURL("x"), url.QueryEscape(strings.Join(auth.Scopes, ",")), url.QueryEscape(strings.Join(scopes, ",")), 1)
	back, err := simulator.Consent(ctx, s.HTTP, address, person)
	w.Try(err)
	token, err := app.Exchange(ctx, back.Query().Get("code"))
	w.Try(err)
	w.Try(auth.NewStore(w.Set.Dir, profile, s.ClientID, s.Now).Save(ctx, token))
}

// TestAnotherPersonIsReadAtOnceAlsoWhilePollsAreRare: the readings of the one before are gone, so the next hourly poll is too late.
func TestAnotherPersonIsReadAtOnceAlsoWhilePollsAreRare(t *testing.T) {
	stage.InWorldTold(t, 5*time.Minute, simulator.Switches{}, func(w *stage.World) {
		w.Pass(10 * time.Minute)
		const weight = "withings_weight_grams{profile="
		before, old := w.Series(), string(secretOf(w, "Anna"))
		if before["withings_notifications_active{profile=Anna}"] != 1 || before[weight+"Anna}"] == before[weight+"Ben}"] {
			t.Fatal("the test needs two people with different weights")
		}
		authorize(w, "Anna", "Ben", auth.Scopes...)
		w.Pass(2 * time.Minute)
		after := w.Series()
		if after[weight+"Anna}"] != before[weight+"Ben}"] {
			t.Errorf("the weight is %v, want %v", after[weight+"Anna}"], before[weight+"Ben}"])
		}
		if after["withings_notifications_active{profile=Anna}"] != 1 {
			t.Error("the news of the other person are not announced")
		}
		if code := post(w, old, fmt.Sprintf("userid=%d&appli=50&date=%d", w.ID("Anna"), w.Sim.Now().Unix())); code != http.StatusNotFound {
			t.Errorf("the address of the person before is answered %d", code)
		}
		if _, ok := w.Series()["withings_in_bed{profile=Anna}"]; ok {
			t.Error("the person before is in bed")
		}
		if got := w.Log.String(); strings.Count(got, "InfluxDB keep the readings of the person before") != 1 {
			t.Errorf("that the databases keep the person before is not logged once:\n%s", got)
		}
	})
}

// TestAnotherPersonInTheMiddleOfAPollIsNoFailure: somebody signed in as the wrong one, and is corrected during the first reading.
func TestAnotherPersonInTheMiddleOfAPollIsNoFailure(t *testing.T) {
	t.Parallel()
	inSlowWorld(t, func(w *stage.World) {
		w.Pass(20 * time.Second)
		authorize(w, "Anna", "Ben", auth.Scopes...)
		for second := range 60 {
			w.Pass(time.Second)
			if card := cardOf(w, "Anna"); card.State == web.StateFailing {
				t.Fatalf("%d seconds after the other has signed in the page says %+v", second+1, card.Causes)
			}
		}
		saidUntilWell(t, w, "Anna")
		const weight = "withings_weight_grams{profile="
		if is := w.Series(); is[weight+"Anna}"] != is[weight+"Ben}"] {
			t.Errorf("the weight is %v, want %v", is[weight+"Anna}"], is[weight+"Ben}"])
		}
		if log := w.Log.String(); strings.Contains(log, "service failed") || strings.Count(log, "profile authorised for another person") != 1 {
			t.Errorf("the log has a failure, or not once that another person is read:\n%s", log)
		}
	})
}

// TestWhatIsAllowedLaterIsReadAtOnceAlsoWhilePollsAreRare: the person who allows it looks whether it works.
func TestWhatIsAllowedLaterIsReadAtOnceAlsoWhilePollsAreRare(t *testing.T) {
	stage.InWorldTold(t, 5*time.Minute, simulator.Switches{}, func(w *stage.World) {
		w.Pass(10 * time.Minute)
		authorize(w, "Anna", "Anna", "user.info", "user.metrics")
		w.Pass(10 * time.Minute)
		authorize(w, "Anna", "Anna", auth.Scopes...)
		asked := len(w.Sim.Requests())
		w.Pass(2 * time.Minute)
		found := map[string]bool{}
		for _, q := range w.Sim.Requests()[asked:] {
			found[q.Action] = found[q.Action] || q.UserID == w.ID("Anna")
		}
		if !found["getactivity"] || !found["getsummary"] {
			t.Errorf("in two minutes Withings was asked for %v", found)
		}
	})
}

// TestSubscriptionsThatWentWithTheTokenAreMadeAgainWithTheNextOne: Withings ends them when the person ends the authorisation.
func TestSubscriptionsThatWentWithTheTokenAreMadeAgainWithTheNextOne(t *testing.T) {
	stage.InWorldTold(t, 5*time.Minute, simulator.Switches{}, func(w *stage.World) {
		w.Pass(10 * time.Minute)
		w.Try(annasStore(w).Withdraw(context.Background()))
		w.Pass(time.Minute)
		asked := len(w.Sim.Requests())
		authorize(w, "Anna", "Anna", auth.Scopes...)
		w.Pass(2 * time.Minute)
		listed := false
		for _, q := range w.Sim.Requests()[asked:] {
			listed = listed || q.Action == "list" && q.Service == "notify" && q.UserID == w.ID("Anna")
		}
		if !listed {
			t.Error("nobody has looked at the subscriptions")
		}
	})
}
