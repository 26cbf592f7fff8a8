package profiles

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/statedir"
)

// TestNoFileStaysOpenForAProfile loads many people: a process may have a thousand files open.
func TestNoFileStaysOpenForAProfile(t *testing.T) {
	const people, few = 200, 20
	s := command.Settings{
		StateDir: t.TempDir(), Now: time.Now, Log: slog.New(slog.DiscardHandler), ClientID: "client", ClientSecret: "secret",
		APIURL: "http://127.0.0.1:1", AccountURL: "http://127.0.0.1:1", PollInterval: time.Hour, RateLimit: 120,
	}
	dir, err := statedir.Open(s.StateDir)
	if err != nil {
		t.Fatal(err)
	}
	for i := range people {
		store := auth.NewStore(dir, fmt.Sprint("person ", i), s.ClientID, s.Now)
		token := auth.Token{AccessToken: fmt.Sprintf("%040d", i), RefreshToken: fmt.Sprintf("%040d", people+i), Expiry: time.Now().Add(time.Hour)}
		if err := store.Save(context.Background(), token); err != nil {
			t.Fatal(err)
		}
	}
	before := openFiles(t)
	set, err := Loaded(s)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(set.List()); got != people {
		t.Fatalf("%d profiles are loaded, want %d", got, people)
	}
	if more := openFiles(t) - before; more > few {
		t.Errorf("%d files stay open for %d people", more, people)
	}
}

// openFiles is how many descriptors the process has.
func openFiles(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}
