package authorize

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
)

func TestTheNextStepIsWhoIsLeftOrHowToServe(t *testing.T) {
	s := stage.New(t)
	s.Settings.Profiles, s.Settings.ConfigFile = []string{"Anna", "Ben"}, "withings.yaml"
	for _, c := range []struct {
		name string
		want []string
	}{
		{"Carla", []string{`Profile "Carla" is not configured: withings.yaml has only "Anna", "Ben".`,
			`Next: add "Carla" to the profiles in withings.yaml, then start ` + "`withings-exporter serve`. If it is running, run: curl -X POST http://localhost:10054/-/reload; " +
				"then authorise Anna, Ben, too; run: withings-exporter auth Anna --no-browser"}},
		{"Anna", []string{"Next: authorise Ben, too; run: withings-exporter auth Ben --no-browser"}},
		{"Ben", []string{"Next: start `withings-exporter serve`. If it is running, it uses the new token within seconds."}},
	} {
		a, _, err := authorize(s, c.name, c.name, false)
		if err != nil {
			t.Fatal(err)
		}
		stage.Says(t, "what is said of "+c.name, a.err.String()+a.out.String(), c.want...)
		if n := strings.Count(a.err.String()+a.out.String(), "reload"); n > 1 {
			t.Errorf("reloading is told %d times:\n%s%s", n, a.err, a.out)
		}
	}
}

func TestWhoWithdrewIsNotToBeAuthorised(t *testing.T) {
	s := stage.New(t)
	s.Settings.Profiles = []string{"Anna", "Ben"}
	mustAuthorize(s, "Ben", "Ben")
	if _, err := run(s, Options{Profile: "Ben", Revoke: true}, nil); err != nil {
		t.Fatal(err)
	}
	a, _, err := authorize(s, "Anna", "Anna", false)
	if err != nil || strings.Contains(a.out.String(), "Ben") {
		t.Errorf("%v, and the next step is:\n%s", err, a.out)
	}
}

func TestTheReloadIsThatOfTheServeOfTheConfiguration(t *testing.T) {
	s := stage.New(t)
	s.Settings.Profiles, s.Settings.ConfigFile = []string{"Ben"}, "other.yaml"
	a := &attempt{t: t, out: stage.NewTranscript(), err: stage.NewTranscript(), ended: make(chan struct{})}
	go func() {
		defer close(a.ended)
		a.result = Authorize(t.Context(), s.Settings, Options{Profile: "Anna", Demo: true, Force: true}, &command.Program{In: strings.NewReader(""), Out: a.out, Err: a.err,
			Web: func(file string) *command.WebFlags {
				return &command.WebFlags{WebListenAddress: []string{":8080"}, WebRoutePrefix: "/" + file}
			}})
	}()
	if err := a.wait(); err != nil {
		t.Fatal(err)
	}
	stage.Says(t, "output", a.out.String(), "run: curl -X POST http://localhost:8080/other.yaml/-/reload")
}

// TestANewNameIsAskedAboutBeforeAnybodySignsIn: at a terminal, since the answer of a script would be lost.
func TestANewNameIsAskedAboutBeforeAnybodySignsIn(t *testing.T) {
	for _, c := range []struct{ name, profile, answer, want string }{
		{"mistyped, and noticed", "Bne", "n", "run: withings-exporter auth Ben --paste"},
		{"not alike, and noticed", "Zacharias", "no", ""},
		{"somebody new", "Bne", "", "authorised"},
		{"somebody new, in words", "Bne", " Yes", "authorised"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := stage.New(t)
			s.Settings.Profiles, s.Settings.ConfigFile = []string{"Anna", "Ben"}, "withings.yaml"
			p := beginPaste(s, Options{Profile: c.profile}, true)
			p.enter(c.answer)
			if c.want == "authorised" {
				p.enter(p.allow("Ben").String())
				if err := p.wait(); err != nil {
					t.Fatal(err)
				}
				works(s, c.profile)
				return
			}
			err := p.wait()
			stage.Says(t, "error", fmt.Sprint(err), `profile "`+c.profile+`" was not authorised; nothing was changed`, c.want)
			if got := s.Sim.Count("", 0, simulator.AnyStatus); got > 0 || p.out.String() != "" {
				t.Errorf("Withings was asked %d times, and this was said: %s", got, p.out)
			}
			if near := strings.Contains(strings.Join(strings.Fields(p.err.String()), " "), `Did you mean "Ben"?`); near != (c.profile == "Bne") {
				t.Errorf("a name that is alike is named: %t:\n%s", near, p.err)
			}
		})
	}
}

func TestAfterARefusalTheAdviceIsTheSameCommand(t *testing.T) {
	s := stage.New(t)
	p := beginPaste(s, Options{Profile: "Anna", Force: true}, true)
	back, err := simulator.Deny(t.Context(), http.DefaultClient, p.address())
	if err != nil {
		t.Fatal(err)
	}
	p.enter(back.String())
	stage.Says(t, "error", fmt.Sprint(p.wait()), "denied on Withings' page", "run: withings-exporter auth Anna --paste --force")
}

func TestACodeThatCameTooLateThroughAPipeIsToldWithWhatToDo(t *testing.T) {
	s := stage.New(t)
	p := beginPaste(s, Options{Profile: "Anna"}, false)
	s.Sim.Inject(simulator.Fault{Kind: simulator.FaultStatus, Action: "requesttoken", Status: 503, Text: "Invalid Params: invalid code"})
	p.enter(p.allow("Anna").String())
	stage.Says(t, "error", fmt.Sprint(p.wait()), `authorise profile "Anna"`, "code refused", "nothing was changed",
		"run: withings-exporter auth Anna --paste; paste at once")
}

func TestSomebodyWhoSignedInBeforeIsNotAskedAbout(t *testing.T) {
	s := stage.New(t)
	mustAuthorize(s, "Carla", "Carla")
	s.Settings.Profiles, s.Settings.ConfigFile = []string{"Anna"}, "withings.yaml"
	p := beginPaste(s, Options{Profile: "Carla"}, true)
	p.enter(p.allow("Carla").String())
	if err := p.wait(); err != nil {
		t.Fatal(err)
	}
	stage.Says(t, "talk", p.err.String(), `Profile "Carla" is not configured: withings.yaml has only "Anna".`)
}
