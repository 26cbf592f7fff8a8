package daemon

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/systemd"
	"withings-exporter/exporter/web"
)

func TestAWrongClientSecretSendsNobodyToSignIn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "client-secret")
	put(t, file, simulator.DefaultClientSecret)
	stage.InWorld(t, func(w *stage.World) {
		w.Settings.SecretFile, w.Settings.Given = file, "the secret is from its file"
		r := &reloader{manager: new(systemd.Manager), set: w.Set, settings: w.Settings}
		w.Try(r.restart(context.Background(), w.Settings))
		w.Pass(10 * time.Minute)
		put(t, file, "wrong")
		r.renewSecrets(context.Background())
		w.Pass(time.Minute)
		told := func() int { return strings.Count(w.Log.String(), "does not accept client id or client secret") }
		wrong := pageOf(w).Wrong
		if told() != 1 || len(wrong) != 1 || !strings.HasPrefix(wrong[0].Text, "Client id or client secret is wrong") || wrong[0].Do != nobodySignsIn(w.Set) || wrong[0].Short == "" {
			t.Errorf("a minute after the change: told %d times, and the page says %+v", told(), wrong)
		}
		if is := r.condition(); is != "Serving 3 profiles, client id or secret wrong" {
			t.Errorf("the service manager is told %q", is)
		}
		w.Pass(4 * time.Hour) // all tokens have ended
		page := pageOf(w)
		for _, p := range page.Profiles {
			if p.State != web.StateFailing || len(p.Causes) != 1 || !strings.HasPrefix(p.Causes[0].Text, "Client id or client secret is wrong") || p.Causes[0].Do != nobodySignsIn(w.Set) {
				t.Errorf("%s: %v, %v, want the one cause", p.Name, p.State, p.Causes)
			}
			if !strings.Contains(p.Causes[0].Text, w.Settings.Given) {
				t.Errorf("%s: %q does not say where the secret is from", p.Name, p.Causes[0].Text)
			}
		}
		if len(page.Wrong) > 0 {
			t.Errorf("the page says twice what is wrong: %+v", page.Wrong)
		}
		for name, value := range w.Series() {
			if strings.HasPrefix(name, "withings_authorized{") && value != 1 {
				t.Errorf("%s is %v, want 1: the permission goes on", name, value)
			}
		}
		if log := w.Log.String(); told() != 1 || strings.Contains(log, "needs authorisation") || strings.Contains(log, "service failed") || strings.Contains(log, "token not renewed") {
			t.Errorf("told %d times, want once and nothing else:\n%s", told(), log)
		}
		put(t, file, simulator.DefaultClientSecret)
		r.renewSecrets(context.Background())
		w.Pass(10 * time.Minute)
		if late := w.Stale("Anna", 10*time.Minute); len(late) > 0 {
			t.Errorf("not read after the correction: %v", late)
		}
		if log := w.Log.String(); !strings.Contains(log, "Withings accepts the changed client id or secret") {
			t.Errorf("not told that it is right now:\n%s", log)
		}
	})
}

// TestWithingsIsAskedAgainWhetherTheClientIDIsWrong has nobody whose token would be renewed, and nobody who reloads.
func TestWithingsIsAskedAgainWhetherTheClientIDIsWrong(t *testing.T) {
	refusal := simulator.Fault{Kind: simulator.FaultStatus, Action: "getnonce", Status: 503, Text: "Invalid Params: invalid client_id"}
	const (
		refused = "Client id or client secret is wrong"
		another = "The token belongs to another application"
	)
	says := func(w *stage.World, want string) {
		w.T.Helper()
		for _, p := range pageOf(w).Profiles {
			said := p.Headline
			for _, cause := range p.Causes {
				said += cause.Text
			}
			if !strings.Contains(said, want) {
				w.T.Errorf("%s: the page says %s, %q, want %q", p.Name, p.State, said, want)
			}
		}
	}
	proofs := func(w *stage.World) (n float64) {
		for name, value := range w.Series() {
			if strings.HasPrefix(name, `withings_api_requests_total{service=oauth2`) {
				n += value
			}
		}
		return n
	}
	for _, c := range []struct {
		name string
		f    func(w *stage.World, r *reloader)
	}{
		{"a refusal ends", func(w *stage.World, r *reloader) {
			w.Sim.Inject(refusal)
			w.Try(r.restart(context.Background(), w.Settings))
			w.Pass(10 * time.Minute)
			says(w, refused)
			before := proofs(w)
			w.Pass(12 * time.Hour)
			if n := proofs(w) - before; n < 100 || n > 150 {
				w.T.Errorf("asked %v times in 12 hours, want every five minutes", n)
			}
			w.Sim.Clear()
			w.Pass(6 * time.Minute)
			says(w, another)
			before = proofs(w)
			w.Pass(time.Hour)
			if n := proofs(w) - before; n > 0 {
				w.T.Errorf("asked %v times after it was known", n)
			}
		}},
		{"nothing is known at first", func(w *stage.World, r *reloader) {
			w.Sim.Inject(simulator.Fault{Kind: simulator.FaultHTTP, Status: 502})
			w.Try(r.restart(context.Background(), w.Settings))
			w.Pass(10 * time.Minute)
			says(w, another)
			w.Sim.Clear()
			w.Sim.Inject(refusal)
			w.Pass(6 * time.Minute)
			says(w, refused)
			if log := w.Log.String(); strings.Contains(log, "profile is authorised") || strings.Count(log, "does not accept") != 1 {
				w.T.Errorf("not told once, or somebody is called authorised:\n%s", log)
			}
		}},
		{"the file of the secret is corrected", func(w *stage.World, r *reloader) {
			put(t, w.Settings.SecretFile, "wrong")
			r.renewSecrets(context.Background())
			w.Pass(time.Minute)
			says(w, refused)
			put(t, w.Settings.SecretFile, simulator.DefaultClientSecret)
			r.renewSecrets(context.Background())
			w.Pass(time.Minute)
			says(w, another)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "client-secret")
			put(t, file, simulator.DefaultClientSecret)
			stage.InWorld(t, func(w *stage.World) {
				for _, name := range w.Set.Served() {
					path := auth.NewStore(w.Set.Dir, name, w.Settings.ClientID, w.Settings.Now).Path()
					data, err := os.ReadFile(path)
					w.Try(err)
					put(t, path, strings.Replace(string(data), w.Settings.ClientID, "of-before", 1))
				}
				w.Pass(time.Minute)
				says(w, another)
				w.Settings.SecretFile = file
				c.f(w, &reloader{manager: new(systemd.Manager), set: w.Set, settings: w.Settings})
			})
		})
	}
}

// TestARefusalEndsWhileTokensAreValid: the secret of before is right again at Withings, and no token is to be renewed yet.
func TestARefusalEndsWhileTokensAreValid(t *testing.T) {
	stage.InWorld(t, func(w *stage.World) {
		next := w.Settings
		next.Signed = true // by the same secret
		r := &reloader{manager: new(systemd.Manager), set: w.Set, settings: w.Settings}
		w.Sim.Inject(simulator.Fault{Kind: simulator.FaultStatus, Action: "getnonce", Status: 503, Text: "Invalid Params: invalid client_secret"})
		w.Try(r.restart(context.Background(), next))
		w.Pass(10 * time.Minute)
		if wrong := pageOf(w).Wrong; len(wrong) != 1 || !strings.HasPrefix(wrong[0].Text, "Client id or client secret is wrong") {
			t.Fatalf("the page says %+v", wrong)
		}
		w.Sim.Clear()
		w.Pass(6 * time.Minute)
		if page := pageOf(w); len(page.Wrong)+len(page.Notes) > 0 || !strings.Contains(w.Log.String(), "Withings accepts client id and client secret again") {
			t.Errorf("the page says %+v and notes %q, and the log says\n%s", page.Wrong, page.Notes, w.Log)
		}
	})
}

func TestARefusedApplicationIsOneCause(t *testing.T) {
	text := `profile "Anna": no valid access token: ` + auth.ErrApplicationRefused.Error() + ": invalid client_secret"
	if got := exporter.Cause(text); got != auth.ErrApplicationRefused.Error()+": invalid client_secret" {
		t.Errorf("the cause is %q", got)
	}
}
