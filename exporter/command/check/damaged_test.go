package check

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"withings-exporter/exporter/profiles"
)

// hold has a set say that it serves until the test ends, as serve does.
func hold(t *testing.T, set *profiles.Set) {
	ctx, end := context.WithCancel(t.Context())
	var holding sync.WaitGroup
	holding.Go(func() { set.HoldServing(ctx, slog.New(slog.DiscardHandler)) })
	t.Cleanup(func() { end(); holding.Wait() })
}

// serving is hold, and returns what others see of that.
func serving(t *testing.T, set *profiles.Set) *profiles.Server {
	t.Helper()
	hold(t, set)
	for {
		switch server, err := set.Serving(t.Context()); {
		case err != nil:
			t.Fatal(err)
		case server != nil && server.Profiles != nil:
			return server
		}
	}
}

// TestADamagedTokenIsLeftToServe, which may have it in memory: nobody needs to sign in then.
func TestADamagedTokenIsLeftToServe(t *testing.T) {
	w := newStreet(t)
	w.Settings.ExternalURL = ""
	set, path := w.set(), filepath.Join(w.Settings.StateDir, "+anna.token.json")
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	told := func() string {
		t.Helper()
		var out bytes.Buffer
		if err := Check(t.Context(), w.Settings, &out, io.Discard); err == nil {
			t.Error("check finds nothing wrong")
		}
		if data, err := os.ReadFile(path); err != nil || string(data) != "{" {
			t.Errorf("the file is %q, %v, want it as it was", data, err)
		}
		return out.String()
	}
	const advice, first = "; run: withings-exporter auth Anna", "; but first run check again: serve puts the token back within seconds"
	if got := told(); !strings.Contains(got, advice) || strings.Contains(got, first) {
		t.Errorf("without serve, it says\n%s", got)
	}
	serving(t, set)
	if got := told(); !strings.Contains(got, advice+first) {
		t.Errorf("with serve, it says\n%s", got)
	}
}
