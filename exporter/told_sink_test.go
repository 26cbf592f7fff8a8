package exporter

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestASinkCatchesUpWithinAnIntervalAlsoWhilePollsAreRare: Withings is not asked more often for that.
func TestASinkCatchesUpWithinAnIntervalAlsoWhilePollsAreRare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink, cloud := newMemorySink(), newScaleCloud()
		p := notifier(nil)
		p.Sink = sink
		p.Choose = func() Choice { return Choice{Asked: Asked(), Told: []Service{Presence}} }
		startScaleCloud(t, cloud, p)
		pass(20 * time.Minute)
		cloud.taken()
		sink.down.set(true)
		cloud.weigh("1")
		hinted(p, Measure)
		toBed(p)
		event := "presence " + p.State.toldSince(Presence, time.Time{}).Records[0].ID
		pass(12 * time.Minute)
		if n := len(cloud.taken()); n != 1 || sink.times("measure 1") > 0 {
			t.Errorf("while the sink is down Withings was asked %d times, want once", n)
		}
		sink.down.set(false)
		pass(6 * time.Minute)
		if sink.times("measure 1") != 1 || sink.times(event) != 1 {
			t.Errorf("the sink got the weigh-in %d times, and the bed event %d times", sink.times("measure 1"), sink.times(event))
		}
		cloud.taken()
		pass(6 * time.Minute)
		if got := names(cloud.taken()); got != "" {
			t.Errorf("once it has caught up, asked is %q", got)
		}
	})
}
