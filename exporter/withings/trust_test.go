package withings

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// polls asks for every service a number of times and returns which failed each
// time, as in "sleep goal".
func (w *world) polls(n int) []string {
	var all []string
	for range n {
		var failed []string
		for _, service := range exporter.Asked() {
			if _, _, err := w.fetch(service, w.known()); err != nil {
				failed = append(failed, string(service))
			}
		}
		all = append(all, strings.Join(failed, " "))
	}
	return all
}

// taking is a cloud that takes a token for a service or refuses it.
func taking(takes func(q asked, service string) bool) func(int, asked) (*http.Response, error) {
	return func(_ int, q asked) (*http.Response, error) {
		service := q.form.Get("action") + q.form.Get("category")
		if takes(q, service) {
			return says(nothing)()
		}
		return says(`{"status":401,"error":"The access token provided is invalid"}`)()
	}
}

func TestATokenIsRenewedWhenItDiesAndNotForOneServiceThatRefusesIt(t *testing.T) {
	var names []string
	for _, service := range exporter.Asked() {
		names = append(names, string(service))
	}
	everyService := strings.Join(names, " ")
	for _, c := range []struct {
		name     string
		takes    func(asked, string) bool
		failed   []string // in three polls
		rejected int      // tokens of which the source hears
	}{
		{"an old token", func(q asked, _ string) bool { return q.token != secret }, []string{"", "", ""}, 1},
		{"one service in the middle", func(_ asked, s string) bool { return s != "getsummary" },
			[]string{"sleep", "sleep", "sleep"}, 0},
		{"the last service", func(_ asked, s string) bool { return s != "get" }, []string{"night", "night", "night"}, 0},
		{"the first service", func(_ asked, s string) bool { return s != "getmeas1" }, []string{"measure", "measure", "measure"}, 1},
		{"all services of a scope", func(_ asked, s string) bool { return !strings.HasPrefix(s, "getmeas") },
			[]string{"measure objective", "measure objective", "measure objective"}, 1},
		{"every service", func(asked, string) bool { return false }, []string{everyService, everyService, everyService}, 1},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			w := newWorld(taking(c.takes))
			for i := range 30 {
				w.purse.tokens = append(w.purse.tokens, fmt.Sprint("renewed-", i))
			}
			if got := w.polls(3); !slices.Equal(got, c.failed) {
				t.Errorf("failed in three polls: %q, want %q", got, c.failed)
			}
			if len(w.purse.rejected) != c.rejected {
				t.Errorf("rejected were %q, want %d", w.purse.rejected, c.rejected)
			}
			for service := range strings.FieldsSeq(c.failed[2]) {
				_, _, err := w.fetch(exporter.Service(service), w.known())
				if !errors.Is(err, exporter.ErrTokenRefused) || !strings.Contains(err.Error(), `for this service; if this lasts, run: withings-exporter auth Anna`) {
					t.Errorf("%s: error %v, want one about this service", service, err)
				}
			}
		})
	}
}

func TestATokenThatDiesIsRenewedWhereverThePollIs(t *testing.T) {
	for at, service := range exporter.Asked() {
		inBubble(t, string(service), func(t *testing.T) {
			var dead, every bool
			w := newWorld(nil)
			w.cloud.answer = taking(func(q asked, _ string) bool {
				if every && w.cloud.count()%len(exporter.Asked()) == at {
					dead = true
				}
				return q.token != secret || !dead
			})
			w.purse.tokens = append(w.purse.tokens, "renewed")
			if got := w.polls(1); got[0] != "" {
				t.Fatalf("failed: %q", got)
			}
			every = true
			if got := w.polls(1); got[0] != "" || !slices.Equal(w.purse.rejected, []string{secret}) {
				t.Errorf("failed: %q, rejected %q, want a renewal and no failure", got, w.purse.rejected)
			}
		})
	}
}

func TestATokenThatDiesInTheFirstPollCostsOneServiceAtMost(t *testing.T) {
	inBubble(t, "after the first service", func(t *testing.T) {
		w := newWorld(nil)
		w.cloud.answer = taking(func(q asked, _ string) bool { return q.token != secret || w.cloud.count() < 2 })
		w.purse.tokens = append(w.purse.tokens, "renewed")
		if got, want := w.polls(2), []string{"activity", ""}; !slices.Equal(got, want) {
			t.Errorf("failed: %q, want %q", got, want)
		}
	})
}

func TestWhenNoServiceTakesTheTokenTheSourceHearsOfIt(t *testing.T) {
	inBubble(t, "all refuse", func(t *testing.T) {
		w := newWorld(taking(func(asked, string) bool { return false }))
		w.purse.tokens = append(w.purse.tokens, "renewed")
		w.polls(1)
		w.Refused()
		if want := []string{secret, "renewed"}; !slices.Equal(w.purse.rejected, want) {
			t.Errorf("rejected %q, want %q", w.purse.rejected, want)
		}
	})
}

func TestAServiceThatIsNotAllowedSaysSo(t *testing.T) {
	for name, refusal := range map[string]func() (*http.Response, error){
		"HTTP 403": answers(403, ""), "214": says(`{"status":214}`), "277": says(`{"status":277,"error":"no"}`),
		"2553": says(`{"status":2553}`), "2555": says(`{"status":2555}`),
	} {
		inBubble(t, name, func(t *testing.T) {
			w := newWorld(func(_ int, q asked) (*http.Response, error) {
				if q.form.Get("action") == "getsummary" {
					return refusal()
				}
				return says(nothing)()
			})
			if got := w.polls(1); got[0] != "sleep" {
				t.Errorf("failed: %q", got)
			}
			_, _, err := w.fetch(exporter.Sleep, w.known())
			if !errors.Is(err, exporter.ErrNotAllowed) || errors.Is(err, exporter.ErrTokenRefused) || len(w.purse.rejected) > 0 {
				t.Errorf("error %v, rejected %q", err, w.purse.rejected)
			}
		})
	}
}

func TestAHangingWithingsIsNotWaitedForByEveryService(t *testing.T) {
	hangs := true
	inBubble(t, "from the first service on", func(t *testing.T) {
		w := newWorld(func(_ int, _ asked) (*http.Response, error) {
			if hangs {
				return silent()
			}
			return says(nothing)()
		})
		began := time.Now()
		if _, _, err := w.fetch(exporter.Measure, w.known()); err == nil {
			t.Fatal("no error")
		}
		if took := time.Since(began); took > time.Minute+5*time.Second {
			t.Errorf("the first service failed after %s, want about a minute", took)
		}
		w.polls(1) // of all services, the first once more
		if took := time.Since(began); took > time.Minute+5*time.Second+probes+time.Duration(len(exporter.Asked()))*time.Second {
			t.Errorf("a poll of services that hang took %s, want a minute and a half after the first, whatever the number of services", took)
		}
		if err := exporter.Pause(context.Background(), 4*time.Minute); err != nil {
			t.Fatal(err)
		}
		began = time.Now()
		if _, _, err := w.fetch(exporter.Measure, w.known()); err == nil || time.Since(began) < 2*requestTime {
			t.Errorf("the next poll gives it %s, want the full time again; error %v", time.Since(began), err)
		}
		hangs = false
		if got := w.polls(1); got[0] != "" || !w.hung.IsZero() {
			t.Errorf("once it answers, failed are %q", got)
		}
	})
	inBubble(t, "a service that is slow beside others", func(t *testing.T) {
		w := newWorld(func(_ int, q asked) (*http.Response, error) {
			if q.form.Get("action") == "getsummary" {
				return silent()
			}
			return says(nothing)()
		})
		if got := w.polls(2); !slices.Equal(got, []string{"sleep", "sleep"}) {
			t.Errorf("failed: %q, want sleep alone", got)
		}
	})
	inBubble(t, "an answer that takes twenty seconds, after one that got lost", func(t *testing.T) {
		w := newWorld(func(n int, _ asked) (*http.Response, error) {
			if n < slowTries {
				return silent()
			}
			<-time.After(20 * time.Second) // by the clock of the bubble
			return says(nothing)()
		})
		w.polls(1)
		if err := exporter.Pause(context.Background(), 4*time.Minute); err != nil {
			t.Fatal(err)
		}
		if got := w.polls(1); got[0] != "" {
			t.Errorf("the next poll fails for %q", got)
		}
	})
}

// TestATokenThatAnotherProcessHasRenewedFailsNothing has the token end in the middle
// of a poll, whichever service meets that first.
func TestATokenThatAnotherProcessHasRenewedFailsNothing(t *testing.T) {
	for _, first := range []string{"getmeas1", "getsummary", "getworkouts"} {
		inBubble(t, first, func(t *testing.T) {
			var w *world
			ended := false
			w = newWorld(taking(func(q asked, service string) bool {
				if service == first && !ended {
					ended, w.purse.tokens = true, []string{"of-another-process"}
				}
				return !ended || q.token == "of-another-process"
			}))
			if got := w.polls(2); !slices.Equal(got, []string{"", ""}) {
				t.Errorf("failed in two polls: %q, want none", got)
			}
		})
	}
}
