package app

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter/simulator"
)

func TestBadOptionsAreUsageErrorsThatSayWhatToGive(t *testing.T) {
	for _, c := range []struct {
		name     string
		options  AuthorizeOptions
		profiles []string
		want     string
	}{
		{"no profile", AuthorizeOptions{}, nil, "withings-exporter auth Anna"},
		{"no profile of several", AuthorizeOptions{}, []string{"Anna", "Ben"}, `configured are "Anna", "Ben"`},
		{"two profiles", AuthorizeOptions{Profile: "Anna,Ben"}, nil, "one at a time"},
		{"empty name", AuthorizeOptions{Profile: " "}, nil, "empty"},
		{"control character", AuthorizeOptions{Profile: "An\nna"}, nil, "control character"},
		{"list and revoke", AuthorizeOptions{Profile: "Anna", List: true, Revoke: true}, nil, "give one of them"},
		{"revoke and demo", AuthorizeOptions{Profile: "Anna", Revoke: true, Demo: true}, nil, "give one of them"},
		{"paste and listen", AuthorizeOptions{Profile: "Anna", Paste: true, Listen: ":1"}, nil, "without --listen"},
		{"negative time", AuthorizeOptions{Profile: "Anna", Timeout: -time.Second}, nil, "--timeout -1s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t)
			s.settings.Profiles = c.profiles
			_, err := s.run(c.options, nil)
			if !errors.Is(err, ErrUsage) || !strings.Contains(fmt.Sprint(err), c.want) {
				t.Errorf("got %v, want a usage error with %q", err, c.want)
			}
		})
	}
}

func TestOnlyConfiguredProfileNeedsNoName(t *testing.T) {
	s := newStage(t)
	s.settings.Profiles = []string{"Carla"}
	s.mustAuthorize("", "Carla")
	s.works("Carla")
}

func TestNewcomerIsToldWhatToRegister(t *testing.T) {
	for _, c := range []struct{ name, id, secret, want string }{
		{"nothing", "", "", "--client-id and --client-secret-file"},
		{"no id", "", "x", "client id is missing"},
		{"no secret", "x", "", "client secret is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t)
			s.settings.ClientID, s.settings.ClientSecret = c.id, c.secret
			a, err := s.run(AuthorizeOptions{Profile: "Anna"}, nil)
			if !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want a usage error with %q", err, c.want)
			}
			says(t, "advice", a.err.String(), "public cloud", "Public API integration", "Development", s.settings.RedirectURL,
				"user.info, user.metrics, user.activity, user.sleepevents", "WITHINGS_CLIENT_SECRET")
			if _, err := os.Stat(s.settings.StateDir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the state directory was made: %v", err)
			}
		})
	}
}

// TestWithingsRefusesTheExchange has a message for each reason, on the page and
// as the error, and leaves the token that was there alone.
func TestWithingsRefusesTheExchange(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(s *stage, back string)
		setup func(s *stage)
		want  []string
	}{
		{name: "wrong secret", setup: func(s *stage) { s.settings.ClientSecret = "wrong-secret" },
			want: []string{"invalid client_secret", "check the client id, the client secret"}},
		{name: "late code", spoil: func(s *stage, _ string) { s.sim.Advance(31 * time.Second) },
			want: []string{"invalid code", "good for 30 seconds and once"}},
		{name: "reused code", spoil: func(s *stage, back string) { s.spend(back) },
			want: []string{"invalid code", "good for 30 seconds and once"}},
		{name: "Withings is out of order", spoil: func(s *stage, _ string) {
			s.sim.Inject(simulator.Fault{Kind: simulator.FaultHTTP, Action: "requesttoken", Times: 1})
		}, want: []string{"HTTP status 500"}},
		{name: "authentication failed", spoil: func(s *stage, _ string) {
			s.sim.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: 401, Action: "requesttoken", Times: 1})
		}, want: []string{"status 401", "check the client id and the client secret"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t)
			s.mustAuthorize("Anna", "Anna")
			before := s.content("Anna")
			if c.setup != nil {
				c.setup(s)
			}
			a := s.begin(t.Context(), AuthorizeOptions{Profile: "Anna", NoBrowser: true, Listen: anywhere}, nil)
			back := a.back(a.allow("Anna"))
			if c.spoil != nil {
				c.spoil(s, back)
			}
			_, page := get(t, back)
			err := a.wait()
			if err == nil || errors.Is(err, ErrNeedsAuthorization) || errors.Is(err, ErrUsage) {
				t.Errorf("got %v, want a failure, which exits with 1", err)
			}
			says(t, "error", fmt.Sprint(err), c.want...)
			says(t, "page", page, "Sign-in failed", "“Anna”", c.want[0])
			if s.content("Anna") != before {
				t.Error("the token that was there is changed")
			}
		})
	}
}

// spend uses the code of a callback up.
func (s *stage) spend(back string) {
	s.t.Helper()
	request, err := http.NewRequest(http.MethodGet, back, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	app := &auth.App{ClientID: s.settings.ClientID, ClientSecret: s.settings.ClientSecret,
		RedirectURL: s.settings.RedirectURL, APIURL: s.settings.APIURL, Now: s.settings.Now}
	if _, err := app.Exchange(s.t.Context(), request.URL.Query().Get("code")); err != nil {
		s.t.Fatal(err)
	}
}

func TestWrongClientIDShowsAtWithingsAndTheWaitingSaysWhatToCheck(t *testing.T) {
	s := newStage(t)
	s.settings.ClientID = "wrong-client"
	ctx := t.Context()
	a := s.begin(ctx, AuthorizeOptions{Profile: "Anna", NoBrowser: true, Listen: anywhere, Timeout: time.Millisecond}, nil)
	if _, err := simulator.Consent(ctx, http.DefaultClient, a.address(), "Anna"); err == nil {
		t.Error("Withings' page let a wrong client id pass")
	}
	says(t, "error", fmt.Sprint(a.wait()), "check the client id")
}

func TestPlacesThatCannotBeListenedOnNameTheFlag(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, c := range []struct {
		name, redirect, listen string
		want                   []string
	}{
		{"port in use", "http://" + taken.Addr().String() + "/x", "", []string{taken.Addr().String(), "address already in use", "--redirect-url", "--paste"}},
		{"port in use, given", "http://localhost/", taken.Addr().String(), []string{taken.Addr().String(), "--listen"}},
		{"another machine", "https://home.example/auth", "", []string{"https://home.example", "--listen", "--paste"}},
		{"not http", "https://localhost:8019/auth", "", []string{"--listen"}},
		{"no address", "localhost:8019", "", []string{"--redirect-url is not an address"}},
		{"no port", "http://localhost:8019/", "nonsense", []string{"--listen"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t)
			s.settings.RedirectURL = c.redirect
			_, err := s.run(AuthorizeOptions{Profile: "Anna", NoBrowser: true, Listen: c.listen}, nil)
			says(t, "error", fmt.Sprint(err), c.want...)
			if files, _ := filepath.Glob(filepath.Join(s.settings.StateDir, "*")); len(files) > 0 {
				t.Errorf("left behind: %s", files)
			}
		})
	}
}

func TestStateDirectoryThatCannotBeWrittenIsToldBeforeAnybodyGoesToWithings(t *testing.T) {
	s := newStage(t)
	s.mustAuthorize("Anna", "Anna")
	path := s.store("Anna").Path()
	before := s.content("Anna")
	// A folder where the probe goes: as good as a full disk, and root cannot write there either.
	if err := os.MkdirAll(filepath.Join(path+".probe", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	a, err := s.run(AuthorizeOptions{Profile: "Anna", NoBrowser: true, Listen: anywhere}, nil)
	says(t, "error", fmt.Sprint(err), "nobody was sent to Withings", path)
	if a.out.String() != "" || s.content("Anna") != before {
		t.Errorf("it wrote %q, and the token is changed: %t", a.out, s.content("Anna") != before)
	}
}

// TestFilesThatAreNotTheProfilesOwn are left alone.
func TestFilesThatAreNotTheProfilesOwn(t *testing.T) {
	pair := `"access_token":"access-of-old","refresh_token":"refresh-of-old"}`
	for _, c := range []struct {
		name, content string
		want          []string
	}{
		{"another application", `{"version":1,"profile":"Anna","client_id":"old-app",` + pair, []string{`client id "old-app"`, "--force"}},
		{"a newer version", `{"version":9,"profile":"Anna"}`, []string{"update the program"}},
		{"another profile", `{"version":1,"profile":"Ben","client_id":"x",` + pair, []string{`profile "Ben"`, "move it away"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t)
			path := s.store("Anna").Path()
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			a, err := s.run(AuthorizeOptions{Profile: "Anna", NoBrowser: true, Listen: anywhere}, nil)
			if err == nil || errors.Is(err, ErrNeedsAuthorization) {
				t.Errorf("got %v, want a failure, which exits with 1", err)
			}
			says(t, "error", fmt.Sprint(err), append(c.want, `profile "Anna"`)...)
			if a.out.String() != "" || s.content("Anna") != c.content {
				t.Errorf("it wrote %q, and the file holds %s", a.out, s.content("Anna"))
			}
		})
	}
}

func TestForceReplacesTheTokenOfAnotherApplication(t *testing.T) {
	s := newStage(t)
	s.mustAuthorize("Anna", "Anna")
	old := strings.Replace(s.content("Anna"), s.settings.ClientID, "old-app", 1)
	if err := os.WriteFile(s.store("Anna").Path(), []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.authorize("Anna", "Anna", true); err != nil {
		t.Fatal(err)
	}
	s.works("Anna")
}

func TestDamagedFileIsKeptUnderAnotherNameOnlyOnceThereIsANewToken(t *testing.T) {
	s := newStage(t)
	path := s.store("Anna").Path()
	damaged := []byte(`{"version":1,"profile":"An`)
	if err := os.WriteFile(path, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	a := s.begin(t.Context(), AuthorizeOptions{Profile: "Anna", NoBrowser: true, Listen: anywhere}, nil)
	back := a.back(a.allow("Anna"))
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, damaged) {
		t.Errorf("before the answer the file holds %q, %v", got, err)
	}
	get(t, back)
	if err := a.wait(); err != nil {
		t.Fatal(err)
	}
	s.works("Anna")
	kept, err := filepath.Glob(path + ".damaged-*")
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept are %s, %v, want one file", kept, err)
	}
	if got, err := os.ReadFile(kept[0]); err != nil || !bytes.Equal(got, damaged) {
		t.Errorf("the kept file holds %q, %v", got, err)
	}
	says(t, "talk", a.err.String(), "is damaged", "kept as", filepath.Base(kept[0]))
}
