package soak

import (
	"cmp"
	"testing"
	"time"

	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
)

// accounts are those of the table: what Withings tells of them, and how.
func accounts() []Plan {
	good := Plan{Name: "sessions that move", Switches: Real()}
	told, unlisted, with, stuck, null, regular := good, good, good, good, good, good
	told.Name, told.Notifications = "notifications", true
	unlisted.Name, unlisted.Switches.MatSessions, unlisted.Switches.UnlistedPhones = "mats without sessions, phones not listed", false, true
	with.Name, with.Switches.Sessions = "sessions that move with the data", simulator.SessionsWithData
	stuck.Name, stuck.Switches.Sessions = "sessions that never move", simulator.SessionsStuck
	null.Name, null.Switches.Sessions = "no sessions", simulator.SessionsNull
	null.People = 4 // of more, polls that happen to meet wait for the rate limit, and its bounds have no room for that
	regular.Name, regular.Switches.Irregular, regular.Switches.SyncEvery = "watches every 15 minutes", false, 15*time.Minute
	return []Plan{good, told, unlisted, with, stuck, null, regular}
}

// bounds are what may be expected of the first days of a few people. How people fare in the long run is what BenchmarkBudget
// tells; here a single reading is up to one in a hundred, and their devices are not known well yet.
type bounds struct {
	requests float64       // per person and day, at most; 0: everything has to be asked, since no session says that nothing is new
	soon     float64       // the least share of readings that are shown within five minutes
	worst    time.Duration // until the last is shown
}

// expected are the bounds of an account. With notifications, a measurement that Withings does not announce waits for the hourly
// look. Where sessions fail, that must be noticed first.
func expected(p Plan) bounds {
	const quarter = 15 * time.Minute
	switch {
	case p.Notifications:
		return bounds{requests: 170, soon: 0.93, worst: time.Hour}
	case p.Switches.Sessions == simulator.SessionsStuck:
		return bounds{soon: 0.85, worst: quarter}
	case p.Switches.Sessions == simulator.SessionsNull:
		return bounds{soon: 1, worst: 5 * time.Minute}
	case !p.Switches.MatSessions:
		return bounds{soon: 0.93, worst: time.Hour}
	case !p.Switches.Irregular:
		return bounds{requests: 900, soon: 0.95, worst: quarter}
	}
	return bounds{requests: 510, soon: 0.93, worst: quarter} // of 119 readings, polls are unlucky with none to five
}

// TestReadingsAreShownInTimeForFewRequests is the budget of the exporter: what Withings is asked, and how soon what devices send is
// shown. Time is false, so this goes by no machine.
func TestReadingsAreShownInTimeForFewRequests(t *testing.T) {
	for _, plan := range testrun.Few(accounts()) {
		t.Run(plan.Name, func(t *testing.T) {
			t.Parallel()
			plan.People, plan.Before = cmp.Or(plan.People, testrun.Scale(4, 12)), 2
			plan.Days = testrun.Scale(1, 48/plan.People)
			r, want := Run(t, plan), expected(plan)
			if got := r.PerDay(); want.requests > 0 && got > want.requests {
				t.Errorf("%.1f requests per person and day, want %.1f at most", got, want.requests)
			}
			if got := r.Sent().Within(5 * time.Minute); got < want.soon {
				t.Errorf("%.2f %% of the readings are shown within 5 minutes, want %.2f %%", 100*got, 100*want.soon)
			}
			if got := r.Sent().Worst; got > want.worst {
				t.Errorf("a reading was shown after %v, want %v at most", got, want.worst)
			}
			if got := r.Typed().Worst; got > time.Hour {
				t.Errorf("what was typed in was shown after %v, want an hour at most", got)
			}
			if r.Limited > 0 || r.Early > 0 || len(r.Lost) > 0 || len(r.Wrong) > 0 {
				t.Errorf("%d refused with a 601, %d early, %d lost, %d wrong", r.Limited, r.Early, len(r.Lost), len(r.Wrong))
			}
			if t.Failed() {
				t.Log(r)
			}
		})
	}
}

// TestPeopleCostWhatTheyAreExpectedTo has the people of the demo with devices like real ones: what is expected of each is not below
// what they take, and at most a tenth above, once it is known at which hours nothing arrives.
func TestPeopleCostWhatTheyAreExpectedTo(t *testing.T) {
	testrun.Unraced(t, "weeks of what the tests of polls have hours of")
	t.Parallel()
	for seed := range uint64(testrun.Scale(1, 4)) {
		r := Run(t, Plan{Before: 14, Days: 7, Seed: seed + 1, Stories: true, Switches: Real()})
		for name, is := range r.Costs {
			t.Logf("%s took %.1f requests a day, and %.1f were expected", name, is.Took, is.Expected)
			if is.Expected < is.Took || is.Expected > 1.1*is.Took {
				t.Errorf("%s of seed %d took %.1f requests a day, and %.1f were expected: correct followUps in cost.go", name, seed+1, is.Took, is.Expected)
			}
		}
	}
}
