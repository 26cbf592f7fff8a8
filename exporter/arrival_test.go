package exporter

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestASinkGetsBedEventsWhateverTheClockSaid: in the order in which the state got them, not that of the clock, which may be
// set back, and which two requests may have read before either was taken in.
func TestASinkGetsBedEventsWhateverTheClockSaid(t *testing.T) {
	for name, back := range map[string]time.Duration{
		"it goes on": -time.Minute, "it stands still": 0, "two requests at once": time.Microsecond, "it was an hour ahead": time.Hour, "it was in another year": 400 * 24 * time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sink := newMemorySink()
				p := notifier(&fakeCloud{})
				p.Sink = sink
				p.Choose = func() Choice { return Choice{Asked: Asked(), Told: []Service{Presence}} }
				r := start(t, p)
				pass(time.Minute)
				ahead := time.Now().Add(max(back, 0))
				var ids []string
				for i, arrived := range []time.Time{ahead, ahead.Add(-back)} {
					b, leftOut := BedEvent{In: i == 0, At: arrived, Device: "mat"}.Batch(arrived)
					if leftOut != "" {
						t.Fatal(leftOut)
					}
					p.State.Apply(b)
					ids = append(ids, "presence "+b.Records[0].ID)
					hinted(p, Presence)
					pass(time.Second)
				}
				r.stop()
				<-r.done
				for _, id := range ids {
					if sink.times(id) == 0 {
						t.Errorf("the sink lacks %s", id)
					}
				}
			})
		})
	}
}
