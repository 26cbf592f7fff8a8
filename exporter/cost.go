package exporter

import (
	"cmp"
	"slices"
	"time"
)

// followUps are how many requests a day ask for what devices have sent, of people who wear a watch that hands its data over as real
// ones do: about twenty times a day. They are what the people of the simulator take on average over weeks, rounded up; tests of
// package soak hold them to that. What a mat, a cuff and other devices have measurements asked for counts as sleep, since
// who has no mat mostly has few of those.
var followUps = map[Service]float64{
	Measure: 15, Activity: 22, Intraday: 22, Sleep: 54, Night: 4, Workout: 15, Heart: 15, Goal: 3, Objective: 3,
}

const (
	// withoutWatch is the part of them that is left without a watch.
	withoutWatch = 1. / 3
	// renewals are those of an access token, which lasts three hours and is renewed a little early.
	renewals = 8.5
	// announcedCost is how many requests a profile takes a day while notifications take the place of
	// frequent polls, those that keep the subscriptions alive included.
	announcedCost = 150
)

// Cost is how many requests a day take that ask these services in the long run, at an interval between polls: sessions of devices
// that have not been seen to tell of news yet count as trusted, as all do before the first poll, and the account then as one with
// every kind of device. So the first days do not move it.
func (c *Condition) Cost(asked []Service, interval time.Duration) float64 {
	if interval <= 0 {
		return 0
	}
	is := cost{Condition: c, asked: asked, interval: interval}
	if c.Notified.Active {
		return min(announcedCost, is.perDay(interval)*float64(len(asked)))
	}
	requests := min(renewals, is.perDay(interval))
	for _, service := range asked {
		requests += is.of(service)
	}
	return requests
}

// cost is how a profile is polled.
type cost struct {
	*Condition
	asked    []Service
	interval time.Duration
}

// perDay is how often a day something is asked at a pace.
func (c *cost) perDay(pace time.Duration) float64 {
	return float64(24*time.Hour) / float64(max(pace, c.interval))
}

// of is what a service takes.
func (c *cost) of(service Service) float64 {
	row := service.Row()
	switch {
	case row.Follows != "" && !c.signed(): // with the news of the other service, besides
		return c.perDay(hourly)
	case row.Follows != "":
		return c.perDay(rareReread) + c.followUps(service)
	case slices.Contains(c.Rare, service):
		return c.perDay(rarePace)
	case !c.signed(), row.Net == 0, slices.Contains(c.Sign.Unheeded, service):
		return c.looks()
	case slices.Contains(c.Sign.Dormant, service):
		return c.net(row, min(row.Net, quietPace))
	}
	return c.net(row, row.Net) + c.followUps(service)
}

// signed reports whether sessions decide when services are asked.
func (c *cost) signed() bool {
	return slices.Contains(c.asked, Device) && (c.Sign.Known || c.Sign.Unread || c.Polled.IsZero())
}

// looks are those at every poll, which are fewer at quiet hours.
func (c *cost) looks() float64 {
	quiet := 0.0 // part of the day
	for _, nothing := range c.Sign.Quiet {
		if nothing {
			quiet += 1 / float64(len(c.Sign.Quiet))
		}
	}
	return c.perDay(c.interval)*(1-quiet) + c.perDay(min(everyThird*c.interval, slowest))*quiet
}

// net is what a service takes without any news, at a pace: it is asked a little early, so as to share polls, and its last weeks are
// read again.
func (c *cost) net(row *ServiceRow, pace time.Duration) float64 {
	again := c.perDay(rareReread)
	switch {
	case row.Current:
		again = 0
	case row.Moments:
		again = c.perDay(quietReread)
	}
	return c.perDay(pace-pace/leeway) + again
}

// followUps are those of a service that is asked, or that follows one that is asked, when there was a session.
func (c *cost) followUps(service Service) float64 {
	told := func(service Service) bool {
		not := slices.Concat(c.Rare, c.Sign.Unheeded, c.Sign.Dormant)
		return slices.Contains(c.asked, service) && !slices.Contains(not, service)
	}
	n := followUps[service]
	switch {
	case !told(cmp.Or(service.Row().Follows, service)):
		return 0
	case !told(Activity):
		n *= withoutWatch
	}
	return min(n, c.perDay(c.interval))
}
