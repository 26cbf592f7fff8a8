package daemon

import (
	"fmt"
	"slices"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/web"
	"withings-exporter/exporter/words"
)

// detail adds to a card what only those see who look at the profile in full: its readings, and how each service is.
func detail(p *web.Profile, m *profiles.Member, is exporter.Condition, now time.Time) {
	p.TokenExpiry, _ = m.Source.Expiry()
	p.Notifications = announcements(m, is)
	p.Asked = asking(m.State, is, now)
	shot := m.State.Snapshot(now)
	count := map[exporter.Service]int{}
	for _, sample := range shot.Samples {
		count[sample.Metric.Service]++
	}
	first := map[string]string{} // the service that failed first for a cause
	for _, service := range exporter.Services() {
		if !is.Reads(service) {
			continue
		}
		problem, known := is.Problems[service], m.State.Progress(service)
		row := web.Service{
			Name:         string(service),
			LastSuccess:  known.AsOf(),
			Err:          problem.Text,
			Told:         true,
			FailingSince: problem.Since,
			Newest:       m.State.Newest(service),
			Readings:     count[service],
		}
		switch cause := exporter.Cause(problem.Text); {
		case cause == "":
		case first[cause] == "":
			first[cause] = row.Name
		default:
			row.Err = "for the same reason as " + first[cause]
		}
		switch {
		case slices.Contains(is.Rare, service):
			row.Note = profiles.Rare
		case !known.Success.IsZero() && !known.Done && hasPast(service):
			row.Note = "read up to now, the past is still being read"
		}
		p.Services = append(p.Services, row)
	}
	if is.Sink != nil {
		safe := is.Sink.Safe
		if since := is.Sink.Problem.Since; !since.IsZero() { // what had nothing to write has not shown since then that it works
			safe = exporter.Earlier(safe, since)
		}
		p.Services = append(p.Services, web.Service{Name: "InfluxDB", LastSuccess: safe,
			Err: is.Sink.Problem.Text, Told: true, FailingSince: is.Sink.Problem.Since, Sink: true})
	}
	p.Readings = append(glance(m.State, shot.Samples, now), latestECG(p.Name, shot.Samples)...)
}

// newest is when the newest reading of a profile was taken, of what is measured: devices, goals and the like are as of now.
func newest(state *exporter.State, is exporter.Condition) (at time.Time) {
	for _, service := range exporter.Services() {
		if is.Reads(service) && !service.Row().Current {
			at = exporter.Later(at, state.Newest(service))
		}
	}
	return at
}

// unread says why a profile is not up to date although nothing is wrong: it is being read for the first time, or has not been
// read since the start, or since it was authorised again. It is "" if every service was read in full.
func unread(state *exporter.State, is exporter.Condition, now time.Time) string {
	all, begun, done, pasts, through, last := 0, 0, 0, 0, 0, time.Time{}
	state.EachProgress(func(service exporter.Service, known *exporter.Progress) {
		if service.Row().Told || !is.Reads(service) {
			return
		}
		all++
		if last = exporter.Later(last, known.Success); !known.Success.IsZero() {
			begun++
		}
		if known.Done {
			done++
		}
		if hasPast(service) {
			pasts++
			if known.Done {
				through++
			}
		}
	})
	switch ago := words.Ago(now.Sub(last)); {
	case done < all: // both figures at any time, so that neither seems to go back
		return fmt.Sprintf("First reading under way: %d of %d services are read up to now, and the past of %d of %d.", begun, all, through, pasts)
	case is.Polled.IsZero():
		return "Known from before the restart: Withings was last asked " + ago + ". What is new since then is being read."
	case !is.Up:
		return "Withings was last asked " + ago + ". What is new since then is being read."
	}
	return ""
}

// hasPast reports whether a service has more than what is so now, such as devices and goals.
func hasPast(service exporter.Service) bool { return !service.Row().Told && !service.Row().Current }

// announcements says how the notifications of a profile are; nil if none are to be
// expected.
func announcements(m *profiles.Member, is exporter.Condition) *web.Notifications {
	last, some, expected := m.Announcements()
	n := &web.Notifications{Last: last}
	switch {
	case !is.Notified.Configured || !expected:
		return nil
	case is.Notified.Active:
		n.Condition = "Withings sends them, so that polls are an hour or more apart"
	case is.Notified.Missing:
		n.Condition = "Withings has agreed to send them, but none arrive, so that polls go on as without"
	case is.Unsubscribed != "":
		n.Condition = "Withings cannot send them, as the note says, so that polls go on as without"
	case some:
		n.Condition = "Withings sends only some kinds, so that polls go on as without"
	default:
		n.Condition = "Withings has not been asked for them yet"
	}
	return n
}
