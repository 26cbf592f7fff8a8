package daemon

import (
	"context"
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
		if notes := strings.Join(pageOf(w).Notes, "\n"); told() != 1 || !strings.Contains(notes, "Client id or client secret is wrong") || !strings.Contains(notes, nobodySignsIn) {
			t.Errorf("a minute after the change: told %d times, and the page notes %q", told(), notes)
		}
		w.Pass(4 * time.Hour) // all tokens have ended
		page := pageOf(w)
		for _, p := range page.Profiles {
			if p.State != web.StateFailing || len(p.Causes) != 1 || !strings.HasPrefix(p.Causes[0].Text, "Client id or client secret is wrong") || p.Causes[0].Do != nobodySignsIn {
				t.Errorf("%s: %v, %v, want the one cause", p.Name, p.State, p.Causes)
			}
			if !strings.Contains(p.Causes[0].Text, w.Settings.Given) {
				t.Errorf("%s: %q does not say where the secret is from", p.Name, p.Causes[0].Text)
			}
		}
		if notes := strings.Join(page.Notes, "\n"); strings.Contains(notes, "is wrong") {
			t.Errorf("the page says twice what is wrong: %s", notes)
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

func TestARefusedApplicationIsOneCause(t *testing.T) {
	text := `profile "Anna": no valid access token: ` + auth.ErrApplicationRefused.Error() + ": invalid client_secret"
	if got := exporter.Cause(text); got != auth.ErrApplicationRefused.Error()+": invalid client_secret" {
		t.Errorf("the cause is %q", got)
	}
}
