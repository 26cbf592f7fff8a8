package authorize

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
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
)

func TestBadOptionsAreUsageErrorsThatSayWhatToGive(t *testing.T) {
	for _, c := range []struct {
		name     string
		options  Options
		profiles []string
		want     string
	}{
		{"no profile", Options{}, nil, "withings-exporter auth Anna"},
		{"no profile of several", Options{}, []string{"Anna", "Ben"}, `choose one of "Anna", "Ben"`},
		{"two profiles", Options{Profile: "Anna,Ben"}, nil, "run auth once for each"},
		{"empty name", Options{Profile: " "}, nil, "empty"},
		{"control character", Options{Profile: "An\nna"}, nil, "control character"},
		{"list and revoke", Options{Profile: "Anna", List: true, Revoke: true}, nil, "give one of them"},
		{"revoke and demo", Options{Profile: "Anna", Revoke: true, Demo: true}, nil, "give one of them"},
		{"paste and listen", Options{Profile: "Anna", Paste: true, Listen: ":1"}, nil, "--listen has no effect"},
		{"negative time", Options{Profile: "Anna", Timeout: -time.Second}, nil, "--timeout -1s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := stage.New(t)
			s.Settings.Profiles = c.profiles
			_, err := run(s, c.options, nil)
			if !errors.Is(err, command.ErrUsage) || !strings.Contains(fmt.Sprint(err), c.want) {
				t.Errorf("got %v, want a usage error with %q", err, c.want)
			}
		})
	}
}

func TestOnlyConfiguredProfileNeedsNoName(t *testing.T) {
	s := stage.New(t)
	s.Settings.Profiles = []string{"Carla"}
	mustAuthorize(s, "", "Carla")
	works(s, "Carla")
}

func TestNewcomerIsToldWhatToRegister(t *testing.T) {
	for _, c := range []struct{ name, id, secret, want string }{
		{"nothing", "", "", "--client-id and --client-secret-file"},
		{"no id", "", "x", "give --client-id"},
		{"no secret", "x", "", "give --client-secret-file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := stage.New(t)
			s.Settings.ClientID, s.Settings.ClientSecret = c.id, c.secret
			a, err := run(s, Options{Profile: "Anna"}, nil)
			if !errors.Is(err, command.ErrUsage) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want a usage error with %q", err, c.want)
			}
			if strings.Contains(err.Error(), "auth") {
				t.Errorf("%v: the advice is to do what was just done", err)
			}
			stage.Says(t, "advice", a.err.String(), "public cloud", "Public API integration", "Development", s.Settings.RedirectURL,
				"user.info, user.metrics, user.activity, user.sleepevents", "WITHINGS_CLIENT_SECRET")
			if _, err := os.Stat(s.Settings.StateDir); !errors.Is(err, os.ErrNotExist) {
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
		spoil func(s *stage.Stage, back string)
		setup func(s *stage.Stage)
		want  []string
	}{
		{name: "wrong secret", setup: func(s *stage.Stage) { s.Settings.ClientSecret = "wrong-secret" },
			want: []string{"invalid client_secret", "check the client id, the client secret"}},
		{name: "late code", spoil: func(s *stage.Stage, _ string) { s.Sim.Advance(31 * time.Second) },
			want: []string{"invalid code", "good for 30 seconds and once"}},
		{name: "reused code", spoil: func(s *stage.Stage, back string) { spend(s, back) },
			want: []string{"invalid code", "good for 30 seconds and once"}},
		{name: "Withings is out of order", spoil: func(s *stage.Stage, _ string) {
			s.Sim.Inject(simulator.Fault{Kind: simulator.FaultHTTP, Action: "requesttoken", Times: 1})
		}, want: []string{"HTTP status 500"}},
		{name: "authentication failed", spoil: func(s *stage.Stage, _ string) {
			s.Sim.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: 401, Action: "requesttoken", Times: 1})
		}, want: []string{"status 401", "check the client id and the client secret"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := stage.New(t)
			mustAuthorize(s, "Anna", "Anna")
			before := content(s, "Anna")
			if c.setup != nil {
				c.setup(s)
			}
			a := begin(s, t.Context(), Options{Profile: "Anna", NoBrowser: true, Listen: anywhere}, nil)
			back := a.back(a.allow("Anna"))
			if c.spoil != nil {
				c.spoil(s, back)
			}
			_, page := stage.Get(t, back)
			err := a.wait()
			if err == nil || errors.Is(err, command.ErrNeedsAuthorization) || errors.Is(err, command.ErrUsage) {
				t.Errorf("got %v, want a failure, which exits with 1", err)
			}
			stage.Says(t, "error", fmt.Sprint(err), c.want...)
			stage.Says(t, "page", page, "Sign-in failed", "“Anna”", c.want[0])
			if content(s, "Anna") != before {
				t.Error("the token that was there is changed")
			}
		})
	}
}

// spend uses the code of a callback up.
func spend(s *stage.Stage, back string) {
	s.T.Helper()
	request, err := http.NewRequest(http.MethodGet, back, nil)
	if err != nil {
		s.T.Fatal(err)
	}
	app := &auth.App{ClientID: s.Settings.ClientID, ClientSecret: s.Settings.ClientSecret,
		RedirectURL: s.Settings.RedirectURL, APIURL: s.Settings.APIURL, Now: s.Settings.Now}
	if _, err := app.Exchange(s.T.Context(), request.URL.Query().Get("code")); err != nil {
		s.T.Fatal(err)
	}
}

func TestWrongClientIDShowsAtWithingsAndTheWaitingSaysWhatToCheck(t *testing.T) {
	s := stage.New(t)
	s.Settings.ClientID = "wrong-client"
	ctx := t.Context()
	a := begin(s, ctx, Options{Profile: "Anna", NoBrowser: true, Listen: anywhere, Timeout: time.Millisecond}, nil)
	if _, err := simulator.Consent(ctx, http.DefaultClient, a.address(), "Anna"); err == nil {
		t.Error("Withings' page let a wrong client id pass")
	}
	stage.Says(t, "error", fmt.Sprint(a.wait()), "check the client id")
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
			s := stage.New(t)
			s.Settings.RedirectURL = c.redirect
			_, err := run(s, Options{Profile: "Anna", NoBrowser: true, Listen: c.listen}, nil)
			stage.Says(t, "error", fmt.Sprint(err), c.want...)
			if files, _ := filepath.Glob(filepath.Join(s.Settings.StateDir, "*")); len(files) > 0 {
				t.Errorf("left behind: %s", files)
			}
		})
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
		{"a newer version", `{"version":9,"profile":"Anna"}`, []string{"upgrade withings-exporter"}},
		{"another profile", `{"version":1,"profile":"Ben","client_id":"x",` + pair, []string{`profile "Ben"`, "move it away"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := stage.New(t)
			path := store(s, "Anna").Path()
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			a, err := run(s, Options{Profile: "Anna", NoBrowser: true, Listen: anywhere}, nil)
			if err == nil || errors.Is(err, command.ErrNeedsAuthorization) {
				t.Errorf("got %v, want a failure, which exits with 1", err)
			}
			stage.Says(t, "error", fmt.Sprint(err), append(c.want, `profile "Anna"`)...)
			if a.out.String() != "" || content(s, "Anna") != c.content {
				t.Errorf("it wrote %q, and the file holds %s", a.out, content(s, "Anna"))
			}
		})
	}
}

func TestForceReplacesTheTokenOfAnotherApplication(t *testing.T) {
	s := stage.New(t)
	mustAuthorize(s, "Anna", "Anna")
	old := strings.Replace(content(s, "Anna"), s.Settings.ClientID, "old-app", 1)
	if err := os.WriteFile(store(s, "Anna").Path(), []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := authorize(s, "Anna", "Anna", true); err != nil {
		t.Fatal(err)
	}
	works(s, "Anna")
}

func TestDamagedFileIsKeptUnderAnotherNameOnlyOnceThereIsANewToken(t *testing.T) {
	s := stage.New(t)
	path := store(s, "Anna").Path()
	damaged := []byte(`{"version":1,"profile":"An`)
	if err := os.WriteFile(path, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	a := begin(s, t.Context(), Options{Profile: "Anna", NoBrowser: true, Listen: anywhere}, nil)
	back := a.back(a.allow("Anna"))
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, damaged) {
		t.Errorf("before the answer the file holds %q, %v", got, err)
	}
	stage.Get(t, back)
	if err := a.wait(); err != nil {
		t.Fatal(err)
	}
	works(s, "Anna")
	kept, err := filepath.Glob(path + ".damaged-*")
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept are %s, %v, want one file", kept, err)
	}
	if got, err := os.ReadFile(kept[0]); err != nil || !bytes.Equal(got, damaged) {
		t.Errorf("the kept file holds %q, %v", got, err)
	}
	stage.Says(t, "talk", a.err.String(), "is damaged", "kept as", filepath.Base(kept[0]))
}
