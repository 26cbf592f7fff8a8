package daemon

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/web"
)

// slow is a Withings that takes its time.
type slow struct{ http.RoundTripper }

func (s slow) RoundTrip(q *http.Request) (*http.Response, error) {
	<-time.After(3 * time.Second)
	return s.RoundTripper.RoundTrip(q)
}

// inSlowWorld runs a test in a world that takes its time, in which polling has begun.
func inSlowWorld(t *testing.T, f func(w *stage.World)) {
	t.Helper()
	stage.InBubbleOf(t, t.TempDir(), func(w *stage.World) {
		w.Settings.HTTP = &http.Client{Transport: slow{w.Settings.HTTP.Transport}}
		w.Start()
		defer func() { w.Set.Halt() }()
		f(w)
	})
}

// saidUntilWell are the different headlines of a person, one second after the other, until the page says that all is well.
func saidUntilWell(t *testing.T, w *stage.World, name string) (said []string) {
	t.Helper()
	for range 3600 {
		card := cardOf(w, name)
		if strings.HasPrefix(card.Asked, "Every poll asks for everything") {
			t.Fatalf("of %s, whose devices synchronise, the page says %q", name, card.Asked)
		}
		for _, row := range card.Services {
			if exporter.Service(row.Name).Row().Current && strings.Contains(row.Note, "the past") {
				t.Fatalf("of %s, which has no past, the page says %q", row.Name, row.Note)
			}
		}
		for _, m := range w.Set.List() {
			for _, service := range exporter.Asked() {
				if m.State.Profile() == name && !m.State.Progress(service).Done && (card.State == web.StateOK || card.State == web.StateNoted) {
					t.Fatalf("%s is well although %s was not read in full", name, service)
				}
			}
		}
		switch {
		case card.State == web.StateOK:
			return said
		case card.State != web.StateWaiting:
			t.Fatalf("%s is %s: %+v", name, card.State, card.Causes)
		case !slices.Contains(said, card.Headline):
			said = append(said, card.Headline)
		}
		w.Pass(time.Second)
	}
	t.Fatalf("%s is not well after an hour: %s", name, said)
	return nil
}

// TestNobodyIsUpToDateBeforeEverythingWasRead goes through what begins with a reading: the first start, another one with
// what was saved, somebody new, somebody who is back.
func TestNobodyIsUpToDateBeforeEverythingWasRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stage.InBubbleOf(t, dir, func(w *stage.World) {
		w.Settings.HTTP = &http.Client{Transport: slow{w.Settings.HTTP.Transport}}
		w.Settings.Profiles = []string{"Anna"}
		w.Start()
		defer func() { w.Set.Halt() }()
		first := saidUntilWell(t, w, "Anna")
		n := len(exporter.Asked()) // of which devices and goals have no past
		for _, want := range []string{
			fmt.Sprintf("First reading under way: 0 of %d services are read up to now, and the past of 0 of %d.", n, n-2),
			fmt.Sprintf("First reading under way: %d of %d services are read up to now, and the past of 0 of %d.", n-1, n, n-2),
			fmt.Sprintf("First reading under way: %d of %d services are read up to now, and the past of 0 of %d.", n, n, n-2),
		} {
			if !slices.Contains(first, want) {
				t.Errorf("it says %q, never %q", first, want)
			}
		}
		if last := first[len(first)-1]; strings.Contains(last, "the past of 0 of ") {
			t.Errorf("the last that it says is %q", last)
		}
		w.Pass(time.Hour)
		w.Set.Halt()
		w.Pass(3 * time.Hour)
		w.Start()
		if said := saidUntilWell(t, w, "Anna"); len(said) == 0 || !strings.HasPrefix(said[0], "Known from before the restart: Withings was last asked 3 hours ago.") || len(cardOf(w, "Anna").Readings) == 0 {
			t.Errorf("after another start it says %q", said)
		}

		w.Set.Halt()
		w.Settings.Profiles = []string{"Anna", "Ben"}
		w.Try(w.Set.Load(w.Settings))
		if anna := cardOf(w, "Anna"); anna.State != web.StateOK {
			t.Errorf("after a reload Anna is %s: %s", anna.State, anna.Headline)
		}
		w.Start()
		if said := saidUntilWell(t, w, "Ben"); len(said) == 0 || !strings.HasPrefix(said[0], "First reading under way: 0 of 11 services are ") {
			t.Errorf("of somebody new it says %q", said)
		}
	})
}

// TestAReloadForgetsNothingOfWhenServicesAreAsked until the devices have been read again, which takes a while here.
func TestAReloadForgetsNothingOfWhenServicesAreAsked(t *testing.T) {
	t.Parallel()
	inSlowWorld(t, func(w *stage.World) {
		w.Pass(20 * time.Minute)
		before := cardOf(w, "Anna").Asked
		if !strings.HasPrefix(before, told) {
			t.Fatalf("at first it says %q", before)
		}
		w.Set.Halt()
		w.Try(w.Set.Load(w.Settings))
		w.Set.Start(context.Background(), w.Settings)
		for second := range 120 {
			w.Pass(time.Second)
			if got := cardOf(w, "Anna").Asked; !strings.HasPrefix(got, told) {
				t.Fatalf("%d seconds after a reload it says %q", second, got)
			}
		}
	})
}

// TestWhoIsBackIsReadBeforeAllIsWell has a token rejected, and another come hours later.
func TestWhoIsBackIsReadBeforeAllIsWell(t *testing.T) {
	t.Parallel()
	inSlowWorld(t, func(w *stage.World) {
		w.Pass(20 * time.Minute)
		w.Sim.Inject(simulator.Fault{UserID: w.ID("Ben"), Kind: simulator.FaultRefreshRefused})
		w.Pass(5 * time.Hour)
		if card := cardOf(w, "Ben"); card.State != web.StateAuthorize || card.Polling {
			t.Fatalf("without a token Ben is %s", card.State)
		}
		w.Sim.Clear()
		w.Allow("Ben", true, auth.Scopes...)
		w.Pass(6 * time.Second)
		if said := saidUntilWell(t, w, "Ben"); len(said) == 0 || !strings.HasPrefix(said[0], "Withings was last asked ") {
			t.Errorf("it says %q", said)
		}
	})
}
