package daemon

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"withings-exporter/exporter/command"
	"withings-exporter/exporter/internal/rude"
	"withings-exporter/exporter/internal/stage"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/simulator/signin"
	"withings-exporter/exporter/systemd"
	"withings-exporter/exporter/testserver"
)

// guarded is a database that takes one token.
type guarded struct {
	next  http.RoundTripper
	token string

	refused atomic.Int64
}

func (g *guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Header.Get("Authorization") == "Token "+g.token {
		return g.next.RoundTrip(r)
	}
	g.refused.Add(1)
	return &http.Response{StatusCode: http.StatusUnauthorized, Header: http.Header{}, Request: r,
		Body: io.NopCloser(strings.NewReader(`{"code":"unauthorized","message":"unauthorized access"}`))}, nil
}

func put(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestACorrectedTokenInItsFileIsUsedWithoutAReload(t *testing.T) {
	file := filepath.Join(t.TempDir(), "influx-token")
	put(t, file, "wrong\n")
	stage.InBubbleOf(t, t.TempDir(), func(w *stage.World) {
		db := rude.Pipe(w.T, rude.Influx2)
		door := &guarded{next: db.Client().Transport, token: "right"}
		w.Settings.Influx = command.Influx{URL: db.URL, Org: "home", Bucket: "health", Token: "wrong", TokenFile: file, HTTP: &http.Client{Transport: door}}
		w.Start()
		defer func() { w.Set.Halt() }()
		r := &reloader{manager: new(systemd.Manager), set: w.Set, settings: w.Settings, again: func() (command.Settings, error) {
			t.Error("the configuration is read again")
			return w.Settings, nil
		}}
		wait := func(d time.Duration) {
			for range d / lookForTokens {
				w.Pass(lookForTokens)
				r.renewSecrets(context.Background())
			}
		}
		wait(10 * time.Minute)
		problem := func() string { return w.Set.List()[0].Status.Condition().Sink.Problem.Text }
		if got := problem(); !strings.Contains(got, "rejects the token") || !strings.Contains(got, file) {
			t.Fatalf("the problem is %q, want that the token is rejected, and where it is corrected", got)
		}
		put(t, file, "") // an editor that empties the file before it writes
		wait(2 * lookForTokens)
		if n := strings.Count(w.Log.String(), "keeping the old one"); n != 1 {
			t.Errorf("an empty file is told %d times, want once:\n%s", n, w.Log)
		}
		notes := func() string { return strings.Join(pageOf(w).Notes, "\n") }
		if want := "A secret cannot be read again, and the one before stays in use: --influx.token-file: file " + strconv.Quote(file) + " is empty; put the secret there."; !strings.Contains(notes(), want) {
			t.Errorf("the page notes %q, want %q", notes(), want)
		}
		if got, want := r.condition(), "Serving 3 profiles. A secret cannot be read again: see the log"; got != want {
			t.Errorf("the service manager is told %q, want %q", got, want)
		}
		for _, err := range []error{os.Remove(file), os.Mkdir(file, 0o700)} { // as Docker does for a mount that is missing
			w.Try(err)
		}
		wait(2 * lookForTokens)
		if want := strconv.Quote(file) + " cannot be read: is a directory; check the path."; !strings.Contains(notes(), want) {
			t.Errorf("of a directory the page notes %q, want %q", notes(), want)
		}
		w.Try(os.Remove(file))
		put(t, file, "right\n")
		wait(lookForTokens) // until then the database is tried with the token of before
		before := door.refused.Load()
		wait(time.Minute)
		if got := problem(); got != "" || notes() != "" {
			t.Errorf("a minute after the correction: %q, and the page notes %q", got, notes())
		}
		if n := door.refused.Load() - before; n != 0 {
			t.Errorf("the wrong token was used %d times after the correction", n)
		}
		if log := w.Log.String(); !strings.Contains(log, "a secret has changed") || strings.Contains(log, "Token right") {
			t.Errorf("the log does not tell of the change:\n%s", log)
		}
	})
}

func TestARotatedClientSecretInItsFileIsUsedWithoutAReload(t *testing.T) {
	file := filepath.Join(t.TempDir(), "client-secret")
	put(t, file, "old")
	stage.InWorld(t, func(w *stage.World) {
		w.Settings.ClientSecret, w.Settings.SecretFile = "old", file
		r := &reloader{manager: new(systemd.Manager), set: w.Set, settings: w.Settings}
		w.Try(r.restart(context.Background(), w.Settings))
		w.Pass(4 * time.Hour) // all tokens have ended
		put(t, file, simulator.DefaultClientSecret)
		r.renewSecrets(context.Background())
		w.Pass(10 * time.Minute)
		if late := w.Stale("Anna", 10*time.Minute); len(late) > 0 {
			t.Errorf("not read after the correction: %v", late)
		}
		if r.settings.ClientSecret != simulator.DefaultClientSecret {
			t.Error("the settings have the old secret")
		}
	})
}

// TestServeUsesACorrectedTokenOfARealInfluxDB goes through the loop of the program, whose clock is real: nobody reloads.
func TestServeUsesACorrectedTokenOfARealInfluxDB(t *testing.T) {
	t.Parallel()
	db := testserver.Influx2(t)
	s := stage.New(t)
	file := filepath.Join(t.TempDir(), "influx-token")
	put(t, file, "wrong")
	told := stage.NewTranscript()
	s.Settings.Log, s.Settings.Profiles = slog.New(slog.NewTextHandler(told, nil)), []string{"Anna"}
	if err := signin.SignIn(t.Context(), s.Settings); err != nil {
		t.Fatal(err)
	}
	s.Settings.ListenAddresses, s.Settings.TelemetryPath = []string{"127.0.0.1:0"}, "/metrics"
	s.Settings.Influx = command.Influx{URL: db.URL, Org: db.Org, Bucket: db.Bucket, Token: "wrong", TokenFile: file}
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	opened, gone := make(chan string, 1), make(chan struct{})
	var err error
	go func() {
		defer close(gone)
		err = Serve(ctx, s.Settings, func() (command.Settings, error) { return s.Settings, errors.New("nobody reloads") }, func(addresses []string) { opened <- addresses[0] })
	}()
	told.Await(t, regexp.MustCompile("(rejects the token)"), gone)
	if n := len(db.Points()); n != 0 {
		t.Fatalf("%d points are written with a wrong token", n)
	}
	put(t, file, db.Token+"\n")
	told.Await(t, regexp.MustCompile("(a secret has changed)"), gone)
	written := regexp.MustCompile(`withings_influx_points_total\{result="written"\} [1-9][0-9]{2}`)
	address := "http://" + <-opened + "/metrics"
	for _, metrics := stage.Get(t, address); !written.MatchString(metrics); _, metrics = stage.Get(t, address) {
		if ctx.Err() != nil {
			t.Fatal("nothing is written with the corrected token: " + told.String())
		}
	}
	stop()
	<-gone
	if err != nil {
		t.Error(err)
	}
	if n := len(db.Points()); n < 100 {
		t.Errorf("the database has %d points, want those of thirty days", n)
	}
}
