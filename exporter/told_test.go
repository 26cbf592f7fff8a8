package exporter

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// disk is where a test saves a state.
type disk struct {
	state shared[*State] // as it was saved last
	full  shared[bool]
	saves atomic.Int64
}

// keeps gives a profile a disk.
func (d *disk) keeps(t *testing.T, p *Profile) {
	p.State = NewState("Anna", nil)
	p.Save = func() error {
		if d.full.get() {
			return errors.New("no space left")
		}
		d.saves.Add(1)
		again := NewState("Anna", nil)
		if err := again.Restore(saved(t, p.State)); err != nil {
			t.Error(err)
		}
		d.state.set(again)
		return nil
	}
}

// events is how many bed events are saved.
func (d *disk) events() int {
	if is := d.state.get(); is != nil {
		return is.count(Presence)
	}
	return 0
}

// toBed has a profile told that somebody got in bed just now.
func toBed(p *Profile) {
	b, _ := BedEvent{In: true, At: time.Now(), Device: "mat"}.Batch(time.Now())
	p.State.Apply(b)
	hinted(p, Presence)
}

// TestABedEventIsSavedWithinSeconds: a crash must not lose what Withings cannot be asked for again, whatever the poller does.
func TestABedEventIsSavedWithinSeconds(t *testing.T) {
	for name, hinder := range map[string]func(*Profile, *fakeCloud){
		"between polls": func(*Profile, *fakeCloud) {},
		"without a token": func(p *Profile, _ *fakeCloud) {
			p.Ready = func(context.Context) error { return ErrNotAuthorized }
		},
		"while Withings does not answer": func(_ *Profile, c *fakeCloud) {
			c.fetch = func(ctx context.Context, _ Service, _ Progress, _ func(Batch)) (Fetched, error) {
				<-ctx.Done()
				return Fetched{}, ctx.Err()
			}
		},
		"while the past is read": func(_ *Profile, c *fakeCloud) {
			c.older = func(Service, Progress, func(Batch)) (time.Time, error) {
				linger(time.Hour)
				return time.Time{}, nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var d disk
				cloud := &fakeCloud{}
				p := notifier(cloud)
				p.Choose = func() Choice { return Choice{Asked: Asked(), Told: []Service{Presence}} }
				d.keeps(t, p)
				hinder(p, cloud)
				start(t, p)
				pass(10 * time.Minute)
				toBed(p)
				pass(2 * time.Second)
				if d.events() != 1 {
					t.Error("the first event is not saved")
				}
				before := d.saves.Load()
				for range 60 {
					toBed(p)
					pass(time.Second)
				}
				pass(6 * time.Second)
				if d.events() != 61 {
					t.Errorf("%d of 61 events are saved", d.events())
				}
				if n := d.saves.Load() - before; n > 20 {
					t.Errorf("in a minute the state was saved %d times", n)
				}
			})
		})
	}
}

// TestABedEventOfTheLastMomentIsSaved: it may arrive while the poller stops.
func TestABedEventOfTheLastMomentIsSaved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d disk
		p := notifier(&fakeCloud{})
		d.keeps(t, p)
		r := start(t, p)
		pass(time.Minute)
		toBed(p)
		r.stop()
		<-r.done
		if d.events() != 1 {
			t.Errorf("%d events are saved at the end of polling", d.events())
		}
		pass(time.Second)
		toBed(p) // once polling has stopped
		pass(time.Second)
		toBed(p)
		d.full.set(true)
		if err := p.SaveTold(); err == nil || !p.State.Unsaved() {
			t.Errorf("with a full disk: %v", err)
		}
		d.full.set(false)
		if err := p.SaveTold(); err != nil || d.events() != 3 {
			t.Errorf("%d events are saved in the end, %v", d.events(), err)
		}
		saves := d.saves.Load()
		if err := p.SaveTold(); err != nil || d.saves.Load() != saves {
			t.Errorf("saved again, although there is nothing new: %v", err)
		}
	})
}

// TestAFullDiskKeepsNoBedEventForever: it is saved once there is room, and the log says it once each way.
func TestAFullDiskKeepsNoBedEventForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d disk
		p := notifier(&fakeCloud{})
		d.keeps(t, p)
		r := start(t, p)
		pass(time.Minute)
		d.full.set(true)
		for range 3 {
			toBed(p)
			pass(10 * time.Second)
		}
		d.full.set(false)
		pass(6 * time.Second)
		if d.events() != 3 {
			t.Errorf("%d of 3 events are saved", d.events())
		}
		if lines := r.lines(); strings.Count(lines, "state not saved") != 1 || strings.Count(lines, "state is saved again") != 1 {
			t.Errorf("log:\n%s", lines)
		}
	})
}
