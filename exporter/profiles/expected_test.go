package profiles

import (
	"math"
	"testing"
	"time"

	"withings-exporter/exporter"
)

// TestTheExpectedCostGoesByWhatIsAskedAtWhichPace has sums worked out by hand: 288 polls a day
// at five minutes, 103 looks every fourteen minutes at quiet hours.
func TestTheExpectedCostGoesByWhatIsAskedAtWhichPace(t *testing.T) {
	three := []exporter.Service{exporter.Device, exporter.Goal, exporter.Heart}
	polled := noon()
	perDay := func(s exporter.Service) float64 { return 24 / s.Row().Net.Hours() } // where sessions are trusted
	goal, heart := perDay(exporter.Goal), perDay(exporter.Heart)
	half := exporter.SignStatus{Known: true}
	for i := range half.Quiet[len(half.Quiet)/2:] {
		half.Quiet[i] = true
	}
	for _, c := range []struct {
		name     string
		asked    []exporter.Service
		rare     []exporter.Service
		is       exporter.Condition
		interval time.Duration
		want     float64
	}{
		{name: "before the first poll", asked: three, interval: 5 * time.Minute, want: 288 + goal + heart + followUps},
		{name: "sessions that are trusted", asked: three, is: exporter.Condition{Polled: polled, Sign: exporter.SignStatus{Known: true}}, interval: 5 * time.Minute, want: 288 + goal + heart + followUps},
		{name: "no sessions", asked: three, is: exporter.Condition{Polled: polled}, interval: 5 * time.Minute, want: 3 * 288},
		{name: "without the service of devices", asked: []exporter.Service{exporter.Goal}, interval: 5 * time.Minute, want: 288},
		{name: "one that sessions do not tell of", asked: three, is: exporter.Condition{Polled: polled, Sign: exporter.SignStatus{Known: true, Unheeded: []exporter.Service{exporter.Heart}}}, interval: 5 * time.Minute, want: 288 + goal + 288 + followUps},
		{name: "one that is not proven", asked: three, is: exporter.Condition{Polled: polled, Sign: exporter.SignStatus{Known: true, Unproven: []exporter.Service{exporter.Heart}}}, interval: 5 * time.Minute, want: 288 + goal + heart + followUps},
		{name: "one that is rare", asked: three, rare: []exporter.Service{exporter.Heart}, interval: 5 * time.Minute, want: 288 + goal + 1 + followUps},
		{name: "what follows others is not asked alone", asked: append([]exporter.Service{exporter.Intraday, exporter.Night}, three...), interval: 5 * time.Minute, want: 288 + goal + heart + followUps},
		{name: "half of the day quiet", asked: three, is: exporter.Condition{Polled: polled, Sign: half},
			interval: 5 * time.Minute, want: 144 + 51.43 + goal + heart + followUps},
		{name: "notifications", asked: three, is: exporter.Condition{Notified: exporter.Notified{Active: true}}, interval: 5 * time.Minute, want: announced},
		{name: "notifications and few polls", asked: three, is: exporter.Condition{Notified: exporter.Notified{Active: true}}, interval: 2 * time.Hour, want: 36},
		{name: "every two hours", asked: three, interval: 2 * time.Hour, want: 12 + min(goal, 12) + heart + followUps},
		{name: "never", asked: three, want: 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := expected(c.asked, c.rare, c.is, c.interval); math.Abs(got-c.want) > 0.1 {
				t.Errorf("got %.1f requests, want %.1f", got, c.want)
			}
		})
	}
}

// TestTwoPeopleCostInTheFirstDaysWhatTheyDoLater has the people of the demo, worked out by hand. Each costs 288 looks at the devices,
// 60 at what they have sent, 2 x 24.41 for measurements and workouts, 2 x 4 for days and nights, 2 x 8 for goals and objectives and
// 2 x 4 for recordings: 428.8. Ben has no device for recordings, which are asked for once a day each.
func TestTwoPeopleCostInTheFirstDaysWhatTheyDoLater(t *testing.T) {
	asked := exporter.Asked()
	recordings := []exporter.Service{exporter.Heart, exporter.Stetho}
	signed := func(unproven ...exporter.Service) exporter.Condition {
		return exporter.Condition{Polled: noon(), Sign: exporter.SignStatus{Known: true, Unproven: unproven}}
	}
	for _, c := range []struct {
		name      string
		anna, ben exporter.Condition
		rare      []exporter.Service // of Ben
		want      float64
	}{
		{name: "before the first poll", want: 857.6},
		{name: "after it", anna: signed(exporter.Measure, exporter.Activity, exporter.Sleep, exporter.Workout, exporter.Heart, exporter.Stetho),
			ben: signed(exporter.Measure, exporter.Activity, exporter.Workout), rare: recordings, want: 851.6},
		{name: "once sessions are trusted", anna: signed(), ben: signed(), rare: recordings, want: 851.6},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := expected(asked, nil, c.anna, 5*time.Minute) + expected(asked, c.rare, c.ben, 5*time.Minute)
			if math.Abs(got-c.want) > 0.1 {
				t.Errorf("got %.1f requests, want %.1f", got, c.want)
			}
		})
	}
}

func noon() time.Time { return time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC) }
