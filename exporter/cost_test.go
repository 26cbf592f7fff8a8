package exporter

import (
	"math"
	"testing"
	"time"
)

// TestTheCostGoesByWhatIsAskedAtWhichPace has sums worked out by hand: 288 polls a day at five minutes, 103 looks every fourteen
// minutes at quiet hours, 8.5 new tokens; goals 8.9 times and 3 follow-ups, ECGs 4.4 + 2 and 15, activity 4.4 + 2 and 22.
func TestTheCostGoesByWhatIsAskedAtWhichPace(t *testing.T) {
	four := []Service{Device, Goal, Heart, Activity}
	minutes := append([]Service{Intraday}, four...)
	polled := time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)
	signed := func(is SignStatus) Condition {
		is.Known = true
		return Condition{Polled: polled, Sign: is}
	}
	half := SignStatus{}
	for i := range half.Quiet[len(half.Quiet)/2:] {
		half.Quiet[i] = true
	}
	rare := signed(SignStatus{})
	rare.Rare = []Service{Heart}
	const five, trusted, heart = 5 * time.Minute, 288 + 8.5 + 11.89 + 21.44 + 28.44, 21.44
	for _, c := range []struct {
		name     string
		asked    []Service
		is       Condition
		interval time.Duration
		want     float64
	}{
		{name: "before the first poll", asked: four, interval: five, want: trusted},
		{name: "sessions that are trusted", asked: four, is: signed(SignStatus{}), interval: five, want: trusted},
		{name: "no sessions", asked: four, is: Condition{Polled: polled}, interval: five, want: 8.5 + 4*288},
		{name: "without the service of devices", asked: []Service{Goal}, interval: five, want: 8.5 + 288},
		{name: "one that sessions do not tell of", asked: four, is: signed(SignStatus{Unheeded: []Service{Heart}}), interval: five, want: trusted - heart + 288},
		{name: "one that is not proven", asked: four, is: signed(SignStatus{Unproven: []Service{Heart}}), interval: five, want: trusted},
		{name: "one that is rare", asked: four, is: rare, interval: five, want: trusted - heart + 1},
		{name: "without a watch", asked: four, is: signed(SignStatus{Dormant: []Service{Activity}}), interval: five, want: 288 + 8.5 + 9.89 + 11.44 + 10.89},
		{name: "minutes follow days", asked: minutes, is: signed(SignStatus{}), interval: five, want: trusted + 2 + 22},
		{name: "minutes without a watch", asked: minutes, is: signed(SignStatus{Dormant: []Service{Activity}}), interval: five, want: 288 + 8.5 + 9.89 + 11.44 + 10.89 + 2},
		{name: "minutes without sessions", asked: minutes, is: Condition{Polled: polled}, interval: five, want: 8.5 + 4*288 + 24},
		{name: "half of the day quiet", asked: four, is: signed(half), interval: five, want: trusted - 288 + 144 + 51.43},
		{name: "notifications", asked: four, is: Condition{Notified: Notified{Active: true}}, interval: five, want: announcedCost},
		{name: "notifications and few polls", asked: four, is: Condition{Notified: Notified{Active: true}}, interval: 2 * time.Hour, want: 48},
		{name: "every two hours", asked: four, interval: 2 * time.Hour, want: 12 + 8.5 + 11.89 + 6.44 + 12 + 6.44 + 12},
		{name: "never", asked: four, want: 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.is.Cost(c.asked, c.interval); math.Abs(got-c.want) > 0.1 {
				t.Errorf("got %.1f requests, want %.1f", got, c.want)
			}
		})
	}
}

// TestTwoPeopleCostInTheFirstDaysWhatTheyDoLater has the people of the demo. Ben has no mat, and no device for recordings, which are
// asked for once a day each; before the first poll that is not known.
func TestTwoPeopleCostInTheFirstDaysWhatTheyDoLater(t *testing.T) {
	signed := func(is SignStatus) Condition {
		is.Known = true
		return Condition{Polled: time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC), Sign: is}
	}
	ben := func(is SignStatus) Condition {
		is.Dormant = []Service{Sleep}
		c := signed(is)
		c.Rare = []Service{Heart, Stetho}
		return c
	}
	for _, c := range []struct {
		name      string
		anna, ben Condition
		want      float64
	}{
		{name: "before the first poll", want: 2 * 561.3},
		{name: "after it", anna: signed(SignStatus{Unproven: []Service{Measure, Activity, Sleep, Workout, Heart, Stetho}}),
			ben: ben(SignStatus{Unproven: []Service{Measure, Activity, Workout}}), want: 561.3 + 481.8},
		{name: "once sessions are trusted", anna: signed(SignStatus{}), ben: ben(SignStatus{}), want: 561.3 + 481.8},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.anna.Cost(Asked(), 5*time.Minute) + c.ben.Cost(Asked(), 5*time.Minute); math.Abs(got-c.want) > 0.2 {
				t.Errorf("got %.1f requests, want %.1f", got, c.want)
			}
		})
	}
}
