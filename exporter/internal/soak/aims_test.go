package soak

import (
	"testing"
	"time"

	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/testrun"
)

// most is how many requests a person may cost a day; 0: there is no aim, since where no session tells that nothing is new,
// everything has to be asked.
func most(p Plan) float64 {
	switch {
	case p.Notifications:
		return 100
	case !p.Switches.Irregular, !p.Switches.MatSessions, p.Switches.Sessions == simulator.SessionsStuck, p.Switches.Sessions == simulator.SessionsNull:
		return 0
	}
	return 1.3 * 288
}

// TestReadingsAreShownInTimeForFewRequests is the budget of the exporter: what Withings is asked, and how soon what devices send is
// shown. Time is false, so this goes by no machine.
func TestReadingsAreShownInTimeForFewRequests(t *testing.T) {
	for _, plan := range testrun.Few(accounts()) {
		t.Run(plan.Name, func(t *testing.T) {
			t.Parallel()
			plan.People, plan.Before, plan.Days = testrun.Scale(4, 12), 2, testrun.Scale(1, 4)
			r := Run(t, plan)
			if got, want := r.PerDay(), most(plan); want > 0 && got > want {
				t.Errorf("%.1f requests per person and day, want %.1f at most", got, want)
			}
			if got := r.Sent().Within(5 * time.Minute); got < 0.99 {
				t.Errorf("%.2f %% of the readings are shown within 5 minutes, want 99 %%", 100*got)
			}
			if got := r.Sent().Worst; got > 15*time.Minute {
				t.Errorf("a reading was shown after %v, want 15 minutes at most", got)
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
