package authorize

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/words"
)

func TestSigningInStoresATokenThatWorksAndTellsWhatWasFound(t *testing.T) {
	s := stage.New(t)
	a, page, err := authorize(s, "Anna", "Anna", false)
	if err != nil {
		t.Fatal(err)
	}
	user := fmt.Sprint(s.Person("Anna").ID)
	stage.Says(t, "page", page, "Authorised", "“Anna”", user, "You can close this window")
	stage.Says(t, "output", a.out.String(), `Profile "Anna" is authorised: Withings user `+user, "Body Scan", " kg, measured ", " ago",
		store(s, "Anna").Path(), "Next: start `withings-exporter serve`")
	works(s, "Anna")
	for line := range strings.SplitSeq(a.out.String()+a.err.String(), "\n") {
		if len([]rune(line)) > words.Columns && !strings.Contains(line, "/") { // addresses and paths stay whole
			t.Errorf("line of more than %d columns: %s", words.Columns, line)
		}
	}
}

func TestSigningInAgainReplacesTheToken(t *testing.T) {
	s := stage.New(t)
	mustAuthorize(s, "Anna", "Anna")
	before := content(s, "Anna")
	mustAuthorize(s, "Anna", "Anna")
	if content(s, "Anna") == before {
		t.Error("the token is still the old one")
	}
	works(s, "Anna")
}

func TestBrowserIsWaitedForWhereTheRedirectURLPoints(t *testing.T) {
	s := stage.New(t)
	s.Settings.RedirectURL = fmt.Sprintf("http://127.0.0.1:%d/here", freePort(t))
	a := begin(s, t.Context(), Options{Profile: "Ben", NoBrowser: true}, nil)
	if status, page := stage.Get(t, a.allow("Ben").String()); status != http.StatusOK || !strings.Contains(page, "Authorised") {
		t.Errorf("got status %d and\n%s", status, page)
	}
	if err := a.wait(); err != nil {
		t.Fatal(err)
	}
}

func TestMissingBrowserDoesNotKeepFromSigningIn(t *testing.T) {
	s := stage.New(t)
	t.Setenv("PATH", t.TempDir())
	a := begin(s, t.Context(), Options{Profile: "Anna", Listen: anywhere}, nil)
	stage.Get(t, a.back(a.allow("Anna")))
	if err := a.wait(); err != nil {
		t.Fatal(err)
	}
}

func TestWrongStateIsTurnedAwayAndTheRightOneStillWaitedFor(t *testing.T) {
	s := stage.New(t)
	a := begin(s, t.Context(), Options{Profile: "Anna", NoBrowser: true, Listen: anywhere}, nil)
	back := a.allow("Anna")
	good := a.back(back)
	query := back.Query()
	for _, state := range []string{"", "guessed", query.Get("state") + "x", query.Get("state")[1:]} {
		forged := *back
		bad := query
		bad.Set("state", state)
		bad.Set("code", "0123456789abcdef0123456789abcdef01234567")
		forged.RawQuery = bad.Encode()
		if status, page := stage.Get(t, a.back(&forged)); status != http.StatusBadRequest || !strings.Contains(page, "another sign-in") {
			t.Errorf("state %q: got status %d and\n%s", state, status, page)
		}
	}
	if got := s.Sim.Count("requesttoken", 0, simulator.AnyStatus); got != 0 {
		t.Errorf("%d codes were exchanged, want none", got)
	}
	if status, _ := stage.Get(t, good); status != http.StatusOK {
		t.Errorf("got status %d for the right state", status)
	}
	if err := a.wait(); err != nil {
		t.Fatal(err)
	}
	stage.Says(t, "log", s.Log.String(), "wrong state", "profile=Anna")
}

func TestSecondVisitIsShownTheSameAndExchangesNothing(t *testing.T) {
	s := stage.New(t)
	a := begin(s, t.Context(), Options{Profile: "Anna", NoBrowser: true, Listen: anywhere}, nil)
	s.Sim.Inject(simulator.Fault{Kind: simulator.FaultHang, Action: "getdevice", Times: 1}) // the first look at the data takes its time
	back := a.back(a.allow("Anna"))
	_, first := stage.Get(t, back)
	status, second := stage.Get(t, back)
	if status != http.StatusOK || first != second {
		t.Errorf("second visit: status %d, page\n%s\nwant\n%s", status, second, first)
	}
	if got := s.Sim.Count("requesttoken", 0, simulator.AnyStatus); got != 1 {
		t.Errorf("%d exchanges, want 1", got)
	}
}

func TestRefusalAtWithingsChangesNothingAndIsNamed(t *testing.T) {
	s := stage.New(t)
	mustAuthorize(s, "Anna", "Anna")
	before := content(s, "Anna")
	a := begin(s, t.Context(), Options{Profile: "Anna", NoBrowser: true, Listen: anywhere}, nil)
	back, err := simulator.Deny(t.Context(), http.DefaultClient, a.address())
	if err != nil {
		t.Fatal(err)
	}
	_, page := stage.Get(t, a.back(back))
	stage.Says(t, "page", page, "Access was not allowed", "“Anna”", apart("withings-exporter auth Anna"))
	stage.Says(t, "error", fmt.Sprint(a.wait()), `profile "Anna"`, "denied on Withings' page", "to allow access")
	if content(s, "Anna") != before {
		t.Error("the token that was there is changed")
	}
}

func TestSigningInEndsByItselfAndSaysWhatToCheck(t *testing.T) {
	s := stage.New(t)
	_, err := run(s, Options{Profile: "Anna", NoBrowser: true, Listen: anywhere, Timeout: time.Millisecond}, nil)
	stage.Says(t, "error", fmt.Sprint(err), "no answer from Withings' page", "1ms", "check the client id", s.Settings.RedirectURL)
}

func TestInterruptEndsSigningInAsInterrupt(t *testing.T) {
	for _, o := range []Options{{Listen: anywhere, NoBrowser: true}, {Paste: true}} {
		s := stage.New(t)
		ctx, cancel := context.WithCancel(t.Context())
		o.Profile = "Anna"
		in, hold, err := os.Pipe() // nobody types
		if err != nil {
			t.Fatal(err)
		}
		a := begin(s, ctx, o, in)
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
	s := stage.New(t)
	a := begin(s, t.Context(), Options{Profile: "Anna", NoBrowser: true, Listen: anywhere}, nil)
	back := a.back(a.allow("Anna"))
	stage.Get(t, back)
	if err := a.wait(); err != nil {
		t.Fatal(err)
	}
	if answer, err := http.Get(back); err == nil {
		answer.Body.Close()
		t.Error("it still answers")
	}
}

func TestAuthorisedWithoutSomeScopesIsTold(t *testing.T) {
	s := stage.New(t)
	a := begin(s, t.Context(), Options{Profile: "Anna", NoBrowser: true, Listen: anywhere}, nil)
	address := strings.Replace(a.address(), "user.activity%2C", "", 1)
	back, err := simulator.Consent(t.Context(), http.DefaultClient, address, "Anna")
	if err != nil {
		t.Fatal(err)
	}
	stage.Get(t, a.back(back))
	if err := a.wait(); err != nil {
		t.Fatal(err)
	}
	stage.Says(t, "output", a.out.String(), "Not allowed: user.activity;")
}
