package daemon

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/rude"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
)

// asWithings are notifications as they come: up to two minutes late, some of them
// twice, some in another order.
var asWithings = simulator.Notifications{Delay: 2 * time.Minute, Duplicate: 0.2, Reorder: true}

// weighIn puts a person on the scale, and returns what the weight must be.
func weighIn(w *stage.World, name string, grams int) float64 {
	w.T.Helper()
	_, err := w.Sim.AddGroup(w.ID(name), simulator.Group{Measures: []simulator.Measure{{Type: 1, Value: int64(grams), Unit: -3, Position: simulator.NoPosition}}})
	w.Try(err)
	return float64(grams)
}

// shownAfter waits until a weight is on /metrics, and returns how long that took; false
// if it takes longer than a time.
func shownAfter(w *stage.World, name string, grams float64, most time.Duration) (time.Duration, bool) {
	began := time.Now()
	for step := 250 * time.Millisecond; time.Since(began) <= most; w.Pass(step) {
		if w.Series()["withings_weight_grams{profile="+name+"}"] == grams {
			return time.Since(began), true
		}
		if step < most/2000 {
			step = most / 2000
		}
	}
	return 0, false
}

// toldAt is when the first notification of weights arrived after a time.
func toldAt(w *stage.World, user int64, after time.Time) time.Time {
	var first time.Time
	for _, d := range w.Sim.Deliveries() {
		if d.UserID == user && d.Category == 1 && d.Accepted() && !d.Time.Before(after) && (first.IsZero() || d.Time.Before(first)) {
			first = d.Time
		}
	}
	return first
}

// TestAWeighInIsShownTwoSecondsAfterItsNotification has everybody weigh themselves, at
// different hours, while life goes on.
func TestAWeighInIsShownTwoSecondsAfterItsNotification(t *testing.T) {
	stage.InWorldTold(t, 5*time.Minute, simulator.Switches{Notifications: asWithings}, func(w *stage.World) {
		w.Pass(10 * time.Minute)
		all, before := testrun.Scale(4, 40), 0 // before its notification, a poll or another notification may have it read
		for i := range all {
			name := []string{"Anna", "Ben", "Carla"}[i%3]
			began := w.Sim.Now()
			if _, ok := shownAfter(w, name, weighIn(w, name, 61_000+i), 4*time.Minute); !ok {
				t.Fatalf("weigh-in %d of %s is not shown", i, name)
			}
			switch told := toldAt(w, w.ID(name), began.Truncate(time.Second)); {
			case told.IsZero():
				before++
			case w.Sim.Now().Sub(told) > 2*time.Second:
				t.Errorf("weigh-in %d of %s is shown %s after its notification", i, name, w.Sim.Now().Sub(told))
			}
			w.Pass(37 * time.Minute)
		}
		if before > all/4 {
			t.Errorf("%d of %d weigh-ins are shown before their notifications, so these prove little", before, all)
		}
		for _, name := range []string{"Anna", "Ben", "Carla"} {
			if w.Series()["withings_notifications_active{profile="+name+"}"] != 1 {
				t.Errorf("notifications do not take the place of %s's polls", name)
			}
		}
	})
}

// TestAWeighInThatIsAnnouncedTooEarlyIsShownSoon: the notification comes before the data
// can be read.
func TestAWeighInThatIsAnnouncedTooEarlyIsShownSoon(t *testing.T) {
	for _, early := range []time.Duration{4 * time.Second, 45 * time.Second, 140 * time.Second} {
		t.Run(early.String(), func(t *testing.T) {
			stage.InWorldTold(t, 5*time.Minute, simulator.Switches{Notifications: simulator.Notifications{Early: early}}, func(w *stage.World) {
				w.Pass(10 * time.Minute)
				took, ok := shownAfter(w, "Ben", weighIn(w, "Ben", 77_777), 3*time.Minute)
				if !ok || took < early {
					t.Errorf("readable after %s, it is shown after %s (%v)", early, took, ok)
				}
			})
		})
	}
}

// TestWithAllNotificationsLostAWeighInIsShownWithinAnHour: the interval of the fallback.
// Then polls come as often as without notifications.
func TestWithAllNotificationsLostAWeighInIsShownWithinAnHour(t *testing.T) {
	testrun.Unraced(t, "thousands of looks at a page, which a few other tests have")
	stage.InWorldTold(t, 5*time.Minute, simulator.Switches{Notifications: simulator.Notifications{Lose: 1}}, func(w *stage.World) {
		w.Pass(time.Minute)
		took, ok := shownAfter(w, "Ben", weighIn(w, "Ben", 77_777), 63*time.Minute)
		if !ok || took < 10*time.Minute {
			t.Errorf("it is shown after %s (%v)", took, ok)
		}
		if card := cardOf(w, "Ben"); w.Series()["withings_notifications_active{profile=Ben}"] != 0 || !strings.Contains(strings.Join(card.Notes, " "), "none arrive") {
			t.Errorf("the page says %q", card.Notes)
		}
		w.Pass(10 * time.Minute)
		if took, ok := shownAfter(w, "Ben", weighIn(w, "Ben", 77_778), 6*time.Minute); !ok {
			t.Errorf("the next one is shown after %s (%v)", took, ok)
		}
	})
}

// TestBedEventsReachInfluxDBAfterAnOutage follows a night in which the database is away:
// the page shows who is in bed at once, and later the database has every event.
func TestBedEventsReachInfluxDBAfterAnOutage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stage.InBubbleOf(t, dir, func(w *stage.World) {
		db := rude.Pipe(w.T, rude.Influx2)
		line := &breakable{to: db.Client().Transport}
		w.Settings.Influx = command.Influx{URL: db.URL, Org: "home", Bucket: "health", Token: "t", HTTP: &http.Client{Transport: line}}
		w.Settings.ExternalURL, w.Settings.Profiles = stage.DoorURL, []string{"Anna"}
		w.Settings.PollInterval, w.Settings.Services = 30*time.Minute, []string{"goal", "presence"}
		w.Play()
		w.Start()
		defer func() { w.Set.Halt() }()
		w.Pass(10 * time.Minute)
		anna := w.ID("Anna")
		line.broken.Store(true)
		var want []string
		for i, move := range []struct {
			is    string
			tell  func(int64, time.Time) error
			after time.Duration
		}{{"1", w.Sim.GetInBed, 0}, {"0", w.Sim.GetOutOfBed, 3 * time.Hour}, {"1", w.Sim.GetInBed, 10 * time.Minute}, {"0", w.Sim.GetOutOfBed, 4 * time.Hour}} {
			w.Pass(move.after)
			at := w.Sim.Now().Truncate(time.Second)
			w.Try(move.tell(anna, at))
			w.Pass(5 * time.Second)
			if got := fmt.Sprint(w.Series()["withings_in_bed{profile=Anna}"]); got != move.is {
				w.T.Errorf("after event %d in bed is %s, want %s", i, got, move.is)
			}
			want = append(want, move.is+" "+at.UTC().Format(time.RFC3339))
			if i == 2 { // a restart while the database is away
				w.Set.Halt()
				w.Start()
				w.Pass(time.Minute)
			}
		}
		line.broken.Store(false)
		w.Pass(70 * time.Minute)
		var got []string
		for _, p := range db.Points() {
			if p.Measurement == "withings_sleep" && p.Field == "in_bed" {
				got = append(got, p.Value.RatString()+" "+p.Time.UTC().Format(time.RFC3339))
			}
		}
		slices.SortFunc(got, func(a, b string) int { return strings.Compare(a[2:], b[2:]) })
		if !slices.Equal(got, want) {
			w.T.Errorf("the database has\n%q\nwant\n%q", got, want)
		}
		w.Pass(36 * time.Hour)
		if is, shown := w.Series()["withings_in_bed{profile=Anna}"]; shown {
			w.T.Errorf("a day and a half later in bed is %v", is)
		}
	})
}

// breakable is a network that a test interrupts.
type breakable struct {
	to     http.RoundTripper
	broken atomic.Bool
}

func (b *breakable) RoundTrip(q *http.Request) (*http.Response, error) {
	if b.broken.Load() {
		return nil, errors.New("no route to host")
	}
	return b.to.RoundTrip(q)
}

// TestNotificationsSaveTwoOfThreeRequests compares the requests of ordinary days with and
// without notifications. Everything counts, also renewing tokens and keeping subscriptions.
func TestNotificationsSaveTwoOfThreeRequests(t *testing.T) {
	testrun.Unraced(t, "days of what the tests of polls and notifications have hours of")
	days := testrun.Scale(1, 3)
	perDay := func(w *stage.World) float64 {
		w.Pass(time.Hour)
		before := requests(w)
		w.Pass(time.Duration(days) * 24 * time.Hour)
		return (requests(w) - before) / float64(days)
	}
	switches := simulator.Switches{Notifications: asWithings}
	var polling, notified float64
	t.Run("both", func(t *testing.T) {
		t.Run("polling", func(t *testing.T) {
			stage.InWorldPolled(t, 5*time.Minute, switches, func(w *stage.World) { polling = perDay(w) })
		})
		t.Run("notified", func(t *testing.T) {
			stage.InWorldTold(t, 5*time.Minute, switches, func(w *stage.World) {
				notified = perDay(w)
				if log := w.Log.String(); strings.Contains(log, "none arrive") {
					t.Errorf("notifications are said to be missing:\n%s", log)
				}
			})
		})
	})
	t.Logf("three people in %d days: %.0f requests a day with polls alone, %.0f with notifications (%.1f %%)", days, polling, notified, 100*notified/polling)
	if 3*notified >= polling {
		t.Errorf("with notifications there are %.0f requests a day, without %.0f", notified, polling)
	}
}

// requests counts those to Withings.
func requests(w *stage.World) (n float64) {
	for name, value := range w.Series() {
		if strings.HasPrefix(name, "withings_api_requests_total{") {
			n += value
		}
	}
	return n
}

// TestAServiceWithoutADeviceIsSaidToBeAskedOnceADay: Ben has nothing that listens to a heart.
func TestAServiceWithoutADeviceIsSaidToBeAskedOnceADay(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		w.Pass(10 * time.Minute)
		var rare []string
		card := cardOf(w, "Ben")
		for _, row := range card.Services {
			if strings.Contains(row.Note, "once a day") {
				rare = append(rare, row.Name)
			}
		}
		if !slices.Contains(rare, "stetho") || slices.Contains(rare, "measure") || card.State != "ok" {
			t.Errorf("said to be asked once a day are %q, and Ben is %s", rare, card.State)
		}
	})
}
