package exporter

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestThePollThatIsDueEarliestIsLetInFirst fills the gate and has others wait, in no order, of which one gives up.
func TestThePollThatIsDueEarliestIsLetInFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, ctx := &gate{}, t.Context()
		for range atOnce {
			if !g.enter(ctx, time.Time{}) {
				t.Fatal("not let in although there is room")
			}
		}
		var order []int
		for _, due := range []int{5, 2, 9, 0, 7, 1} {
			go func() {
				moment := time.Time{}
				if due > 0 {
					moment = time.Now().Add(time.Duration(due) * time.Minute)
				}
				if g.enter(ctx, moment) {
					order = append(order, due)
				}
			}()
		}
		gone, leave := context.WithCancel(ctx)
		left := false
		go func() { left = !g.enter(gone, time.Time{}) }()
		synctest.Wait()
		if len(order) > 0 {
			t.Fatalf("%v are let in although there is no room", order)
		}
		leave()
		synctest.Wait()
		if !left {
			t.Error("what gives up still waits")
		}
		for range 6 {
			g.leave()
			synctest.Wait()
		}
		if want := []int{0, 1, 2, 5, 7, 9}; !slices.Equal(order, want) {
			t.Errorf("let in %v, want %v", order, want)
		}
		for range atOnce {
			g.leave()
		}
		if g.inside != 0 || len(g.waiting) != 0 {
			t.Errorf("%d are inside and %d wait when all have left", g.inside, len(g.waiting))
		}
	})
}

// TestAPollThatIsLetInAsItGivesUpLeavesItsPlace has both happen before the waiting goroutine runs.
func TestAPollThatIsLetInAsItGivesUpLeavesItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for range 100 { // select picks at random
			g := &gate{inside: atOnce}
			ctx, stop := context.WithCancel(t.Context())
			in := make(chan bool)
			go func() { in <- g.enter(ctx, time.Now()) }()
			synctest.Wait()
			stop()
			g.leave()
			if <-in {
				g.leave()
			}
			if g.inside != atOnce-1 {
				t.Fatalf("%d are inside, want %d", g.inside, atOnce-1)
			}
		}
	})
}
