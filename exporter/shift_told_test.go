package exporter

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestASinkGetsEveryBedEventAfterAnOutage: also those that arrived late, and after a
// restart.
func TestASinkGetsEveryBedEventAfterAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink, cloud := newMemorySink(), &fakeCloud{}
		p := notifier(cloud)
		p.Sink = sink
		p.Choose = func() Choice { return Choice{Asked: Asked(), Told: []Service{Presence}} }
		r := start(t, p)
		pass(time.Minute)
		var ids []string
		event := func(in bool, at time.Time) {
			b, leftOut := BedEvent{In: in, At: at, Device: "mat"}.Batch(time.Now())
			if leftOut != "" {
				t.Fatal(leftOut)
			}
			ids = append(ids, "presence "+b.Records[0].ID)
			p.State.Apply(b)
			hinted(p, Presence)
			pass(time.Second)
		}
		lacking := func() (n int) {
			for _, id := range ids {
				if sink.times(id) == 0 {
					n++
				}
			}
			return n
		}
		cloud.taken()
		event(true, time.Now())
		if lacking() > 0 || len(cloud.taken()) > 0 {
			t.Error("a bed event is not in the sink at once, or Withings was asked for it")
		}
		sink.down.set(true)
		pass(10 * time.Minute)
		event(false, time.Now())
		pass(3 * time.Hour)
		event(true, time.Now().Add(-2*time.Hour)) // which arrives late
		if is := p.Status.Condition().Sink; lacking() != 2 || is == nil || is.Lag(time.Now()) < 3*time.Hour {
			t.Errorf("with the sink down it lacks %d events and is said to be %+v", lacking(), is)
		}
		r.stop()
		<-r.done
		again := NewState(p.State.Profile(), nil)
		if err := again.Restore(saved(t, p.State)); err != nil {
			t.Fatal(err)
		}
		sink.down.set(false)
		q := notifier(&fakeCloud{})
		q.State, q.Sink, q.Choose = again, sink, p.Choose
		start(t, q)
		pass(time.Minute)
		if n := lacking(); n > 0 {
			t.Errorf("after the outage and a restart %d of %d events are lost", n, len(ids))
		}
		if is := q.Status.Condition().Sink; is.Lag(time.Now()) != 0 {
			t.Errorf("it caught up and is said to be %+v", is)
		}
	})
}

func TestWithoutServicesToAskAProfileIsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := &fakeCloud{}
		p := notifier(cloud)
		p.Choose = func() Choice { return Choice{Told: []Service{Presence}, Sure: true} }
		start(t, p)
		pass(time.Hour)
		if is := p.Status.Condition(); !is.Up || len(cloud.taken()) > 0 || !is.Reads(Presence) || is.Reads(Measure) {
			t.Errorf("condition is %+v", is)
		}
	})
}

// TestAServiceThatNoDeviceRecordsIsAskedOnceADayUntilThereIsOne counts polls of a
// service that only some devices have.
func TestAServiceThatNoDeviceRecordsIsAskedOnceADayUntilThereIsOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var devices shared[[]Record]
		cloud := &fakeCloud{fetch: func(_ context.Context, service Service, _ Progress, apply func(Batch)) (Fetched, error) {
			if service == Device {
				apply(Batch{Service: Device, Records: devices.get(), Whole: Always()})
			}
			return Fetched{Updated: time.Now()}, nil
		}}
		p := &Profile{Fetch: cloud}
		start(t, p)
		pass(time.Hour)
		if is := p.Status.Condition(); !slices.Contains(is.Rare, Stetho) || !is.Reads(Stetho) || !is.Up {
			t.Errorf("condition is %+v", is)
		}
		cloud.taken()
		pass(48 * time.Hour)
		calls := cloud.taken()
		if rare, others := len(only(calls, "fetch stetho")), len(only(calls, "fetch measure")); rare < 2 || rare > 3 || others < 540 {
			t.Errorf("it was asked %d times in two days, the others %d times", rare, others)
		}
		devices.set([]Record{{Service: Device, ID: "c", End: noon, Readings: []Reading{is("device_info", "1", "c", "Blood Pressure Monitor", "", "44", "")}}})
		pass(11 * time.Minute)
		cloud.taken()
		pass(time.Hour)
		if n := len(only(cloud.taken(), "fetch stetho")); n < 11 || len(p.Status.Condition().Rare) > 0 {
			t.Errorf("with a device that has it, it was asked %d times in an hour; rare are %v", n, p.Status.Condition().Rare)
		}
	})
}
