package exporter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// failing is a cloud in which services fail as told; the others have no news.
func failing(is map[Service]error) *fakeCloud {
	return &fakeCloud{fetch: func(_ context.Context, service Service, _ Progress, _ func(Batch)) (Fetched, error) {
		return Fetched{Updated: time.Now()}, is[service]
	}}
}

// asked lists the services that were fetched in the first poll.
func asked(calls []call) []Service {
	var all []Service
	for _, c := range calls {
		if service, ok := strings.CutPrefix(c.what, "fetch "); ok && !slices.Contains(all, Service(service)) {
			all = append(all, Service(service))
		}
	}
	return all
}

func TestOnlyTheChosenServicesAreAskedAndCount(t *testing.T) {
	for _, c := range []struct {
		name   string
		choice Choice
		fails  map[Service]error
		up     bool
	}{
		{"what the person allowed", Choice{Asked: []Service{Measure, Device}, Barred: []Service{Sleep}, Sure: true}, nil, true},
		{"one alone", Choice{Asked: []Service{Workout}}, nil, true},
		{"one that would fail is not asked", Choice{Asked: []Service{Measure, Sleep}}, map[Service]error{Activity: errCloud}, true},
		{"one of those asked fails", Choice{Asked: []Service{Measure, Sleep}}, map[Service]error{Sleep: errCloud}, false},
		{"all of those asked fail", Choice{Asked: []Service{Measure, Sleep}}, map[Service]error{Sleep: errCloud, Measure: errCloud}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud := failing(c.fails)
				p := &Profile{Fetch: cloud, Choose: func() Choice { return c.choice }}
				r := start(t, p)
				calls := cloud.taken()
				if got := asked(calls); !slices.Equal(got, c.choice.Asked) {
					t.Errorf("asked are %v, want %v", got, c.choice.Asked)
				}
				is := p.Status.Condition()
				if is.Up != c.up || !slices.Equal(is.Asked, c.choice.Asked) || !slices.Equal(is.Barred, c.choice.Barred) {
					t.Errorf("condition is %+v, want up %v", is, c.up)
				}
				warned := strings.Contains(r.lines(), `msg="some services are not allowed; to allow them, authorise the profile again"`)
				if warned != (len(c.choice.Barred) > 0) {
					t.Errorf("that some are not allowed is logged: %v", warned)
				}
				for _, call := range calls {
					if service := Service(strings.Fields(call.what)[1]); !slices.Contains(c.choice.Asked, service) {
						t.Errorf("there was a call to %s", call.what)
					}
				}
				pass(6 * time.Minute)
				if strings.Contains(r.lines(), "not allowed") {
					t.Error("it is logged again")
				}
			})
		})
	}
}

func TestAServiceThatWithingsDoesNotAllowStopsNoOther(t *testing.T) {
	forbidden := fmt.Errorf("HTTP status 403: %w", ErrNotAllowed)
	everything := map[Service]error{}
	for _, service := range Asked() {
		everything[service] = forbidden
	}
	for _, c := range []struct {
		name     string
		sure     bool
		fails    map[Service]error
		barred   []Service
		problems int
		up       bool
	}{
		{"one, and nobody knew", false, map[Service]error{Sleep: forbidden}, []Service{Sleep}, 0, true},
		{"all of a scope", false, map[Service]error{Sleep: forbidden, Workout: forbidden, Activity: forbidden}, []Service{Activity, Sleep, Workout}, 0, true},
		{"one beside a failure", false, map[Service]error{Sleep: forbidden, Goal: errCloud}, []Service{Sleep}, 1, false},
		{"one that the person did allow", true, map[Service]error{Sleep: forbidden}, nil, 1, false},
		{"everything, so that nothing shows that anything works", false, everything, nil, len(Asked()), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var allowed shared[bool]
				cloud := &fakeCloud{fetch: func(_ context.Context, service Service, _ Progress, _ func(Batch)) (Fetched, error) {
					if allowed.get() {
						return Fetched{Updated: time.Now()}, nil
					}
					return Fetched{}, c.fails[service]
				}}
				p := &Profile{Fetch: cloud, Choose: func() Choice { return Choice{Asked: Asked(), Sure: c.sure} }}
				start(t, p)
				if got := asked(cloud.taken()); !slices.Equal(got, Asked()) {
					t.Errorf("asked are %v", got)
				}
				is := p.Status.Condition()
				if is.Up != c.up || !slices.Equal(is.Barred, c.barred) || len(is.Problems) != c.problems || is.Denied != "" {
					t.Errorf("condition is %+v, want up %v, barred %v, %d problems", is, c.up, c.barred, c.problems)
				}
				for _, service := range c.barred {
					if is.Reads(service) {
						t.Errorf("%s counts as asked", service)
					}
				}
				allowed.set(true)
				pass(70 * time.Minute)
				if is := p.Status.Condition(); !is.Up || len(is.Barred) > 0 || len(is.Problems) > 0 || !is.Reads(Sleep) {
					t.Errorf("once it is allowed the condition is %+v", is)
				}
			})
		})
	}
}

func TestATokenIsDoubtedOnlyWhenNoServiceTakesIt(t *testing.T) {
	refused := fmt.Errorf("status 401: %w", ErrTokenRefused)
	all := map[Service]error{}
	for _, service := range Asked() {
		all[service] = refused
	}
	some := map[Service]error{Measure: refused, Objective: refused}
	mixed := map[Service]error{}
	for i, service := range Asked() {
		mixed[service] = []error{refused, errCloud}[i%2]
	}
	for _, c := range []struct {
		name     string
		choice   Choice
		fails    map[Service]error
		denied   bool
		problems int
	}{
		{"all refuse it", Choice{Asked: Asked()}, all, true, len(Asked())},
		{"the only one that is asked refuses it", Choice{Asked: []Service{Sleep}}, all, true, 1},
		{"one refuses it", Choice{Asked: Asked()}, map[Service]error{Sleep: refused}, false, 1},
		{"the first refuses it", Choice{Asked: Asked()}, some, false, 2},
		{"some refuse it, the others cannot be reached", Choice{Asked: Asked()}, mixed, false, len(Asked())},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var ready shared[error]
				p := &Profile{Fetch: failing(c.fails), Choose: func() Choice { return c.choice },
					Ready:   func(context.Context) error { return ready.get() },
					Refused: func() { ready.set(ErrNotAuthorized) }}
				start(t, p)
				is := p.Status.Condition()
				if (is.Denied != "") != c.denied || len(is.Problems) != c.problems || is.Up {
					t.Errorf("condition is %+v, want denied %v, %d problems", is, c.denied, c.problems)
				}
			})
		})
	}
}

func TestAFailureShowsWhenItHappensNotAtTheEndOfThePoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hangs shared[bool]
		cloud := &fakeCloud{fetch: func(context.Context, Service, Progress, func(Batch)) (Fetched, error) {
			if hangs.get() {
				linger(time.Minute)
				return Fetched{}, errors.New("no answer in time")
			}
			return Fetched{Updated: time.Now()}, nil
		}}
		p := &Profile{Fetch: cloud}
		start(t, p)
		pass(time.Minute)
		if !p.Status.Condition().Up {
			t.Fatal("not up at first")
		}
		hangs.set(true)
		cloud.taken()
		for len(cloud.taken()) == 0 { // until the next poll has begun
			pass(time.Second)
		}
		pass(time.Minute)
		if is := p.Status.Condition(); is.Up || len(is.Problems) != 1 || !is.NextPoll.IsZero() {
			t.Errorf("a minute into a poll that hangs the condition is %+v", is)
		}
	})
}

func TestAProblemOfAServiceThatIsNoLongerAskedIsNone(t *testing.T) {
	var s Status
	s.served(Sleep, errCloud, noon)
	s.served(Measure, errCloud, noon)
	if s.Chosen(Choice{Asked: []Service{Measure}}) {
		t.Error("nothing is barred, and yet it is news")
	}
	if is := s.Condition(); len(is.Problems) != 1 || is.Problems[Measure].Text == "" || is.Reads(Sleep) {
		t.Errorf("condition is %+v", is)
	}
	if !s.Chosen(Choice{Asked: []Service{Measure}, Barred: []Service{Sleep}}) || s.Chosen(Choice{Asked: []Service{Measure}, Barred: []Service{Sleep}}) {
		t.Error("what is barred is news once")
	}
}

func TestARecordOfAServiceThatIsNotReadIsNotFoundUntilItIsAgain(t *testing.T) {
	s, signal := NewState("Anna", nil), ByOrigin(Heart, "ecg.signalid")
	s.Apply(Batch{Service: Heart, Records: []Record{{ID: "1", Service: Heart, Readings: []Reading{{Metric: signal, Value: Integer(7)}}}}})
	for _, c := range []struct {
		choice Choice
		want   bool
	}{
		{Choice{Asked: []Service{Measure}}, false},
		{Choice{Asked: []Service{Measure, Heart}}, true},
	} {
		before := s.Version()
		s.Show(c.choice)
		if _, found := s.Find(signal, Integer(7)); found != c.want || s.Version() == before {
			t.Errorf("%+v: found is %v, the version changes: %v", c.choice, found, s.Version() != before)
		}
	}
}
