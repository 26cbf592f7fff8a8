package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/simulator"
)

func TestSigningInStoresATokenThatWorksAndTellsWhatWasFound(t *testing.T) {
	s := newStage(t)
	a, page, err := s.authorize("Anna", "Anna", false)
	if err != nil {
		t.Fatal(err)
	}
	user := fmt.Sprint(s.person("Anna").ID)
	says(t, "page", page, "Authorised", "“Anna”", user, "You can close this window")
	says(t, "output", a.out.String(), `Profile "Anna" is authorised: Withings user `+user, "Body Scan", " kg, measured ", " ago",
		s.store("Anna").Path(), "What now: start `withings-exporter serve`")
	s.works("Anna")
	for _, line := range strings.Split(a.out.String()+a.err.String(), "\n") {
		if len([]rune(line)) > columns && !strings.Contains(line, "/") { // addresses and paths stay whole
			t.Errorf("line of more than %d columns: %s", columns, line)
		}
	}
}

func TestSigningInAgainReplacesTheToken(t *testing.T) {
	s := newStage(t)
	s.mustAuthorize("Anna", "Anna")
	before := s.content("Anna")
	s.mustAuthorize("Anna", "Anna")
	if s.content("Anna") == before {
		t.Error("the token is still the old one")
	}
	s.works("Anna")
}

func TestBrowserIsWaitedForWhereTheRedirectURLPoints(t *testing.T) {
	s := newStage(t)
	s.settings.RedirectURL = fmt.Sprintf("http://127.0.0.1:%d/here", freePort(t))
	a := s.begin(t.Context(), AuthorizeOptions{Profile: "Ben", NoBrowser: true}, nil)
	if status, page := get(t, a.allow("Ben").String()); status != http.StatusOK || !strings.Contains(page, "Authorised") {
		t.Errorf("got status %d and\n%s", status, page)
	}
	if err := a.wait(); err != nil {
		t.Fatal(err)
	}
}

func TestMissingBrowserDoesNotKeepFromSigningIn(t *testing.T) {
	s := newStage(t)
	t.Setenv("PATH", t.TempDir())
	a := s.begin(t.Context(), AuthorizeOptions{Profile: "Anna", Listen: anywhere}, nil)
	get(t, a.back(a.allow("Anna")))
	if err := a.wait(); err != nil {
		t.Fatal(err)
	}
}

func TestWrongStateIsTurnedAwayAndTheRightOneStillWaitedFor(t *testing.T) {
	s := newStage(t)
	a := s.begin(t.Context(), AuthorizeOptions{Profile: "Anna", NoBrowser: true, Listen: anywhere}, nil)
	back := a.allow("Anna")
	good := a.back(back)
	query := back.Query()
	for _, state := range []string{"", "guessed", query.Get("state") + "x", query.Get("state")[1:]} {
		forged := *back
		bad := query
		bad.Set("state", state)
		bad.Set("code", "0123456789abcdef0123456789abcdef01234567")
		forged.RawQuery = bad.Encode()
		if status, page := get(t, a.back(&forged)); status != http.StatusBadRequest || !strings.Contains(page, "another sign-in") {
			t.Errorf("state %q: got status %d and\n%s", state, status, page)
		}
	}
	if got := s.sim.Count("requesttoken", 0, simulator.AnyStatus); got != 0 {
		t.Errorf("%d codes were exchanged, want none", got)
	}
	if status, _ := get(t, good); status != http.StatusOK {
		t.Errorf("got status %d for the right state", status)
	}
	if err := a.wait(); err != nil {
		t.Fatal(err)
	}
	says(t, "log", s.log.String(), "wrong state", "profile=Anna")
}

func TestSecondVisitIsShownTheSameAndExchangesNothing(t *testing.T) {
	s := newStage(t)
	a := s.begin(t.Context(), AuthorizeOptions{Profile: "Anna", NoBrowser: true, Listen: anywhere}, nil)
	s.sim.Inject(simulator.Fault{Kind: simulator.FaultHang, Action: "getdevice", Times: 1}) // the first look at the data takes its time
	back := a.back(a.allow("Anna"))
	_, first := get(t, back)
	status, second := get(t, back)
	if status != http.StatusOK || first != second {
		t.Errorf("second visit: status %d, page\n%s\nwant\n%s", status, second, first)
	}
	if got := s.sim.Count("requesttoken", 0, simulator.AnyStatus); got != 1 {
		t.Errorf("%d exchanges, want 1", got)
	}
}

func TestRefusalAtWithingsChangesNothingAndIsNamed(t *testing.T) {
	s := newStage(t)
	s.mustAuthorize("Anna", "Anna")
	before := s.content("Anna")
	a := s.begin(t.Context(), AuthorizeOptions{Profile: "Anna", NoBrowser: true, Listen: anywhere}, nil)
	back, err := simulator.Deny(t.Context(), http.DefaultClient, a.address())
	if err != nil {
		t.Fatal(err)
	}
	_, page := get(t, a.back(back))
	says(t, "page", page, "Access was not allowed", "“Anna”", "withings-exporter auth Anna")
	says(t, "error", fmt.Sprint(a.wait()), `profile "Anna"`, "denied on Withings' page", "choose Allow")
	if s.content("Anna") != before {
		t.Error("the token that was there is changed")
	}
}

func TestSigningInEndsByItselfAndSaysWhatToCheck(t *testing.T) {
	s := newStage(t)
	_, err := s.run(AuthorizeOptions{Profile: "Anna", NoBrowser: true, Listen: anywhere, Timeout: time.Millisecond}, nil)
	says(t, "error", fmt.Sprint(err), "nobody came back", "1ms", "check the client id", s.settings.RedirectURL)
}

func TestInterruptEndsSigningInAsInterrupt(t *testing.T) {
	for _, o := range []AuthorizeOptions{{Listen: anywhere, NoBrowser: true}, {Paste: true}} {
		s := newStage(t)
		ctx, cancel := context.WithCancel(t.Context())
		o.Profile = "Anna"
		in, hold, err := os.Pipe() // nobody types
		if err != nil {
			t.Fatal(err)
		}
		a := s.begin(ctx, o, in)
		a.address()
		cancel()
		if err := a.wait(); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v, which exits with 130", err, context.Canceled)
		}
		if err := errors.Join(hold.Close(), in.Close()); err != nil {
			t.Error(err)
		}
	}
}

func TestListenerIsGoneAfterwards(t *testing.T) {
	s := newStage(t)
	a := s.begin(t.Context(), AuthorizeOptions{Profile: "Anna", NoBrowser: true, Listen: anywhere}, nil)
	back := a.back(a.allow("Anna"))
	get(t, back)
	if err := a.wait(); err != nil {
		t.Fatal(err)
	}
	if answer, err := http.Get(back); err == nil {
		answer.Body.Close()
		t.Error("it still answers")
	}
}

func TestAuthorisedWithoutSomeScopesIsTold(t *testing.T) {
	s := newStage(t)
	a := s.begin(t.Context(), AuthorizeOptions{Profile: "Anna", NoBrowser: true, Listen: anywhere}, nil)
	address := strings.Replace(a.address(), "user.activity%2C", "", 1)
	back, err := simulator.Consent(t.Context(), http.DefaultClient, address, "Anna")
	if err != nil {
		t.Fatal(err)
	}
	get(t, a.back(back))
	if err := a.wait(); err != nil {
		t.Fatal(err)
	}
	says(t, "output", a.out.String(), "Not allowed: user.activity;")
}
