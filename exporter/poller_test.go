package exporter

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// everyFetch is that of each service, and everyPast of each that has a past which
// gauges need.
var everyFetch, everyPast = func() (string, string) {
	var fetches, pasts []string
	for _, service := range Asked() {
		fetches = append(fetches, "fetch "+string(service))
		if service.Row().Past != RecentOnly {
			pasts = append(pasts, "older "+string(service))
		}
	}
	return strings.Join(fetches, ", "), strings.Join(pasts, ", ")
}()

func TestFirstPollIsAtOnceAndAsksEveryServiceBeforeThePast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := &fakeCloud{}
		p := &Profile{Fetch: cloud}
		r := start(t, p)
		calls := cloud.taken()
		if got, want := names(calls), everyFetch+", "+everyPast; got != want {
			t.Errorf("calls are %s, want %s", got, want)
		}
		for _, c := range calls {
			if c.after != 0 {
				t.Errorf("%s came after %s", c.what, c.after)
			}
		}
		is := p.Status.Condition()
		if !is.Up || !is.Polled.Equal(time.Now()) || !is.NextPoll.After(time.Now()) || len(is.Problems) > 0 || r.saves.Load() != 2 {
			t.Errorf("after the first poll: %+v, saved %d times, want before and after the past", is, r.saves.Load())
		}
		if got := r.lines(); got != "" {
			t.Errorf("a good poll is no news, yet logged: %s", got)
		}
	})
}

func TestPollsComeEveryIntervalGiveOrTakeATwentieth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := &fakeCloud{}
		start(t, &Profile{Fetch: cloud})
		pass(24 * time.Hour)
		polls := only(cloud.taken(), "fetch measure")
		different := map[time.Duration]bool{}
		for i := 1; i < len(polls); i++ {
			gap := polls[i] - polls[i-1]
			if gap < 285*time.Second || gap > 315*time.Second {
				t.Errorf("poll %d came after %s", i, gap)
			}
			different[gap] = true
		}
		if len(polls) < 274 || len(polls) > 304 || len(different) < 10 {
			t.Errorf("%d polls in a day, %d different gaps", len(polls), len(different))
		}
	})
}

func TestALongPollDoesNotPushTheNextOneBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := &fakeCloud{fetch: func(context.Context, Service, Progress, func(Batch)) (Fetched, error) {
			linger(20 * time.Second)
			return Fetched{}, nil
		}}
		p := &Profile{Fetch: cloud}
		start(t, p)
		if !p.Status.Condition().NextPoll.IsZero() {
			t.Error("the next poll is announced while one is under way")
		}
		pass(20 * time.Minute)
		polls := only(cloud.taken(), "fetch measure")
		for i := 1; i < len(polls); i++ {
			if gap := polls[i] - polls[i-1]; gap < 285*time.Second || gap > 315*time.Second {
				t.Errorf("poll %d began %s after the one before", i, gap)
			}
		}
		if len(polls) < 4 {
			t.Errorf("%d polls in 20 minutes", len(polls))
		}
	})
}

func TestAFailingProfileBacksOffToAnHourAndDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down shared[bool]
		down.set(true)
		bad := &fakeCloud{fetch: func(context.Context, Service, Progress, func(Batch)) (Fetched, error) {
			if down.get() {
				linger(30 * time.Second)
				return Fetched{}, errCloud
			}
			return Fetched{}, nil
		}}
		good := &fakeCloud{}
		failing := &Profile{Fetch: bad}
		start(t, failing, &Profile{Fetch: good})
		pass(12 * time.Hour)
		if n := len(only(good.taken(), "fetch measure")); n < 137 || n > 152 {
			t.Errorf("the other profile was polled %d times in 12 hours", n)
		}
		polls := only(bad.taken(), "fetch measure")
		for i, minutes := range []int{10, 20, 40, 60, 60, 60} {
			gap, want := polls[i+1]-polls[i], time.Duration(minutes)*time.Minute
			if gap < want*19/20 || gap > want*21/20 {
				t.Errorf("pause %d of the failing profile is %s, want about %s", i+1, gap, want)
			}
		}
		if is := failing.Status.Condition(); is.Up || len(is.Problems) != len(Asked()) {
			t.Errorf("the failing profile is %+v", is)
		}
		down.set(false)
		pass(70 * time.Minute)
		bad.taken()
		pass(30 * time.Minute)
		if n := len(only(bad.taken(), "fetch measure")); n < 5 || !failing.Status.Condition().Up {
			t.Errorf("back again it was polled %d times in half an hour", n)
		}
	})
}

func TestNewRecordsAreLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := shared[[]Record]{is: []Record{group("1", "2026-07-14 08:00", is("weight_grams", "80000"))}}
		cloud := &fakeCloud{fetch: func(_ context.Context, service Service, _ Progress, apply func(Batch)) (Fetched, error) {
			if service == Measure {
				apply(Batch{Service: Measure, Records: records.get()})
			}
			return Fetched{Updated: time.Now()}, nil
		}}
		r := start(t, &Profile{Fetch: cloud})
		pass(16 * time.Minute) // the same answer three more times
		const line = "level=INFO msg=\"new records\" profile=\"profile 1\" measure=1\n"
		if got := r.log.get(); got != line {
			t.Errorf("logged: %s", got)
		}
		records.set(append(records.get(), group("2", "2026-07-14 09:00", is("weight_grams", "81000"))))
		pass(6 * time.Minute)
		if got := r.log.get(); got != line+line {
			t.Errorf("after a second weigh-in, logged: %s", got)
		}
	})
}

func TestAFailingServiceStopsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down shared[bool]
		down.set(true)
		cloud := &fakeCloud{fetch: func(_ context.Context, service Service, _ Progress, apply func(Batch)) (Fetched, error) {
			if service == Measure && down.get() {
				apply(Batch{Service: Measure, Records: []Record{group("1", "2026-07-14 08:00", is("weight_grams", "80000"))}})
				return Fetched{Updated: time.Now()}, errCloud
			}
			return Fetched{Updated: time.Now()}, nil
		}}
		p := &Profile{Fetch: cloud}
		r := start(t, p)
		began := time.Now()
		if got := names(cloud.taken()); !strings.HasPrefix(got, everyFetch) || strings.Contains(got, "older measure") || !strings.Contains(got, "older sleep") {
			t.Errorf("calls are %s", got)
		}
		expect(t, shown(p.State, noon), map[string]string{"weight_grams": "80000"}) // what came before the error counts
		is := p.Status.Condition()
		if is.Up || len(is.Problems) != 1 || is.Problems[Measure] != (Problem{Text: "cloud is down", Since: began}) {
			t.Errorf("condition is %+v", is)
		}
		if !p.State.Progress(Measure).Updated.IsZero() || !p.State.Progress(Measure).Success.IsZero() {
			t.Error("the cursor of the failing service moved")
		}
		if got := p.State.Progress(Activity); !got.Success.Equal(began) || !got.Updated.Equal(began) {
			t.Errorf("progress of another service is %+v", got)
		}
		if got := r.lines(); got != "level=WARN msg=\"service failed\" profile=\"profile 1\" service=measure err=\"cloud is down\"\n" {
			t.Errorf("logged: %s", got)
		}
		pass(16 * time.Minute)
		if n := len(only(cloud.taken(), "fetch measure")); n < 3 {
			t.Errorf("one failing service made the profile back off: %d polls in 16 minutes", n)
		}
		if got := p.Status.Condition().Problems[Measure]; got.Since != began || r.lines() != "" {
			t.Errorf("a problem that lasts is news again: %+v", got)
		}
		down.set(false)
		pass(6 * time.Minute)
		if is := p.Status.Condition(); !is.Up || len(is.Problems) != 0 || p.State.Progress(Measure).Success.IsZero() {
			t.Errorf("condition is %+v", is)
		}
		if got := r.lines(); got != "level=INFO msg=\"service works again\" profile=\"profile 1\" service=measure\n" {
			t.Errorf("logged: %s", got)
		}
	})
}

func TestWithoutAuthorisationNothingIsAskedUntilThereIsAToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := fmt.Errorf("run the auth command: %w", ErrNotAuthorized)
		var ready shared[error]
		ready.set(refused)
		var looks atomic.Int64
		cloud, other := &fakeCloud{}, &fakeCloud{}
		p := &Profile{Fetch: cloud, Ready: func(context.Context) error { looks.Add(1); return ready.get() }}
		r := start(t, p, &Profile{Fetch: other})
		pass(time.Minute)
		if calls := cloud.taken(); len(calls) != 0 {
			t.Errorf("without a token it asks: %s", names(calls))
		}
		if got := looks.Load(); got != 13 {
			t.Errorf("it looked for a token %d times in a minute, want every 5 seconds", got)
		}
		if is := p.Status.Condition(); is.Denied != refused.Error() || is.Up || !is.NextPoll.IsZero() {
			t.Errorf("condition is %+v", is)
		}
		if got := r.lines(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "level=ERROR") {
			t.Errorf("it is to be said once, logged: %s", got)
		}
		if len(other.taken()) == 0 {
			t.Error("the other profile is not polled")
		}
		ready.set(nil)
		pass(5 * time.Second)
		if got := names(cloud.taken()); !strings.HasPrefix(got, everyFetch) {
			t.Errorf("with a token it asks %q", got)
		}
		if is := p.Status.Condition(); is.Denied != "" || !is.Up {
			t.Errorf("condition is %+v", is)
		}
	})
}

func TestATokenRefusedDuringAPollEndsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ready error
		cloud := &fakeCloud{fetch: func(_ context.Context, service Service, _ Progress, _ func(Batch)) (Fetched, error) {
			if service == Sleep {
				ready = ErrNotAuthorized
				return Fetched{}, fmt.Errorf("refresh: %w", ErrNotAuthorized)
			}
			return Fetched{}, nil
		}}
		p := &Profile{Fetch: cloud, Ready: func(context.Context) error { return ready }}
		r := start(t, p)
		if got := names(cloud.taken()); got != "fetch measure, fetch activity, fetch sleep" {
			t.Errorf("calls are %s", got)
		}
		if is := p.Status.Condition(); is.Denied == "" || is.Up || len(is.Problems) != 0 || r.saves.Load() != 1 {
			t.Errorf("condition is %+v, saved %d times", is, r.saves.Load())
		}
		pass(time.Hour)
		if calls := cloud.taken(); len(calls) != 0 {
			t.Errorf("it goes on asking: %s", names(calls))
		}
	})
}

func TestARefusalThatATokenOutlivesIsAProblemOfTheService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := &fakeCloud{fetch: func(_ context.Context, service Service, _ Progress, _ func(Batch)) (Fetched, error) {
			if service == Sleep {
				return Fetched{}, fmt.Errorf("scope: %w", ErrNotAuthorized)
			}
			return Fetched{}, nil
		}}
		p := &Profile{Fetch: cloud}
		start(t, p)
		is := p.Status.Condition()
		if _, failed := is.Problems[Sleep]; !failed || len(is.Problems) != 1 || is.Denied != "" {
			t.Errorf("condition is %+v", is)
		}
	})
}

func TestStoppingIsAtOnceAndSavesTheState(t *testing.T) {
	for name, wait := range map[string]time.Duration{"during a poll": 0, "between two polls": 6 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slow := &fakeCloud{fetch: func(ctx context.Context, service Service, _ Progress, apply func(Batch)) (Fetched, error) {
					apply(Batch{Service: Measure, Records: []Record{group("1", "2026-07-14 08:00", is("weight_grams", "80000"))}})
					if wait == 0 {
						<-ctx.Done()
						return Fetched{}, ctx.Err()
					}
					return Fetched{}, nil
				}}
				p := &Profile{Fetch: slow}
				var saved map[string]string
				p.Save = func() error { saved = shown(p.State, noon); return nil }
				r := start(t, p)
				pass(wait + 10*time.Second)
				before := time.Now()
				r.stop()
				<-r.done
				if took := time.Since(before); took != 0 {
					t.Errorf("it took %s", took)
				}
				expect(t, saved, map[string]string{"weight_grams": "80000"})
				if is := p.Status.Condition(); len(is.Problems) != 0 || r.lines() != "" {
					t.Errorf("the end is taken for a problem: %+v", is)
				}
			})
		})
	}
}

func TestAStateThatCannotBeSavedIsSaidAndPollingGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var full shared[error]
		full.set(errors.New("disk is full"))
		cloud := &fakeCloud{}
		p := &Profile{Fetch: cloud}
		p.Save = full.get
		r := start(t, p)
		pass(16 * time.Minute)
		if is := p.Status.Condition(); is.Unsaved != "disk is full" || !is.Up {
			t.Errorf("condition is %+v", is)
		}
		if n := len(only(cloud.taken(), "fetch measure")); n < 3 {
			t.Errorf("%d polls in 16 minutes", n)
		}
		if got := r.lines(); strings.Count(got, "state not saved") != 1 {
			t.Errorf("it is to be said once, logged: %s", got)
		}
		polls := len(cloud.taken())
		full.set(nil)
		pass(6 * time.Second) // and not until the next poll
		if n := len(cloud.taken()) - polls; n > 0 {
			t.Errorf("%d requests were made, want none", n)
		}
		if is := p.Status.Condition(); is.Unsaved != "" || !strings.Contains(r.lines(), "state is saved again") {
			t.Errorf("condition is %+v", is)
		}
	})
}

func TestStatusVersionChangesWithTheCondition(t *testing.T) {
	var s Status
	now := noon
	for _, c := range []struct {
		name    string
		change  func() bool
		news    bool
		changes bool
	}{
		{"a service that goes on working", func() bool { return s.served(Sleep, nil, now) }, false, false},
		{"a first failure", func() bool { return s.served(Sleep, errCloud, now) }, true, true},
		{"another failure", func() bool { return s.served(Sleep, errors.New("still"), now.Add(time.Hour)) }, false, true},
		{"success", func() bool { return s.served(Sleep, nil, now) }, true, true},
	} {
		before := s.Version()
		if news := c.change(); news != c.news || (s.Version() != before) != c.changes {
			t.Errorf("%s: news %v, new version %v", c.name, news, s.Version() != before)
		}
	}
	s.served(Goal, errCloud, now)
	s.Condition().Problems[Goal] = Problem{}
	if s.Condition().Problems[Goal].Text == "" {
		t.Error("a condition handed out is a way to write to the status")
	}
}
