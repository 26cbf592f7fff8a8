package profiles

import (
	"slices"
	"time"

	"withings-exporter/exporter"
)

const (
	// followUps is how many requests a day ask for what devices have sent, people with
	// every kind of device on average over weeks.
	followUps = 60
	// announced is how many a profile takes a day while notifications take the place of
	// frequent polls, those that keep the subscriptions alive included.
	announced = 150
	// seldom is how often a service is asked at quiet hours.
	seldom = 14 * time.Minute
)

// expected is how many requests a day take that ask these services, of which some are rare,
// in the long run: sessions of devices that have not been seen to tell of news yet count as
// trusted, as all do before the first poll. So the first days do not move it.
func expected(asked, rare []exporter.Service, is exporter.Condition, interval time.Duration) float64 {
	if interval <= 0 {
		return 0
	}
	perDay := func(pace time.Duration) float64 { return float64(24*time.Hour) / float64(max(pace, interval)) }
	if is.Notified.Active {
		return min(announced, perDay(interval)*float64(len(asked)))
	}
	quiet := 0.0 // part of the day
	for _, nothing := range is.Sign.Quiet {
		if nothing {
			quiet += 1 / float64(len(is.Sign.Quiet))
		}
	}
	signed := slices.Contains(asked, exporter.Device) && (is.Sign.Known || is.Sign.Unread || is.Polled.IsZero())
	requests := 0.0
	for _, service := range asked {
		switch row := service.Row(); {
		case row.Follows != "":
		case slices.Contains(rare, service):
			requests++
		case !signed, row.Net == 0, slices.Contains(is.Sign.Unheeded, service):
			requests += perDay(interval)*(1-quiet) + perDay(seldom)*quiet
		default:
			requests += perDay(row.Net)
		}
	}
	if signed {
		requests += followUps
	}
	return requests
}
