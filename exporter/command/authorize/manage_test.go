package authorize

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"withings-exporter/auth"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/statedir"
)

func TestListTellsWhoIsAuthorisedWhatToDoAndNoToken(t *testing.T) {
	s := stage.New(t)
	list := func() string {
		t.Helper()
		a, err := run(s, Options{List: true}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(a.out.String()) {
			if utf8.RuneCountInString(line) > 81 && !strings.Contains(line, s.Settings.StateDir) && !strings.Contains(line, "run: ") { // paths and commands are not broken
				t.Errorf("%q is too long for a terminal", line)
			}
		}
		return a.out.String()
	}
	stage.Says(t, "empty list", list(), "There is no token in", "no profile is configured", "withings-exporter auth PROFILE")

	mustAuthorize(s, "Anna", "Anna")
	mustAuthorize(s, "Ben", "Ben")
	if err := os.WriteFile(store(s, "Carla").Path(), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	requests := s.Sim.Count("", 0, simulator.AnyStatus)
	since := ", token of " + stage.CloudStart.Format("2006-01-02 15:04 MST")
	all := list()
	stage.Says(t, "list", all, "Anna authorised: Withings user "+user(s, "Anna")+since, "Ben authorised: Withings user "+user(s, "Ben"),
		"damaged", "run: withings-exporter auth Carla", "Tokens are in "+s.Settings.StateDir)
	if strings.Contains(all, "configured") {
		t.Errorf("somebody is said to be left out where nobody is configured:\n%s", all)
	}
	for _, name := range []string{"Anna", "Ben"} {
		token, err := store(s, name).Peek()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(all, token.AccessToken) || strings.Contains(all, token.RefreshToken) {
			t.Errorf("the token of %s is shown:\n%s", name, all)
		}
	}
	if got := content(s, "Carla"); got != "{" {
		t.Errorf("the damaged file holds %q now", got)
	}
	if got := s.Sim.Count("", 0, simulator.AnyStatus); got != requests {
		t.Errorf("Withings was asked %d times", got-requests)
	}

	long := strings.Repeat("very ", 8) + "long"
	s.Settings.Profiles, s.Settings.ConfigFile = []string{"Zoe", "Ben", long}, "withings.yaml"
	all = list()
	stage.Says(t, "list of those who are configured", all, "Zoe not authorised yet; run: withings-exporter auth Zoe", "Ben authorised: ",
		long+" not authorised yet; run: withings-exporter auth '"+long+"'",
		"Anna authorised: ", "; not configured, so it is left out: add it to the profiles in withings.yaml, or run: withings-exporter auth --revoke Anna")
	var order []int
	for _, name := range []string{"\nBen ", "\n" + long, "\nAnna ", "\nCarla "} {
		order = append(order, strings.Index(all, name))
	}
	if !slices.IsSorted(order) || order[0] < 0 || !strings.HasPrefix(all, "Zoe ") {
		t.Errorf("the order is not that of the configuration, and then the others:\n%s", all)
	}
}

func TestListSaysWhereThereIsNoToken(t *testing.T) {
	s := stage.New(t)
	s.Settings.Profiles, s.Settings.ConfigFile = []string{"Anna"}, "withings.yaml"
	a, err := run(s, Options{List: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	stage.Says(t, "list", a.out.String(), "Anna not authorised yet", "There is no token in "+s.Settings.StateDir+".")
	if strings.Contains(a.out.String(), "Tokens are in") {
		t.Errorf("it has tokens where there are none:\n%s", a.out.String())
	}
}

// TestWhoHasTheServiceIsNotLedToASecondInstallation types a command of another page, which leaves out how the service's begin.
func TestWhoHasTheServiceIsNotLedToASecondInstallation(t *testing.T) {
	for name, o := range map[string]Options{"list": {List: true}, "sign in": {Profile: "Anna"}, "revoke": {Profile: "Anna", Revoke: true}} {
		s := command.Settings{Service: "sudo withings-exporter-service auth", StateDir: filepath.Join(t.TempDir(), "state"), Now: time.Now}
		for _, folder := range []string{"none", "one that is empty"} {
			var out, errw strings.Builder
			err := Authorize(t.Context(), s, o, &command.Program{Now: time.Now, In: strings.NewReader(""), Out: &out, Err: &errw})
			if !errors.Is(err, command.ErrUsage) || !strings.HasSuffix(hint.Of(err), "run: "+s.Service) || out.Len()+errw.Len() > 0 {
				t.Errorf("%s, folder: %s: %v, %s%s", name, folder, err, out.String(), errw.String())
			}
			if _, err := os.Stat(s.StateDir); folder == "none" && err == nil {
				t.Errorf("%s: it has made a state directory", name)
			}
			if err := os.MkdirAll(s.StateDir, 0o700); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestListKnowsThatAPermissionHasEnded(t *testing.T) {
	s := stage.New(t)
	mustAuthorize(s, "Anna", "Anna")
	mustAuthorize(s, "Ben", "Ben")
	revoked, err := store(s, "Anna").Peek()
	if err != nil {
		t.Fatal(err)
	}
	application := &auth.App{ClientID: s.Settings.ClientID, ClientSecret: s.Settings.ClientSecret, APIURL: s.Settings.APIURL,
		Now: func() time.Time { return s.Settings.Now().Add(4 * time.Hour) }}
	if err := application.Revoke(t.Context(), revoked); err != nil { // as on Withings' page
		t.Fatal(err)
	}
	source := auth.NewSource(application, store(s, "Anna"), "Anna")
	if _, err := source.Token(t.Context()); !errors.Is(err, auth.ErrNeedsAuthorization) {
		t.Fatalf("got %v, want that somebody must sign in", err)
	}
	a, err := run(s, Options{List: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	stage.Says(t, "list", a.out.String(), "Anna the permission has ended, as Withings said on ", "; run: withings-exporter auth Anna", "Ben authorised: Withings user")
}

func TestListNeedsNoApplicationAndNamesTheWrongOne(t *testing.T) {
	s := stage.New(t)
	mustAuthorize(s, "Anna", "Anna")
	for _, c := range []struct{ client, want string }{{"", "authorised: Withings user"}, {"other-app", "belongs to another application"}} {
		s.Settings.ClientID, s.Settings.ClientSecret = c.client, ""
		a, err := run(s, Options{List: true}, nil)
		if err != nil {
			t.Fatal(err)
		}
		stage.Says(t, "list", a.out.String(), "Anna", c.want)
	}
}

func TestRevokeEndsTheAuthorisationAndRemovesTheFile(t *testing.T) {
	s := stage.New(t)
	mustAuthorize(s, "Anna", "Anna")
	mustAuthorize(s, "Ben", "Ben")
	token, err := store(s, "Anna").Peek()
	if err != nil {
		t.Fatal(err)
	}
	a, err := run(s, Options{Profile: "Anna", Revoke: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	stage.Says(t, "output", a.out.String(), `Profile "Anna" is no longer authorised`, "Withings has ended the authorisation",
		"Next: restart serve", "then run: rm "+s.Settings.StateDir+"/+anna.*;", "forget.md", "run: withings-exporter auth Anna")
	s.Settings.Profiles, s.Settings.ConfigFile = []string{"Anna", "Ben"}, "withings.yaml"
	list, err := run(s, Options{List: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	stage.Says(t, "list", list.out.String(), "Anna withdrawn on "+stage.CloudStart.Format("2006-01-02 15:04 MST")+"; to read the data again, run: withings-exporter auth Anna")
	if got := content(s, "Anna"); got != "" {
		t.Errorf("the file still holds %s", got)
	}
	answer, err := http.PostForm(s.Settings.APIURL+"/v2/user", url.Values{"action": {"getdevice"}, "access_token": {token.AccessToken}})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if got := s.Sim.Count("getdevice", 0, 401); got != 1 {
		t.Error("Withings still takes the token")
	}
	works(s, "Ben")
}

// TestListKnowsWhoHasWithdrawnUnderTheirOwnSpelling, which is that of the readings as long as there is no token.
func TestListKnowsWhoHasWithdrawnUnderTheirOwnSpelling(t *testing.T) {
	s := stage.New(t)
	s.Settings.Profiles = []string{"Jos\u00e9"}
	dir, err := statedir.Open(s.Settings.StateDir)
	if err == nil {
		err = os.WriteFile(dir.File("Jose\u0301", "state"), []byte("{}"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	mustAuthorize(s, "Jos\u00e9", "Anna")
	for _, o := range []Options{{Profile: "Jos\u00e9", Revoke: true}, {List: true}} {
		a, err := run(s, o, nil)
		if err != nil {
			t.Fatal(err)
		}
		if o.List {
			stage.Says(t, "list", a.out.String(), "withdrawn on ")
		}
	}
}

func TestRevokeSaysHowAConfiguredPersonIsRemoved(t *testing.T) {
	s := stage.New(t)
	mustAuthorize(s, "Anna", "Anna")
	s.Settings.Profiles, s.Settings.ConfigFile = []string{"Anna", "Ben"}, "withings.yaml"
	a, err := run(s, Options{Profile: "Anna", Revoke: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	stage.Says(t, "output", a.out.String(), `Next: remove "Anna" from the profiles in withings.yaml; if serve is running, then run: curl -X POST http://localhost:10054/-/reload`)
	mustAuthorize(s, "Anna", "Anna")
	list, err := run(s, Options{List: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	stage.Says(t, "list", list.out.String(), "Anna authorised: ")
}

func TestRevokeKeepsTheFileUnlessTheAuthorisationIsOver(t *testing.T) {
	answer := func(status int, text string) func(*stage.Stage) {
		return func(s *stage.Stage) {
			s.Sim.Inject(simulator.Fault{Kind: simulator.FaultStatus, Action: "revoke", Status: status, Text: text})
		}
	}
	for _, c := range []struct {
		name string
		meet func(s *stage.Stage)
		gone bool
		want string
	}{
		{"the token is dead already", answer(401, "invalid_token"), true, "had already ended the authorisation"},
		{"no such user any more", answer(503, "Invalid Params: invalid userid"), true, "already"},
		{"the user does not use the application", answer(250, ""), true, "already"},
		{"network", func(s *stage.Stage) { s.Sim.Inject(simulator.Fault{Kind: simulator.FaultCut, Action: "revoke"}) }, false, "try again later"},
		{"outage", func(s *stage.Stage) { s.Sim.Inject(simulator.Fault{Kind: simulator.FaultHTTP, Action: "getnonce"}) }, false, "try again later"},
		{"passing failure", answer(522, ""), false, "try again later"},
		{"invalid params", answer(503, "Invalid Params"), false, "check"},
		{"wrong secret", func(s *stage.Stage) { s.Settings.ClientSecret = "wrong-secret" }, false, "client id or client secret is wrong"},
		{"wrong secret, answered as dead", func(s *stage.Stage) {
			s.Settings.ClientSecret = "wrong-secret"
			s.Sim.Inject(simulator.Fault{Kind: simulator.FaultStatus, Action: "getnonce", Status: 401})
		}, false, "client id or client secret is wrong"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := stage.New(t)
			mustAuthorize(s, "Anna", "Anna")
			before := content(s, "Anna")
			c.meet(s)
			a, err := run(s, Options{Profile: "Anna", Revoke: true}, nil)
			if c.gone {
				if err != nil || content(s, "Anna") != "" {
					t.Errorf("got %v and the file %q, want it gone", err, content(s, "Anna"))
				}
				stage.Says(t, "output", a.out.String(), c.want)
				return
			}
			if err == nil || content(s, "Anna") != before {
				t.Errorf("got %v, and the file is changed: %t", err, content(s, "Anna") != before)
			}
			stage.Says(t, "error", fmt.Sprint(err), `profile "Anna"`, "the token file was kept", c.want)
			if _, err := run(s, Options{Profile: "Anna", Revoke: true, Force: true}, nil); err != nil || content(s, "Anna") != "" {
				t.Errorf("with --force: %v, want the file gone", err)
			}
		})
	}
}

func TestRevokeOfWhatIsNotThereOrNotOursChangesNothing(t *testing.T) {
	pair := `"access_token":"access-of-old","refresh_token":"refresh-of-old"}`
	for _, c := range []struct{ name, content, want string }{
		{"nothing", "", "has no token"},
		{"damaged", "{", "in the Withings app"},
		{"another application", `{"version":1,"profile":"Anna","client_id":"old-app",` + pair, `client id "old-app"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := stage.New(t)
			if c.content != "" {
				if err := os.WriteFile(store(s, "Anna").Path(), []byte(c.content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := run(s, Options{Profile: "Anna", Revoke: true}, nil)
			stage.Says(t, "error", fmt.Sprint(err), c.want)
			if got := content(s, "Anna"); got != c.content {
				t.Errorf("the file holds %q, want %q", got, c.content)
			}
		})
	}
}

func TestDemoAccountNeedsNoPerson(t *testing.T) {
	s := stage.New(t)
	a, err := run(s, Options{Demo: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	stage.Says(t, "output", a.out.String(), `Profile "demo" is authorised: Withings' demo account`, "Newest weight:")
	works(s, "demo")
	if _, err := run(s, Options{Profile: "demo", Revoke: true}, nil); err != nil || content(s, "demo") != "" {
		t.Errorf("revoke: %v, and the file holds %q", err, content(s, "demo"))
	}
}

func TestDemoAccountThroughThePageWhereTheAddressIsAskedFor(t *testing.T) {
	s := stage.New(t)
	a := begin(s, t.Context(), Options{Demo: true, NoBrowser: true, Listen: anywhere}, nil)
	address, err := url.Parse(a.address())
	if err != nil {
		t.Fatal(err)
	}
	if got := address.Query().Get("mode"); got != "demo" {
		t.Errorf("the address has mode %q", got)
	}
	stage.Get(t, a.back(a.allow("Anna"))) // the simulator's demo account is its first person
	if err := a.wait(); err != nil {
		t.Fatal(err)
	}
	works(s, "demo")
}

func TestDemoAccountDoesNotReplaceAPerson(t *testing.T) {
	s := stage.New(t)
	mustAuthorize(s, "Anna", "Anna")
	before := content(s, "Anna")
	_, err := run(s, Options{Profile: "Anna", Demo: true}, nil)
	stage.Says(t, "error", fmt.Sprint(err), `profile "Anna" belongs to Withings user `+user(s, "Anna"), "demo account", "--force")
	if content(s, "Anna") != before {
		t.Error("the token that was there is changed")
	}
}

func TestDataThatCannotBeReadIsToldButTheTokenStays(t *testing.T) {
	t.Run("one service", func(t *testing.T) {
		s := stage.New(t)
		s.Sim.Inject(simulator.Fault{Kind: simulator.FaultStatus, Action: "getdevice", Status: 2554})
		a, _, err := authorize(s, "Anna", "Anna", false)
		if err != nil {
			t.Fatal(err)
		}
		stage.Says(t, "output", a.out.String(), "Devices: could not be read", "status 2554", "kg, measured")
	})
	t.Run("everything", func(t *testing.T) {
		s := stage.New(t)
		s.Sim.Inject(simulator.Fault{Kind: simulator.FaultStatus, Action: "getdevice", Status: 2554})
		s.Sim.Inject(simulator.Fault{Kind: simulator.FaultExpiredToken, Action: "getmeas"})
		_, _, err := authorize(s, "Anna", "Anna", false)
		stage.Says(t, "error", fmt.Sprint(err), "its token is stored", "tries again by itself")
		if errors.Is(err, command.ErrNeedsAuthorization) {
			t.Error("it would exit with 3, authorisation needed")
		}
		if content(s, "Anna") == "" {
			t.Error("the token is gone")
		}
	})
}

func TestNewestWeightIsFoundHoweverOld(t *testing.T) {
	for _, c := range []struct {
		name string
		gone func(g simulator.Group) bool
		want string
	}{
		{"two months", func(g simulator.Group) bool { return g.Date > stage.CloudStart.AddDate(0, 0, -60).Unix() }, "kg, measured 6"},
		{"never", func(g simulator.Group) bool {
			return slices.ContainsFunc(g.Measures, func(m simulator.Measure) bool { return m.Type == 1 })
		}, "Newest weight: none; the newest other measure is from"},
		{"nothing at all", func(simulator.Group) bool { return true }, "Newest weight: none yet"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := stage.New(t)
			anna := s.Person("Anna").ID
			for _, g := range s.Sim.Measures(anna, time.Unix(0, 0), stage.CloudStart) {
				if !c.gone(g) {
					continue
				}
				if err := s.Sim.DeleteGroup(anna, g.ID); err != nil {
					t.Fatal(err)
				}
			}
			a, _, err := authorize(s, "Anna", "Anna", false)
			if err != nil {
				t.Fatal(err)
			}
			stage.Says(t, "output", a.out.String(), c.want)
		})
	}
}
