package exporter

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// notifier is a profile with notifications of everything that can be announced.
func notifier(cloud *fakeCloud) *Profile {
	return &Profile{Fetch: cloud, Inbox: NewInbox(), Announced: announceable}
}

// announceable are the services of which Withings is certain to announce news.
func announceable() []Service {
	return slices.DeleteFunc(Asked(), func(s Service) bool { return !s.Row().announces() })
}

// scaleCloud is a cloud in which weigh-ins can be made and deleted; an answer has what
// was changed since the cursor, and every one has the clock of the cloud.
type scaleCloud struct {
	fakeCloud
	groups shared[[]Record]
	early  time.Duration // how long after its time a change can be read
}

func newScaleCloud() *scaleCloud {
	d := &scaleCloud{}
	d.fetch = func(_ context.Context, service Service, p Progress, apply func(Batch)) (Fetched, error) {
		b, now := Batch{Service: service}, time.Now()
		for _, r := range d.groups.get() {
			if r.Service == service && !r.Modified.Before(p.Updated) && now.Sub(r.Modified) >= d.early {
				b.Records = append(b.Records, r)
			}
		}
		apply(b)
		return Fetched{Updated: now.Add(-15 * time.Minute)}, nil
	}
	return d
}

// add makes a record of a service now.
func (d *scaleCloud) add(r Record) {
	r.Modified = time.Now()
	d.groups.set(append(slices.Clone(d.groups.get()), r))
}

func (d *scaleCloud) weigh(id string) {
	r := group(id, "2026-07-14 08:00", is("weight_grams", "8000"+id))
	r.Start, r.End = time.Now(), time.Now()
	d.add(r)
}

// startScaleCloud starts a poller for a profile of a scaleCloud, an hour and a half
// before anything happens.
func startScaleCloud(t *testing.T, cloud *scaleCloud, p *Profile) *rig {
	p.Fetch = &cloud.fakeCloud
	r := start(t, p)
	pass(90 * time.Second)
	return r
}

// hinted tells what a notification would.
func hinted(p *Profile, services ...Service) {
	p.Inbox.Tell(Hint{Services: services, At: time.Now()})
}

// TestAHintIsFollowedAtOnceAndOnlyItsServicesAreAsked: after the moment in which hints
// gather, and only for what is new.
func TestAHintIsFollowedAtOnceAndOnlyItsServicesAreAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newScaleCloud()
		p := notifier(nil)
		r := startScaleCloud(t, cloud, p)
		_ = p.State.Advance(Measure, func(is *Progress) { is.Reread = time.Now().Add(-5 * time.Hour) })
		cloud.taken()
		saves := r.saves.Load()
		cloud.weigh("1")
		told := time.Now()
		for range 3 { // the categories of one weigh-in
			hinted(p, Measure)
			pass(50 * time.Millisecond)
		}
		hinted(p, Presence)
		pass(time.Until(told.Add(300 * time.Millisecond)))
		calls := cloud.taken()
		if got := names(calls); got != "fetch measure" {
			t.Fatalf("asked is %q", got)
		}
		if age := told.Sub(calls[0].p.Reread); age > time.Second {
			t.Errorf("the last weeks are read again for a hint: they were read %s before", age)
		}
		expect(t, shown(p.State, time.Now()), map[string]string{"weight_grams": "80001"})
		if r.saves.Load() != saves+1 {
			t.Errorf("the state was saved %d times, want once", r.saves.Load()-saves)
		}
		pass(20 * time.Minute)
		if got := names(cloud.taken()); got != "" {
			t.Errorf("although it was found, asked is %q", got)
		}
	})
}

// TestWhatIsAnnouncedTooEarlyIsAskedForAgain: a few times, and then with the next poll.
func TestWhatIsAnnouncedTooEarlyIsAskedForAgain(t *testing.T) {
	for _, c := range []struct {
		early time.Duration // how long after the notification it can be read
		want  []time.Duration
	}{
		{0, []time.Duration{0}},
		{3 * time.Second, []time.Duration{0, 5 * time.Second}},
		{50 * time.Second, []time.Duration{0, 5 * time.Second, 20 * time.Second, time.Minute}},
		{10 * time.Minute, []time.Duration{0, 5 * time.Second, 20 * time.Second, time.Minute, 150 * time.Second}},
	} {
		t.Run(c.early.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud := newScaleCloud()
				cloud.early = c.early
				p := notifier(nil)
				startScaleCloud(t, cloud, p)
				cloud.taken()
				told := time.Since(cloud.began)
				cloud.weigh("1")
				hinted(p, Measure)
				pass(20 * time.Minute)
				got := only(cloud.taken(), "fetch measure")
				for i := range got {
					got[i] = (got[i] - told).Truncate(time.Second)
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("asked after %v, want %v", got, c.want)
				}
			})
		})
	}
}

// TestASecondCategoryOfOneWeighInIsNotTakenForAnEarlyOne: it comes up to two minutes
// later, and there is nothing new any more.
func TestASecondCategoryOfOneWeighInIsNotTakenForAnEarlyOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newScaleCloud()
		p := notifier(nil)
		startScaleCloud(t, cloud, p)
		cloud.taken()
		cloud.weigh("1")
		of := Span{time.Now(), time.Now().Add(time.Second)}
		p.Inbox.Tell(Hint{Services: []Service{Measure}, Span: of, At: time.Now()})
		pass(100 * time.Second)
		p.Inbox.Tell(Hint{Services: []Service{Measure}, Span: of, At: time.Now()})
		pass(20 * time.Minute)
		if n := len(only(cloud.taken(), "fetch measure")); n != 2 {
			t.Errorf("asked %d times, want once for each notification", n)
		}
		cloud.early = 10 * time.Second
		cloud.weigh("2")
		p.Inbox.Tell(Hint{Services: []Service{Measure}, Span: Span{time.Now(), time.Now().Add(time.Second)}, At: time.Now()})
		pass(20 * time.Minute)
		expect(t, shown(p.State, time.Now()), map[string]string{"weight_grams": "80002"})
	})
}

// TestReplayedHintsCannotUseUpTheBudget has somebody who knows the path send a
// notification of every category ten times a second for an hour.
func TestReplayedHintsCannotUseUpTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newScaleCloud()
		p := notifier(nil)
		r := startScaleCloud(t, cloud, p)
		cloud.taken()
		before := r.saves.Load()
		for range 36_000 {
			for _, service := range Services() {
				hinted(p, service)
			}
			linger(100 * time.Millisecond)
		}
		calls := cloud.taken()
		for _, service := range Asked() {
			if n := len(only(calls, "fetch "+string(service))); n > 125+12 {
				t.Errorf("%s was asked %d times in an hour, want one every 30 seconds at most", service, n)
			}
		}
		if n := r.saves.Load() - before; n > int64(130*len(Services())) {
			t.Errorf("the state was saved %d times in an hour", n)
		}
	})
}

func TestAHintDuringAPollIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := &fakeCloud{}
		p := notifier(cloud)
		var slow shared[bool]
		slow.set(true)
		cloud.fetch = func(_ context.Context, service Service, _ Progress, _ func(Batch)) (Fetched, error) {
			if slow.get() {
				linger(20 * time.Second)
			}
			return Fetched{Updated: time.Now()}, nil
		}
		start(t, p)
		pass(30 * time.Second) // measure has been asked, others have not
		hinted(p, Measure)
		slow.set(false)
		pass(30 * time.Second)
		if n := len(only(cloud.taken(), "fetch measure")); n < 2 {
			t.Errorf("measure was asked %d times, want again after the poll", n)
		}
	})
}

func TestAHintAboutWhatIsNotAskedIsIgnored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := &fakeCloud{}
		p := notifier(cloud)
		p.Choose = func() Choice { return Choice{Asked: []Service{Measure}, Barred: []Service{Sleep}, Sure: true} }
		start(t, p)
		pass(time.Minute)
		cloud.taken()
		hinted(p, Sleep)
		hinted(p, Activity, Workout)
		hinted(p, "mischief")
		pass(10 * time.Minute)
		if got := names(cloud.taken()); got != "" {
			t.Errorf("asked is %q", got)
		}
	})
}

// TestWithNotificationsPollsAreRare counts the requests of a day in which nothing
// happens.
func TestWithNotificationsPollsAreRare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newScaleCloud()
		p := notifier(nil)
		p.Choose = func() Choice { return Choice{Asked: Asked(), Named: Asked()} } // whatever devices there are
		startScaleCloud(t, cloud, p)
		if is := p.Status.Condition(); is.Notified != (Notified{Configured: true, Active: true}) {
			t.Errorf("condition is %+v", is.Notified)
		}
		cloud.taken()
		pass(24 * time.Hour)
		calls := cloud.taken()
		for _, service := range Asked() {
			least, most := 7, 9 // every three hours
			switch {
			case len(service.Row().senders()) == 0 && service != Device:
				least, most = 3, 5 // what only people change
			case service.Row().Minutes:
				least, most = 3, 5 // the last window, since nothing else is wanted
			case slices.Contains(announceable(), service):
				least, most = 22, 26 // every hour
			}
			if n := len(only(calls, "fetch "+string(service))); n < least || n > most {
				t.Errorf("%s was asked %d times in a day, want %d to %d", service, n, least, most)
			}
		}
		if is := p.Status.Condition(); !is.Up || time.Until(is.NextPoll) <= 0 || time.Until(is.NextPoll) > 64*time.Minute {
			t.Errorf("the next poll is said to begin in %s, up %v", time.Until(is.NextPoll), is.Up)
		}
	})
}

// TestWithNotificationsTheLastWeeksAreReadAgainEverySixHours: without them it is up to
// the fetcher, which does so every hour.
func TestWithNotificationsTheLastWeeksAreReadAgainEverySixHours(t *testing.T) {
	for _, c := range []struct {
		announced   func() []Service
		least, most int
	}{{announceable, 3, 5}, {nil, 22, 25}} {
		synctest.Test(t, func(t *testing.T) {
			var rereads atomic.Int64
			cloud := &fakeCloud{fetch: func(_ context.Context, service Service, p Progress, _ func(Batch)) (Fetched, error) {
				is := Fetched{Updated: time.Now()}
				if age := time.Since(p.Reread); age >= time.Hour {
					is.Whole = time.Now().Add(-30 * 24 * time.Hour)
					if service == Measure {
						rereads.Add(1)
					}
				}
				return is, nil
			}}
			start(t, &Profile{Fetch: cloud, Inbox: NewInbox(), Announced: c.announced})
			pass(time.Minute)
			rereads.Store(0)
			pass(24 * time.Hour)
			if n := int(rereads.Load()); n < c.least || n > c.most {
				t.Errorf("the last weeks were read again %d times in a day, want %d to %d", n, c.least, c.most)
			}
		})
	}
}

// TestLostNotificationsAreNoticed: the weigh-in is there after an hour at most, and
// from then on polls are as frequent as without notifications, until one arrives.
func TestLostNotificationsAreNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newScaleCloud()
		p := notifier(nil)
		r := startScaleCloud(t, cloud, p)
		pass(2 * time.Hour)
		cloud.weigh("1")
		hinted(p, Measure)
		pass(10 * time.Minute)
		if is := p.Status.Condition().Notified; !is.Active || is.Missing {
			t.Fatalf("with a notification that arrived it is %+v", is)
		}
		pass(5 * time.Minute)
		r.lines()
		cloud.weigh("2") // unannounced
		pass(time.Hour)
		expect(t, shown(p.State, time.Now()), map[string]string{"weight_grams": "80002"})
		if is := p.Status.Condition().Notified; is.Active || !is.Missing {
			t.Errorf("without a notification it is %+v", is)
		}
		if got := r.lines(); strings.Count(got, "do not arrive") != 1 || !strings.Contains(got, "services=[measure]") {
			t.Errorf("logged: %s", got)
		}
		pass(10 * time.Minute)
		cloud.taken()
		pass(time.Hour)
		if n := len(only(cloud.taken(), "fetch device")); n < 11 || n > 13 {
			t.Errorf("%d polls in an hour, want one every five minutes", n)
		}
		cloud.weigh("3") // unannounced as well, which is no news
		pass(10 * time.Minute)
		if got := r.lines(); got != "" {
			t.Errorf("logged again: %s", got)
		}
		hinted(p, Sleep)
		pass(time.Second)
		if is := p.Status.Condition().Notified; !is.Active || is.Missing || !strings.Contains(r.lines(), "arrive again") {
			t.Errorf("once they arrive again it is %+v", is)
		}
		pass(10 * time.Minute)
		cloud.taken()
		pass(40 * time.Minute)
		if n := len(only(cloud.taken(), "fetch device")); n != 0 {
			t.Errorf("there are still %d polls in forty minutes", n)
		}
	})
}

// TestWhatANotificationMayStillAnnounceIsNotMissing: a change a minute before the poll,
// one that was announced before it could be read, and one from before the subscription.
func TestWhatANotificationMayStillAnnounceIsNotMissing(t *testing.T) {
	for _, c := range []struct {
		name  string
		early time.Duration
		act   func(cloud *scaleCloud, p *Profile)
	}{
		{"changed a minute before the poll", 0, func(cloud *scaleCloud, p *Profile) {
			pass(time.Until(p.Status.Condition().NextPoll) - time.Minute)
			cloud.weigh("1")
		}},
		{"announced long before it can be read", 10 * time.Minute, func(cloud *scaleCloud, p *Profile) {
			pass(time.Until(p.Status.Condition().NextPoll) - 20*time.Minute)
			cloud.weigh("1")
			hinted(p, Measure)
		}},
		{"announced a little before it happened", 10 * time.Minute, func(cloud *scaleCloud, p *Profile) {
			pass(time.Until(p.Status.Condition().NextPoll) - 20*time.Minute)
			hinted(p, Measure)
			pass(50 * time.Second)
			cloud.weigh("1")
		}},
		{"of what is not announced", 0, func(cloud *scaleCloud, p *Profile) {
			pass(time.Until(p.Status.Condition().NextPoll) - 20*time.Minute)
			cloud.add(Record{Service: Objective, ID: "8", Start: time.Now(), End: time.Now(), Readings: []Reading{is("objective_fat_ratio", "0.2")}})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud := newScaleCloud()
				cloud.early = c.early
				p := notifier(nil)
				r := startScaleCloud(t, cloud, p)
				pass(2 * time.Hour)
				c.act(cloud, p)
				pass(4 * time.Hour)
				if is := p.Status.Condition().Notified; !is.Active || strings.Contains(r.lines(), "do not arrive") {
					t.Errorf("it is %+v", is)
				}
			})
		})
	}
}

func TestUntilTheSubscriptionIsConfirmedPollsGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var confirmed shared[[]Service]
		var fails shared[error]
		var kept atomic.Int64
		fails.set(errors.New("status 293"))
		cloud := &fakeCloud{}
		p := &Profile{Fetch: cloud, Inbox: NewInbox(), Announced: confirmed.get, Upkeep: func(context.Context) error { kept.Add(1); return fails.get() }}
		r := start(t, p)
		if kept.Load() != 1 || len(only(cloud.taken(), "fetch measure")) != 1 {
			t.Errorf("the subscriptions were looked after %d times with the first poll", kept.Load())
		}
		pass(2 * time.Hour)
		if n := len(only(cloud.taken(), "fetch device")); n < 20 {
			t.Errorf("%d polls in two hours without a subscription", n)
		}
		if n := kept.Load(); n < 5 || n > 9 { // after 1, 3, 7, 15, 31, 63 minutes
			t.Errorf("the subscriptions were looked after %d times in two hours, want less and less often", n)
		}
		is := p.Status.Condition()
		if is.Unsubscribed != "status 293" || is.Notified != (Notified{Configured: true}) || !is.Up || strings.Count(r.lines(), "status 293") != 1 {
			t.Errorf("condition is %+v", is)
		}
		fails.set(Unfinished{After: 5 * time.Second})
		pass(63 * time.Minute)
		kept.Store(0)
		pass(time.Minute)
		if n := kept.Load(); n < 12 || strings.Count(r.lines(), "cannot send") > 0 {
			t.Errorf("with more to do it was looked after %d times in a minute", n)
		}
		fails.set(nil)
		confirmed.set(announceable())
		pass(64 * time.Minute)
		kept.Store(0)
		if is := p.Status.Condition(); is.Unsubscribed != "" || !is.Notified.Active || !strings.Contains(r.lines(), "can send notifications again") {
			t.Errorf("condition is %+v", is)
		}
		pass(10 * time.Hour)
		if n := kept.Load(); n < 2 || n > 3 {
			t.Errorf("the subscriptions were looked after %d times in ten hours, want once in four hours", n)
		}
	})
}

// TestAServiceThatFailsIsAskedSoonThoughNotificationsArrive: otherwise its problem would
// show for hours.
func TestAServiceThatFailsIsAskedSoonThoughNotificationsArrive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down shared[bool]
		cloud := &fakeCloud{fetch: func(_ context.Context, service Service, _ Progress, _ func(Batch)) (Fetched, error) {
			if service == Measure && down.get() {
				return Fetched{}, errCloud
			}
			return Fetched{Updated: time.Now()}, nil
		}}
		p := notifier(cloud)
		start(t, p)
		pass(30 * time.Minute)
		down.set(true)
		hinted(p, Measure)
		pass(time.Second)
		if is := p.Status.Condition(); is.Up || len(is.Problems) != 1 {
			t.Fatalf("condition is %+v", is)
		}
		pass(10 * time.Minute)
		cloud.taken()
		down.set(false)
		pass(61 * time.Minute) // the pause after polls of which nothing succeeds is an hour at most
		if is := p.Status.Condition(); !is.Up || len(is.Problems) != 0 {
			t.Errorf("condition is %+v", is)
		}
	})
}
