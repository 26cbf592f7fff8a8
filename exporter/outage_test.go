package exporter

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// unreachable are people of a cloud that answers nobody while it is down.
func unreachable(down *shared[bool], people int) (all []*Profile, clouds []*fakeCloud) {
	for range people {
		cloud := &fakeCloud{fetch: func(_ context.Context, service Service, _ Progress, _ func(Batch)) (Fetched, error) {
			if down.get() {
				return Fetched{}, fmt.Errorf("get%s: cannot reach Withings: %w; tried 3 times", service, ErrUnreachable)
			}
			return Fetched{Updated: time.Now()}, nil
		}}
		all, clouds = append(all, &Profile{Fetch: cloud}), append(clouds, cloud)
	}
	return all, clouds
}

func TestAnOutageIsLoggedOnceForAllProfilesAndOnceWhenItIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down shared[bool]
		down.set(true)
		people, _ := unreachable(&down, 3)
		r := start(t, people...)
		for outage := range 2 {
			pass(30 * time.Minute)
			if got := r.lines(); strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, `level=WARN msg="Withings cannot be reached" err="get`) {
				t.Errorf("outage %d: logged %s", outage, got)
			}
			down.set(false)
			pass(2 * time.Minute)
			if got := r.lines(); strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, `level=INFO msg="Withings can be reached again" profiles=3 services=`) || !strings.Contains(got, `was="cannot reach Withings: no answer"`) {
				t.Errorf("outage %d: logged %s", outage, got)
			}
			down.set(true)
		}
	})
}

func TestAnOutageOfTheDatabaseIsLoggedOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sinks := []*memorySink{newMemorySink(), newMemorySink(), newMemorySink()}
		var people []*Profile
		for _, sink := range sinks {
			sink.down.set(true)
			people = append(people, &Profile{Fetch: &newLateCloud("past").fakeCloud, Sink: sink})
		}
		r := start(t, people...)
		pass(30 * time.Minute)
		if got := r.lines(); strings.Count(got, "cannot be written to the database") != 1 || strings.Contains(got, "profile=") {
			t.Errorf("logged %s", got)
		}
		for _, sink := range sinks {
			sink.down.set(false)
		}
		pass(time.Hour)
		if got := r.lines(); strings.Count(got, "written to the database again") != 1 || !strings.Contains(got, "again\" profiles=3 after=") {
			t.Errorf("logged %s", got)
		}
	})
}

func TestWhatFailsAfterTheEndOfAnOutageIsNewsAlthoughSomebodyStillFails(t *testing.T) {
	var c causes
	anna, ben := &Profile{}, &Profile{}
	moment := at("2026-07-15 12:00")
	for i, is := range []struct {
		who   *Profile
		works bool
		want  bool // a line
	}{{who: anna, want: true}, {who: ben}, {who: ben, works: true}, {who: ben, want: true}, {who: ben, works: true, want: true}, {who: anna, works: true, want: true}} {
		got := false
		if f := (failure{is.who, Heart}); is.works {
			_, got = c.works(f)
		} else {
			got = c.failed(f, "list: no answer in time; tried 3 times", moment)
		}
		if got != is.want {
			t.Errorf("step %d: a line %t, want %t", i, got, is.want)
		}
	}
}

// TestEverybodyIsPolledOnceWithingsAnswersAgain has an outage after which a profile alone would wait for most of an hour.
func TestEverybodyIsPolledOnceWithingsAnswersAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down shared[bool]
		down.set(true)
		people, clouds := unreachable(&down, 3)
		start(t, people...)
		pass(3*time.Hour + 20*time.Minute)
		asked := 0
		for i, p := range people {
			if is := p.Status.Condition(); !is.Unreachable || !is.Longer || time.Until(is.NextPoll) < 5*time.Minute {
				t.Errorf("profile %d: unreachable %t, longer %t, next poll in %s", i, is.Unreachable, is.Longer, time.Until(is.NextPoll))
			}
			clouds[i].taken()
		}
		pass(10 * time.Minute)
		for _, cloud := range clouds {
			asked += len(cloud.taken())
		}
		if asked < 9 || asked > 11 {
			t.Errorf("%d requests in ten minutes of an outage, want one a minute for all", asked)
		}
		down.set(false)
		pass(70 * time.Second)
		for i, p := range people {
			if is := p.Status.Condition(); !is.Up || is.Unreachable || is.Longer {
				t.Errorf("a minute later profile %d is %+v", i, is)
			}
		}
	})
}

// TestWhoeverIsNotAnsweredAloneWaitsLongerAllTheSame has others who are answered, which must not have the profile asked again and again.
func TestWhoeverIsNotAnsweredAloneWaitsLongerAllTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down, up shared[bool]
		down.set(true)
		lost, clouds := unreachable(&down, 1)
		well, _ := unreachable(&up, 2)
		start(t, append(lost, well...)...)
		pass(2 * time.Hour)
		clouds[0].taken()
		pass(4 * time.Hour)
		if n := len(only(clouds[0].taken(), "fetch measure")); n > 16 {
			t.Errorf("%d polls in four hours", n)
		}
		for i, p := range well {
			if is := p.Status.Condition(); !is.Up {
				t.Errorf("profile %d is %+v", i, is)
			}
		}
	})
}

// TestAnOutageEndsForAllWhateverFailsBesideIt: no answer but one of Withings itself counts, and no profile holds up the others.
func TestAnOutageEndsForAllWhateverFailsBesideIt(t *testing.T) {
	silent := fmt.Errorf("cannot reach Withings: %w", ErrUnreachable)
	for name, beside := range map[string]func(s Service, down bool) error{ // how one more profile fails during and after it
		"one whom Withings never answers":         func(Service, bool) error { return silent },
		"one whose token file cannot be read":     func(Service, bool) error { return errors.New("permission denied") },
		"one who is not answered about devices":   func(s Service, down bool) error { return when(down || s == Device, silent) },
		"one who is not answered about body data": func(s Service, down bool) error { return when(down || s == Measure, silent) },
	} {
		t.Run(name, func(t *testing.T) {
			for n := range time.Duration(8) {
				synctest.Test(t, func(t *testing.T) {
					var down shared[bool]
					people, _ := unreachable(&down, 2)
					start(t, append(people, &Profile{Fetch: &fakeCloud{fetch: func(_ context.Context, s Service, _ Progress, _ func(Batch)) (Fetched, error) {
						return Fetched{Updated: time.Now()}, beside(s, down.get())
					}}})...)
					pass(n * 3 * time.Minute)
					down.set(true)
					pass(10*time.Minute + n*37*time.Minute)
					down.set(false)
					pass(5 * time.Minute)
					for i, p := range people {
						if is := p.Status.Condition(); !is.Up || is.Unreachable {
							t.Errorf("outage %d: of profile %d, up is %t and unreachable %t; its next poll is in %s", n, i, is.Up, is.Unreachable, time.Until(is.NextPoll))
						}
					}
				})
			}
		})
	}
}

// TestAnOutageThatEndsInTheMiddleOfAPollIsOverWithinAMinute: nobody waits for the next regular poll for what was not answered,
// be it the first poll after a start or one in the middle of the day.
func TestAnOutageThatEndsInTheMiddleOfAPollIsOverWithinAMinute(t *testing.T) {
	for name, tt := range map[string]struct {
		people int
		poll   int           // the outage begins with this poll
		lasts  time.Duration // from then on
	}{
		"one person, after a start":        {1, 1, 70 * time.Second},
		"one person, most is not answered": {1, 1, 150 * time.Second},
		"three people, after a start":      {3, 1, 70 * time.Second},
		"one person, later":                {1, 4, 70 * time.Second},
		"three people, later":              {3, 4, 70 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var over shared[time.Time] // when the outage is
				var people []*Profile
				for range tt.people {
					polls := 0
					people = append(people, &Profile{Fetch: &fakeCloud{fetch: func(_ context.Context, s Service, _ Progress, _ func(Batch)) (Fetched, error) {
						if s == Measure {
							polls++
						}
						if polls == tt.poll && over.get().IsZero() {
							over.set(time.Now().Add(tt.lasts))
						}
						for range 3 { // tries
							if linger(2 * time.Second); !time.Now().Before(over.get()) {
								return Fetched{Updated: time.Now()}, nil
							}
							linger(18 * time.Second)
						}
						return Fetched{}, fmt.Errorf("list: cannot reach Withings: %w; tried 3 times", ErrUnreachable)
					}}})
				}
				r := start(t, people...)
				for over.get().IsZero() {
					pass(time.Second)
				}
				pass(time.Until(over.get()))
				if got := r.lines(); strings.Count(got, "Withings cannot be reached") != 1 {
					t.Fatalf("during the outage, logged %s", got)
				}
				pass(2 * time.Minute) // a minute, and a poll of which each answer takes two seconds
				if got := r.lines(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "Withings can be reached again") {
					t.Errorf("after the outage, logged %s", got)
				}
				for i, p := range people {
					if is := p.Status.Condition(); !is.Up || is.Unreachable || is.Longer {
						t.Errorf("profile %d is %+v", i, is)
					}
				}
			})
		})
	}
}

// TestWhatWasNotAnsweredIsAskedAgainWhoeverIsHeard has a notification fetched during an outage, which is answered.
func TestWhatWasNotAnsweredIsAskedAgainWhoeverIsHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down shared[bool]
		down.set(true)
		people, _ := unreachable(&down, 1)
		people[0].Inbox = NewInbox()
		start(t, people...)
		pass(10 * time.Second)
		down.set(false)
		people[0].Inbox.Tell(Hint{Services: []Service{Measure}})
		pass(70 * time.Second)
		if is := people[0].Status.Condition(); !is.Up || is.Unreachable {
			t.Errorf("it is %+v", is)
		}
	})
}

// TestAPollThatIsDueAnywayAsksForWhatAnOutageLeft, even if it begins before anybody has looked whether the outage is over.
func TestAPollThatIsDueAnywayAsksForWhatAnOutageLeft(t *testing.T) {
	for name, over := range map[string]bool{"it lasts": false, "it is over": true} {
		w := &shift{Poller: &Poller{Interval: time.Minute}, profile: &Profile{Status: &Status{}}, schedule: schedule{asked: map[Service]time.Time{Measure: noon, Sleep: noon}}}
		w.profile.Status.served(Measure, fmt.Errorf("list: %w", ErrUnreachable), noon)
		w.down = w.outage.begun(noon)
		if over {
			w.outage.ended()
		}
		w.retry()
		_, measure := w.schedule.asked[Measure]
		if _, sleep := w.schedule.asked[Sleep]; measure == over || !sleep {
			t.Errorf("%s: measures count as asked %t, sleep %t", name, measure, sleep)
		}
	}
}

// TestOneServiceThatIsNeverAnsweredIsNotAskedAllTheTime although Withings is heard again and again.
func TestOneServiceThatIsNeverAnsweredIsNotAskedAllTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := &fakeCloud{fetch: func(_ context.Context, s Service, _ Progress, _ func(Batch)) (Fetched, error) {
			return Fetched{Updated: time.Now()}, when(s == Heart, fmt.Errorf("list: cannot reach Withings: %w", ErrUnreachable))
		}}
		p := &Profile{Fetch: cloud}
		start(t, p)
		pass(time.Hour)
		cloud.taken()
		pass(4 * time.Hour)
		if n := len(only(cloud.taken(), "fetch heart")); n > 4*15 {
			t.Errorf("%d requests in four hours", n)
		}
		if is := p.Status.Condition(); is.Returned || !is.Problems[Heart].Away || len(is.Problems) != 1 {
			t.Errorf("it is %+v", is)
		}
	})
}

// when is an error if something is so.
func when(so bool, err error) error {
	if so {
		return err
	}
	return nil
}

// TestAnOutageIsOverThoughSomebodyMustSignInAgain: whoever must is not waited for.
func TestAnOutageIsOverThoughSomebodyMustSignInAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down, denied shared[bool]
		down.set(true)
		people, _ := unreachable(&down, 3)
		people[2].Ready = func(context.Context) error {
			if denied.get() {
				return ErrNotAuthorized
			}
			return nil
		}
		r := start(t, people...)
		pass(30 * time.Minute)
		denied.set(true)
		down.set(false)
		pass(10 * time.Minute)
		if got := r.lines(); strings.Count(got, "Withings can be reached again") != 1 {
			t.Errorf("logged %s, want one line that it is over", got)
		}
	})
}

// TestAnOutageIsOverWithWhateverAnswerComesFirst: the log has one line when it begins and one when it is over.
func TestAnOutageIsOverWithWhateverAnswerComesFirst(t *testing.T) {
	noToken := fmt.Errorf("the permission has ended: %w", errors.Join(ErrNotAuthorized, ErrAnswered))
	for name, c := range map[string]struct {
		people int
		first  error // of each person after the outage
		ready  error // from then on
		want   string
	}{
		"a token is rejected":                  {1, noToken, noToken, "profile needs authorisation"},
		"the tokens of all are":                {3, noToken, noToken, "profile needs authorisation"},
		"a token is rejected by a service":     {1, fmt.Errorf("get: rejected: %w", errors.Join(ErrTokenRefused, ErrAnswered)), noToken, "profile needs authorisation"},
		"another process meets the rejection":  {1, nil, noToken, "profile needs authorisation"},
		"Withings does not accept the request": {1, fmt.Errorf("get: status 503: %w", ErrAnswered), nil, "service failed"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var down shared[bool]
				var over shared[error]
				down.set(true)
				people, clouds := unreachable(&down, c.people)
				for i, p := range people {
					unreached, asked := clouds[i].fetch, false
					clouds[i].fetch = func(ctx context.Context, s Service, progress Progress, apply func(Batch)) (Fetched, error) {
						if !down.get() {
							asked = true
							return Fetched{}, c.first
						}
						return unreached(ctx, s, progress, apply)
					}
					p.Ready = func(context.Context) error {
						if asked || c.first == nil {
							return over.get()
						}
						return nil
					}
					p.Refused = func() {}
				}
				r := start(t, people...)
				pass(30 * time.Minute)
				if got := r.lines(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "Withings cannot be reached") {
					t.Errorf("during the outage, logged %s", got)
				}
				over.set(c.ready)
				down.set(false)
				pass(2 * time.Hour)
				if got := r.lines(); strings.Count(got, `"Withings can be reached again" profiles=`) != 1 || !strings.Contains(got, c.want) {
					t.Errorf("after the outage, logged %s", got)
				}
				// The next one is news again.
				over.set(nil)
				down.set(true)
				pass(30 * time.Minute)
				if got := r.lines(); strings.Count(got, "Withings cannot be reached") != 1 && c.ready != nil {
					t.Errorf("during the next outage, logged %s", got)
				}
			})
		})
	}
}

// TestAnOutageLastsThoughNobodyIsLeftWhoNoticesIt: without a token nobody asks, which is no answer.
func TestAnOutageLastsThoughNobodyIsLeftWhoNoticesIt(t *testing.T) {
	for people := range 3 {
		synctest.Test(t, func(t *testing.T) {
			var down shared[bool]
			var ready shared[error]
			down.set(true)
			all, _ := unreachable(&down, people+1)
			for _, p := range all {
				p.Ready = func(context.Context) error { return ready.get() }
			}
			r := start(t, all...)
			pass(30 * time.Minute)
			_ = r.lines()
			ready.set(fmt.Errorf("there is no token: %w", ErrNotAuthorized))
			pass(30 * time.Minute)
			if got := r.lines(); strings.Contains(got, "again") {
				t.Errorf("%d people: without a token, logged %s", people+1, got)
			}
			ready.set(nil)
			pass(30 * time.Minute)
			if got := r.lines(); strings.Contains(got, "Withings can") {
				t.Errorf("%d people: with a token, logged %s", people+1, got)
			}
			down.set(false)
			pass(2 * time.Hour)
			if got := r.lines(); strings.Count(got, "Withings can be reached again") != 1 || strings.Count(got, "\n") != 1 {
				t.Errorf("%d people: after the outage, logged %s", people+1, got)
			}
		})
	}
}
