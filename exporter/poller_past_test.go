package exporter

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// lookedBack lists the calls for a service's past, each as how far it was known.
func lookedBack(calls []call, service Service) string {
	var all []string
	for _, c := range calls {
		if c.what == "older "+string(service) {
			all = append(all, c.p.Back.UTC().Format(time.DateOnly))
		}
	}
	return strings.Join(all, " ")
}

// stretches answers with the given ends of known history, one after the other.
func stretches(ends ...string) func(Service, Progress, func(Batch)) (time.Time, error) {
	return func(_ Service, p Progress, _ func(Batch)) (time.Time, error) {
		for _, end := range ends {
			if back := at(end + " 00:00"); p.Back.IsZero() || back.Before(p.Back) {
				return back, nil
			}
		}
		return time.Time{}, nil
	}
}

func TestThePastIsReadBackToTheBeginningOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		window := at("2026-06-15 00:00")
		cloud := &fakeCloud{
			fetch: func(context.Context, Service, Progress, func(Batch)) (Fetched, error) {
				return Fetched{Updated: noon, Whole: window}, nil
			},
			older: stretches("2025-07-15", "2015-07-15"),
		}
		p := &Profile{Fetch: cloud}
		start(t, p)
		calls := cloud.taken()
		for _, service := range []Service{Measure, Objective, Sleep, Workout} {
			if got, want := lookedBack(calls, service), "2026-06-15 2025-07-15 2015-07-15"; got != want {
				t.Errorf("%s was looked for before %s, want %s", service, got, want)
			}
		}
		for _, service := range []Service{Activity, Device, Goal} {
			if got := lookedBack(calls, service); got != "" {
				t.Errorf("%s has a past, %s", service, got)
			}
		}
		for _, service := range Asked() {
			if !p.State.Progress(service).Done {
				t.Errorf("the past of %s is not done", service)
			}
		}
		if got := p.State.Progress(Measure); got.Reread.IsZero() || !got.Updated.Equal(noon) {
			t.Errorf("progress is %+v", got)
		}
		pass(time.Hour)
		if got := names(cloud.taken()); strings.Contains(got, "older") {
			t.Errorf("the past is read again: %s", got)
		}
	})
}

func TestSleepAndWorkoutsAreLookedForUntilOneIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := &fakeCloud{older: func(service Service, p Progress, apply func(Batch)) (time.Time, error) {
			if service == Sleep && !p.Back.IsZero() {
				apply(Batch{Service: Sleep, Records: []Record{session("1", "2020-07-15", "2020-07-14 22:00", "2020-07-15 06:00", "84")}})
			}
			return stretches("2021-01-01", "2020-01-01", "2019-01-01")(service, p, apply)
		}}
		p := &Profile{Fetch: cloud}
		start(t, p)
		calls := cloud.taken()
		if got, want := lookedBack(calls, Sleep), "0001-01-01 2021-01-01"; got != want {
			t.Errorf("sleep was looked for before %s, want %s", got, want)
		}
		if got, want := lookedBack(calls, Workout), "0001-01-01 2021-01-01 2020-01-01 2019-01-01"; got != want {
			t.Errorf("workouts were looked for before %s, want %s", got, want)
		}
		expect(t, shown(p.State, noon), map[string]string{"sleep_score": "84"})
	})
}

func TestAnInterruptedPastGoesOnWhereItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down shared[bool]
		down.set(true)
		cloud := &fakeCloud{older: func(service Service, p Progress, apply func(Batch)) (time.Time, error) {
			if service == Measure && !p.Back.IsZero() && down.get() {
				return p.Back, errCloud
			}
			return stretches("2025-07-15")(service, p, apply)
		}}
		p := &Profile{Fetch: cloud}
		r := start(t, p)
		if is := p.Status.Condition(); is.Up || is.Problems[Measure].Text != "cloud is down" || len(is.Problems) != 1 {
			t.Errorf("condition is %+v", is)
		}
		pass(11 * time.Minute)
		if got := r.lines(); strings.Count(got, "\n") != 1 {
			t.Errorf("a failure that lasts is to be said once, logged: %s", got)
		}
		cloud.taken()
		down.set(false)
		pass(5 * time.Minute)
		if got := lookedBack(cloud.taken(), Measure); got != "2025-07-15" {
			t.Errorf("it went on before %s, want 2025-07-15", got)
		}
		if is := p.Status.Condition(); !is.Up || !p.State.Progress(Measure).Done {
			t.Errorf("condition is %+v", is)
		}
	})
}

func TestAPastThatDoesNotGoBackIsAProblemNotALoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := &fakeCloud{older: func(Service, Progress, func(Batch)) (time.Time, error) { return noon, nil }}
		p := &Profile{Fetch: cloud}
		start(t, p)
		if n := len(only(cloud.taken(), "older measure")); n != 2 {
			t.Errorf("it was asked %d times", n)
		}
		if text := p.Status.Condition().Problems[Measure].Text; !strings.Contains(text, "does not go back further than 2026-07-15") {
			t.Errorf("the problem is %q", text)
		}
	})
}

// takeBack empties the record that late weighs with, which uncovers older ones.
func takeBack(apply func(Batch)) {
	apply(Batch{Service: Measure, Records: []Record{changed(group("2", "2026-07-14 08:00"), "2026-07-15 09:00")}})
}

func TestWhatIsUncoveredWhileThePastIsReadIsNotLost(t *testing.T) {
	late := group("2", "2026-07-14 08:00", is("weight_grams", "80000"))
	early := group("1", "2026-07-01 08:00", is("weight_grams", "81000"))
	for _, c := range []struct {
		name  string
		fresh bool // uncovered by an increment, after the window; else while the past is read
	}{
		{"by an increment", true},
		{"by the past itself", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				poll := 0
				cloud := &fakeCloud{}
				cloud.fetch = func(_ context.Context, service Service, _ Progress, apply func(Batch)) (Fetched, error) {
					if service != Measure {
						return Fetched{}, nil
					}
					poll++
					if poll == 1 {
						apply(Batch{Service: Measure, Records: []Record{early, late}, Whole: &Span{at("2026-06-15 00:00"), noon}})
						if c.fresh {
							takeBack(apply)
						}
						return Fetched{Updated: noon, Whole: at("2026-06-15 00:00")}, nil
					}
					return Fetched{Updated: noon}, nil
				}
				cloud.older = func(service Service, p Progress, apply func(Batch)) (time.Time, error) {
					if service == Measure && p.Back.IsZero() {
						apply(Batch{Service: Measure, Records: []Record{early}})
					}
					if service == Measure && !p.Back.IsZero() && !c.fresh {
						takeBack(apply)
					}
					return time.Time{}, nil
				}
				p := &Profile{Fetch: cloud}
				start(t, p)
				pass(6 * time.Minute)
				expect(t, shown(p.State, noon), map[string]string{"weight_grams": "81000"})
				if !p.State.Progress(Measure).Done {
					t.Error("the past is not done")
				}
			})
		})
	}
}

func TestARecordThatChangesWithoutEndDoesNotKeepAPollFromEnding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		flips := 0
		cloud := &fakeCloud{older: func(service Service, _ Progress, apply func(Batch)) (time.Time, error) {
			if service == Measure {
				flips++
				value := []Reading{is("weight_grams", "80000"), is("fat_ratio", "0.2")}[flips%2]
				apply(Batch{Service: Measure, Records: []Record{group("1", "2026-07-14 08:00", value)}})
			}
			return time.Time{}, nil
		}}
		p := &Profile{Fetch: cloud, State: newState(group("1", "2026-07-14 08:00", is("weight_grams", "80000")))}
		start(t, p)
		if flips > 2 || p.Status.Condition().Polled.IsZero() {
			t.Errorf("after %d calls the poll has ended: %v", flips, !p.Status.Condition().Polled.IsZero())
		}
	})
}
