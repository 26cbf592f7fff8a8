package notify

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/withings"
)

const (
	// mostTried is how many categories are tried when Withings refuses them.
	mostTried = 3
	// undoTime is how long ending the subscription of a trial may take once the trial has been given up.
	undoTime = 2 * time.Second
)

// Trial finds out whether Withings' notifications get here: Withings asks the address with HEAD before it confirms a
// subscription. It is the web handler of that address while no serve is running. All fields with an upper-case name but Password
// and Client are required.
type Trial struct {
	Account  Account
	External string                  // the exporter's address, as Withings reaches it
	Secret   Secret                  // see File.Provisional
	Known    []withings.Subscription // the subscriptions of the person
	Wanted   []int                   // the categories that serve subscribes to
	Served   bool                    // a running serve answers at the address, and keeps the subscription
	Behind   string                  // where the exporter listens for what a proxy passes on, as host:port
	Pause    func(context.Context, time.Duration) error
	Password bool         // serve asks everybody for a password there
	Client   *http.Client // for requests to the address; nil is the usual one

	arrived atomic.Bool // somebody has asked the address with HEAD
}

// ServeHTTP answers HEAD as a Receiver does. A notification is refused: Withings sends it again later, to serve.
func (t *Trial) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	got, want := sum(strings.TrimPrefix(q.URL.Path, Prefix)), sum(string(t.Secret))
	switch {
	case subtle.ConstantTimeCompare(got[:], want[:]) == 0:
		answer(w, http.StatusNotFound)
	case q.Method == http.MethodHead:
		t.arrived.Store(true)
		answer(w, http.StatusOK)
	case q.Method != http.MethodPost:
		answer(w, http.StatusMethodNotAllowed)
	case q.ContentLength != 0:
		w.Header().Set("Connection", "close")
		answer(w, http.StatusServiceUnavailable)
	default:
		answer(w, http.StatusOK)
	}
}

// Run makes a subscription, and ends it unless it was there before or serve keeps it. The error says what is in the way, and what to
// do; it is a LinksOnly if the address is one that is mostly given for links, and a Leftover if all is well but the subscription did not end.
func (t *Trial) Run(ctx context.Context) error {
	category, err := t.subscribe(ctx)
	heard := t.arrived.Load() // what arrives from now on is our own
	switch {
	case category == 0:
		return t.refused(ctx, err, heard)
	case err != nil:
		_ = t.undo(ctx, category) // it may have been made all the same
		return err
	}
	err = t.passes(ctx, heard)
	if left := t.undo(ctx, category); left != nil && err == nil {
		return &Leftover{left}
	}
	return err
}

// Leftover is the error of a subscription that was made for a trial and did not end.
type Leftover struct{ error }

// Unwrap is why.
func (l *Leftover) Unwrap() error { return l.error }

// subscribe subscribes to one of the wanted categories, to one that is missing if there is one. The category is 0 if Withings accepts
// none.
func (t *Trial) subscribe(ctx context.Context) (category int, err error) {
	tried := 0
	for _, category := range t.candidates() {
		if tried > 0 {
			if err := t.Pause(ctx, gapSubscribe); err != nil {
				return 0, err
			}
		}
		err = t.Account.Subscribe(ctx, t.address(), category)
		tried++
		switch {
		case err == nil:
			return category, nil
		case errors.Is(err, withings.ErrCallback), errors.Is(err, withings.ErrCategory) && tried == mostTried:
			return 0, err
		case !errors.Is(err, withings.ErrCategory):
			advice := "" // Withings has been seen to fail when subscriptions follow each other quickly
			if t.Served {
				advice = "if serve has just started and is subscribing itself, run check again in a minute"
			}
			return category, hint.Wrap(fmt.Errorf("subscribe to notifications about %s: %w", Words(category), err), advice)
		}
	}
	if err == nil {
		err = errors.New("there is nothing that the person has allowed and that is announced")
	}
	return 0, err
}

// candidates are the categories to try, those without a subscription first.
func (t *Trial) candidates() []int {
	var missing, present []int
	for _, category := range t.Wanted {
		switch {
		case exporter.Uncertain(category):
		case t.had(category):
			present = append(present, category)
		default:
			missing = append(missing, category)
		}
	}
	return append(missing, present...)
}

// had reports whether there was a subscription at the address before.
func (t *Trial) had(category int) bool {
	return slices.Contains(listed(t.Known, t.address()), category)
}

// undo ends the subscription that the trial has made, also once ctx has ended.
func (t *Trial) undo(ctx context.Context, category int) error {
	if t.Served || t.had(category) {
		return nil
	}
	if err := t.Pause(ctx, gapRevoke); err != nil {
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
		defer cancel()
		ctx = late
	}
	if err := t.Account.Unsubscribe(ctx, t.address(), category); err != nil {
		return fmt.Errorf("end the subscription of this check: %w", err)
	}
	return nil
}

// address is the one that is tried.
func (t *Trial) address() string { return Address(t.External, t.Secret) }
