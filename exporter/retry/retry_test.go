package retry

import (
	"slices"
	"testing"
	"time"
)

func TestAWaitDoublesUpToTheLongest(t *testing.T) {
	b := Backoff{First: 15 * time.Second, Most: time.Minute}
	var got []time.Duration
	for wait := time.Duration(0); len(got) < 4; got = append(got, wait) {
		wait = b.Next(wait)
	}
	want := []time.Duration{15 * time.Second, 30 * time.Second, time.Minute, time.Minute}
	if !slices.Equal(got, want) {
		t.Errorf("waits are %v, want %v", got, want)
	}
}

func TestWaitsAreSpreadByATwentieth(t *testing.T) {
	const wait = 10 * time.Minute
	seen := map[time.Duration]bool{}
	for range 1000 {
		got := Spread(wait)
		if got < wait-wait/20 || got > wait+wait/20 {
			t.Fatalf("a wait of %s becomes %s", wait, got)
		}
		seen[got] = true
	}
	if len(seen) < 900 {
		t.Errorf("1000 waits are of %d lengths", len(seen))
	}
	if got := Spread(0); got != 0 {
		t.Errorf("no wait becomes %s", got)
	}
}
