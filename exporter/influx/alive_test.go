package influx

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/internal/rude"
)

// quiet is a writer that logs and counts nothing.
func quiet(t *testing.T, url string, client *http.Client) *Writer {
	t.Helper()
	w, err := New(Options{URL: url, Org: "any", Bucket: "b", Token: "t", HTTP: client, Log: slog.New(slog.DiscardHandler), Observe: func(string, int) {}})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestAServerIsAskedOnceAMinuteWhetherItIsThere unless it has answered something else. Whatever it answers will do.
func TestAServerIsAskedOnceAMinuteWhetherItIsThere(t *testing.T) {
	for name, behaviour := range map[string]rude.Behaviour{"InfluxDB": rude.Influx2, "VictoriaMetrics": rude.Victoria, "an error": rude.Status(http.StatusBadGateway)} {
		synctest.Test(t, func(t *testing.T) {
			db := rude.Pipe(t, behaviour)
			w := quiet(t, db.URL, db.Client())
			w.probed.Store(true)
			watch := func(want int) {
				t.Helper()
				for range 60 * 10 { // all profiles, for ten minutes
					if err := w.Alive(t.Context()); err != nil {
						t.Fatalf("%s: %v", name, err)
					}
					time.Sleep(time.Second)
				}
				if n := db.Requests("/ping"); n != want {
					t.Errorf("%s: asked %d times, want %d", name, n, want)
				}
			}
			watch(10)
			_, _ = w.Write(t.Context(), "a b=1 1\n")
			watch(19) // and not in the first of the minutes
		})
	}
}

// TestAServerIsAskedAlthoughTheClockWasSetBack by more than what it counts as lately.
func TestAServerIsAskedAlthoughTheClockWasSetBack(t *testing.T) {
	db := rude.Server(t, rude.Influx2)
	w := quiet(t, db.URL, db.Client())
	w.probed.Store(true)
	w.heard.Store(time.Now().Add(time.Hour).UnixNano())
	for range 2 {
		if err := w.Alive(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := db.Requests("/ping"); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
}

// TestAServerThatIsGoneIsKnownToTheSink although nothing is written, until it has acknowledged something.
func TestAServerThatIsGoneIsKnownToTheSink(t *testing.T) {
	k := newDesk(t, "v2")
	if err := k.Watch(t.Context()); err != nil {
		t.Fatal(err)
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	here := k.writer
	k.writer = quiet(t, gone.URL, nil)
	if err := k.Watch(t.Context()); !errors.Is(err, exporter.ErrOfAll) || !strings.HasPrefix(err.Error(), "cannot reach InfluxDB at ") {
		t.Errorf("of a server that is gone it says %v", err)
	}
	k.writer = here
	before := k.db.Requests(write)
	if err := k.Ready(t.Context()); err != nil || k.db.Requests(write) != before+1 {
		t.Errorf("once it is back it says %v, after %d writes", err, k.db.Requests(write)-before)
	}
}

// TestOnlyAConnectionThatCannotBeMadeIsAnOutage: a proxy may know the address of writes alone.
func TestOnlyAConnectionThatCannotBeMadeIsAnOutage(t *testing.T) {
	silent, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	w := quiet(t, "http://"+silent.Addr().String(), nil)
	w.probed.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := w.Alive(ctx); err != nil {
		t.Errorf("of one that says nothing: %v", err)
	}
}

// TestANewTokenIsTriedAlthoughNothingIsWritten once for all profiles, unless something was written with it.
func TestANewTokenIsTriedAlthoughNothingIsWritten(t *testing.T) {
	for _, c := range []struct {
		right, wrote bool
		tries        int
	}{{true, false, 1}, {true, true, 0}, {false, false, 1}} {
		db := rude.Server(t, rude.Influx2)
		if !c.right {
			db.Set(rude.Status(http.StatusUnauthorized))
		}
		w := quiet(t, db.URL, db.Client())
		if c.wrote {
			if _, err := w.Write(t.Context(), "a b=1 1\n"); err != nil {
				t.Fatal(err)
			}
		}
		before := db.Requests(write)
		first, second := w.Alive(t.Context()), w.Alive(t.Context())
		if second != nil || (first == nil) != c.right || first != nil && !errors.Is(first, exporter.ErrOfAll) {
			t.Errorf("%+v: it says %v, then %v", c, first, second)
		}
		if n := db.Requests(write) - before; n != c.tries {
			t.Errorf("%+v: %d writes", c, n)
		}
	}
}
