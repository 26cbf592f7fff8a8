package withings

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/envelope"
)

// overTheWire returns an account whose requests go through Transport to a real
// server on the loopback.
func overTheWire(t *testing.T, handler http.HandlerFunc) (*Account, *tally) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	observer := &tally{requests: map[string]int{}, skipped: map[string]int{}}
	client := &Client{
		URL:     server.URL,
		HTTP:    Transport(),
		Budget:  NewBudget(100, time.Now, nil),
		Observe: observer,
		Log:     slog.New(slog.DiscardHandler),
		Now:     func() time.Time { return noon },
	}
	t.Cleanup(client.HTTP.CloseIdleConnections)
	return client.Account("Anna", &purse{tokens: []string{secret}}), observer
}

func fetchGoals(ctx context.Context, a *Account) (batches []exporter.Batch, err error) {
	_, err = a.Fetch(ctx, exporter.Goal, exporter.Progress{}, func(b exporter.Batch) { batches = append(batches, b) })
	return batches, err
}

func TestARequestIsAFormWithABearer(t *testing.T) {
	a, _ := overTheWire(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got := strings.Join([]string{r.Method, r.URL.String(), r.Header.Get("Content-Type"), r.Header.Get("Authorization"), string(body)}, "\n")
		want := "POST\n/v2/user\napplication/x-www-form-urlencoded\nBearer " + secret + "\naction=getgoals"
		if got != want {
			t.Errorf("asked\n%s\nwant\n%s", got, want)
		}
		_, _ = io.WriteString(w, `{"status":0,"body":{"goals":[]}}`)
	})
	if _, err := fetchGoals(t.Context(), a); err != nil {
		t.Error(err)
	}
}

func TestCompressedAnswersAreAskedForAndRead(t *testing.T) {
	a, _ := overTheWire(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			t.Errorf("accepts %q, want gzip", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, `{"status":0,"body":{"goals":{"steps":9000}}}`)
		_ = z.Close()
	})
	batches, err := fetchGoals(t.Context(), a)
	if err != nil || len(batches) != 1 || len(batches[0].Records) != 1 {
		t.Errorf("error %v, batches %v, want a goal", err, batches)
	}
}

func TestAnAnswerWithoutEndStopsAtTheCap(t *testing.T) {
	for name, compressed := range map[string]bool{"plain": false, "compressed": true} {
		t.Run(name, func(t *testing.T) {
			a, observer := overTheWire(t, func(w http.ResponseWriter, _ *http.Request) {
				var out io.Writer = w
				if compressed {
					w.Header().Set("Content-Encoding", "gzip")
					z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
					out = z
				}
				block := bytes.Repeat([]byte(" "), 1<<20)
				for {
					if _, err := out.Write(block); err != nil {
						return // the client has hung up
					}
				}
			})
			before := heapInUse()
			_, err := fetchGoals(t.Context(), a)
			if err == nil || !strings.Contains(err.Error(), "larger than 32 MiB") {
				t.Errorf("error %v, want that of the cap", err)
			}
			if observer.requests["goal too_large"] != 1 {
				t.Errorf("requests %v, want one that was too large and no other try", observer.requests)
			}
			if after := heapInUse(); after > before+4<<20 {
				t.Errorf("%d MiB of heap stay in use, before it were %d", after>>20, before>>20)
			}
		})
	}
}

// TestAnAnswerOfTooManyValuesIsNotTakenApart has small values, each of which takes
// far more memory than text.
func TestAnAnswerOfTooManyValuesIsNotTakenApart(t *testing.T) {
	for name, c := range map[string]struct {
		value string
		n     int
		large bool
	}{
		"numbers":        {"0,", envelope.MaxValues + 1, true},
		"empty lists":    {"[],", envelope.MaxValues + 1, true},
		"empty objects":  {"{},", envelope.MaxValues + 1, true},
		"members":        {`{"a":0},`, envelope.MaxValues + 1, true},
		"of a long page": {`{"value":70000,"type":1,"unit":-3},`, 100_000, false},
	} {
		t.Run(name, func(t *testing.T) {
			a, observer := overTheWire(t, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, `{"status":0,"body":{"goals":[`+strings.Repeat(c.value, c.n)+`0]}}`)
			})
			_, err := fetchGoals(t.Context(), a)
			if large := err != nil && strings.Contains(err.Error(), "more than 2000000 values"); large != c.large {
				t.Errorf("error %v, want that of the cap: %t", err, c.large)
			}
			if n := observer.requests["goal too_large"]; (n == 1) != c.large {
				t.Errorf("requests %v, too large: %t", observer.requests, c.large)
			}
		})
	}
}

// heapInUse is what is in use once pools have been emptied, which takes two rounds.
func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestARedirectIsNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("asked elsewhere, with authorization %q", r.Header.Get("Authorization"))
	}))
	t.Cleanup(elsewhere.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			a, observer := overTheWire(t, func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, elsewhere.URL+"?rd="+secret, status)
			})
			_, err := fetchGoals(t.Context(), a)
			if err == nil || !strings.Contains(err.Error(), "a redirect to "+elsewhere.URL+"; check --api.url") || strings.Contains(err.Error(), secret) {
				t.Errorf("error %v, want one about the redirect", err)
			}
			if observer.requests["goal http_"+strconv.Itoa(status)] != 1 {
				t.Errorf("requests %v, want one", observer.requests)
			}
		})
	}
}

func TestACancelledRequestLetsGoOfTheServer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan struct{})
	a, _ := overTheWire(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body) // from then on the server notices who hangs up
		cancel()
		<-r.Context().Done()
		close(gone)
	})
	if _, err := fetchGoals(ctx, a); err != context.Canceled {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	<-gone
}
