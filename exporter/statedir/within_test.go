package statedir

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestWorkThatHangsIsWaitedForAsLongAsTheContextAndHappensOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := make(chan struct{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		dropped, runs := "", 0
		work := func() (string, error) { runs++; <-disk; return "lock", nil }
		if _, err := within(ctx, "a", work, func(s string) { dropped = s }); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got error %v, want the end of the context", err)
		}
		for range 3 { // nobody starts a second thread for that disk
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if _, err := within(ctx, "a", work, nil); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got error %v, want the end of the context", err)
			}
			cancel()
		}
		if _, err := Within(t.Context(), "b", func() (int, error) { return 0, nil }); err != nil {
			t.Errorf("another file: %v", err)
		}
		close(disk)
		synctest.Wait()
		if runs != 1 || dropped != "lock" {
			t.Errorf("%d runs and %q dropped, want one run whose lock is dropped", runs, dropped)
		}
		if got, err := within(t.Context(), "a", work, nil); got != "lock" || err != nil {
			t.Errorf("got %q, %v when the disk answers again", got, err)
		}
	})
}

func TestErrorOfTheWorkIsTheOneReturned(t *testing.T) {
	want := errors.New("no")
	if _, err := Within(t.Context(), "a", func() (int, error) { return 0, want }); !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}
