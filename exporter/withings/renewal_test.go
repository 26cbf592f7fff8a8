package withings

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// renewing is a Tokens whose first token takes its time: it is renewed, which is a request
// that waits for room itself.
type renewing struct {
	purse
	room func(context.Context) error
	once sync.Once
}

func (r *renewing) Token(ctx context.Context) (token string, err error) {
	r.once.Do(func() { err = r.room(ctx) })
	if err != nil {
		return "", err
	}
	return secret, nil
}

// TestARequestWhoseTokenWasRenewedHasRoomWhenItIsSent has 400 profiles whose tokens expire at
// the same time, and a limit that has room for all of that in five minutes.
func TestARequestWhoseTokenWasRenewedHasRoomWhenItIsSent(t *testing.T) {
	inBubble(t, "400 renewals", func(t *testing.T) {
		w := newWorld(script(says(nothing)))
		var mu sync.Mutex // guards sent
		var sent []pass
		var running sync.WaitGroup
		for who := range 400 {
			tokens := &renewing{}
			tokens.room = func(ctx context.Context) error {
				defer func() {
					mu.Lock()
					defer mu.Unlock()
					sent = append(sent, pass{who, time.Now()})
				}()
				return w.client.Room(ctx)
			}
			account := w.client.Account("somebody", tokens)
			running.Go(func() {
				for range 3 {
					if _, err := account.Fetch(t.Context(), exporter.Goal, w.known(), func(exporter.Batch) {}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		running.Wait()
		for _, q := range w.cloud.asked {
			sent = append(sent, pass{at: q.at})
		}
		slices.SortFunc(sent, func(a, b pass) int { return a.at.Compare(b.at) })
		if most := busiest(sent); most > 100 || len(sent) != 1600 {
			t.Errorf("%d requests, %d of them in one minute; want 1600, and 100 at most", len(sent), most)
		}
	})
}
