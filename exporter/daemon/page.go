package daemon

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/web"
	"withings-exporter/exporter/words"
)

// Page is the content of the status page, from memory.
func Page(h *profiles.Set, began, now time.Time) web.Status {
	notes, coolOff := h.Remarks()
	status := web.Status{Now: now, Started: began, Notes: notes, Requests: command.Sentence(h.Spent())}
	if _, room := h.Crowded(); room != "" {
		status.Requests += " " + command.Sentence(room)
	}
	for _, m := range h.List() {
		p := card(m, coolOff, now)
		sent := h.Budget.Usage(p.Name)
		p.Hour, p.Day = sent.Hour, sent.Day
		status.Profiles = append(status.Profiles, p)
		if err := m.Source.LastError(); err != nil && !errors.Is(err, auth.ErrUnsaved) { // which the card tells
			status.Notes = append(status.Notes, fmt.Sprintf("%s: %v", m.State.Profile(), err))
		}
	}
	return status
}

// card is the part of the page about one profile.
func card(m *profiles.Member, coolOff, now time.Time) web.Profile {
	is := m.Status.Condition()
	p := web.Profile{Name: m.State.Profile(), NextPoll: is.NextPoll, Zone: m.State.Timezone()}
	p.TokenExpiry, _ = m.Source.Expiry()
	shot := m.State.Snapshot(now)
	count := map[exporter.Service]int{}
	for _, sample := range shot.Samples {
		count[sample.Metric.Service]++
	}
	p.NotAllowed = profiles.Listed(is.Barred)
	first := map[string]string{} // the service that failed first for a cause
	for _, service := range exporter.Services() {
		if !is.Reads(service) {
			continue
		}
		problem := is.Problems[service]
		row := web.Service{
			Name:         string(service),
			LastSuccess:  m.State.AsOf(service),
			Err:          problem.Text,
			Told:         true,
			FailingSince: problem.Since,
			Readings:     count[service],
		}
		if cause := profiles.Cause(problem.Text); cause != "" {
			if first[cause] == "" {
				first[cause] = row.Name
				p.Causes = append(p.Causes, web.Cause{Text: command.Sentence(cause), Do: keepsTrying})
			} else {
				row.Err = "for the same reason as " + first[cause]
			}
		}
		if slices.Contains(is.Rare, service) {
			row.Note = profiles.Rare
		}
		row.Newest = m.State.Newest(service)
		if !service.Row().Current && row.Newest.After(p.Newest) {
			p.Newest = row.Newest
		}
		if problem.Text != "" && (p.Since.IsZero() || problem.Since.Before(p.Since)) {
			p.Since = problem.Since
		}
		p.Services = append(p.Services, row)
	}
	if is.Sink != nil {
		p.Services = append(p.Services, web.Service{Name: "InfluxDB", LastSuccess: is.Sink.Safe,
			Err: is.Sink.Problem.Text, Told: true, FailingSince: is.Sink.Problem.Since, Sink: true})
		if is.Sink.Problem.Text != "" {
			p.Causes = append(p.Causes, web.Cause{Text: command.Sentence(named("InfluxDB", is.Sink.Problem.Text)), Do: catchesUp})
		}
		if lag := is.Sink.Lag(now); lag > 0 && is.Sink.Problem.Text == "" {
			note := fmt.Sprintf("InfluxDB is %s behind", words.Short(lag.Round(time.Second)))
			if len(is.Problems) == 0 {
				note += " and catching up" // with Withings away it cannot
			}
			p.Notes = append(p.Notes, note+".")
		}
	}
	p.State = condition(is, coolOff)
	switch p.State {
	case web.StateAuthorize:
		p.Headline, p.Do, p.Command = refusal(p.Name, is.Denied)
	case web.StateCooling:
		p.NextPoll = coolOff
	default:
		if is.NextPoll.IsZero() {
			p.NextPoll = now // one is under way
		}
	}
	if p.State == web.StateOK && is.Sink != nil && is.Sink.Problem.Text != "" {
		p.State, p.Since = web.StateFailing, is.Sink.Problem.Since
	}
	if err := m.Source.Authorized(); err != nil && !errors.Is(err, auth.ErrNeedsAuthorization) {
		fails(&p, "The token cannot be used.", err.Error())
	}
	if err := m.Source.LastError(); errors.Is(err, auth.ErrUnsaved) {
		fails(&p, "The token cannot be saved.", err.Error())
	}
	p.Notes = append(p.Notes, profiles.LeftOut(m)...)
	p.Notes = append(p.Notes, unannounced(is)...)
	p.Notifications = announcements(m, is)
	p.Asked = asking(is, now)
	switch {
	case p.State == web.StateOK && len(p.Notes) > 0:
		p.State = web.StateNoted
	case p.State == web.StateOK && p.NotAllowed != "":
		p.Headline = "Everything that is allowed is up to date."
	}
	if is.Unsaved != "" {
		fails(&p, "The readings cannot be saved.", is.Unsaved)
	}
	p.Readings = append(glance(m.State, shot.Samples, now), latestECG(p.Name, shot.Samples)...)
	return p
}

// named puts the name of what fails before a text that does not have it.
func named(what, text string) string {
	if strings.Contains(text, what) {
		return text
	}
	return what + ": " + text
}

// What a person should do about what mostly goes away by itself.
const (
	keepsTrying = "The exporter keeps trying, and known values stay available."
	catchesUp   = "The metrics are up to date; InfluxDB catches up by itself once it works again."
)

// fails says that something does not work although Withings answers.
func fails(p *web.Profile, headline, do string) {
	p.State, p.Headline, p.Do = web.StateFailing, headline, do
	p.Causes = append(p.Causes, web.Cause{Text: headline, Do: command.Sentence(do)})
}

// unannounced says that notifications do not take the place of frequent polls although
// they should.
func unannounced(is exporter.Condition) (notes []string) {
	if is.Unsubscribed != "" {
		notes = append(notes, "Withings cannot send notifications: "+command.Sentence(is.Unsubscribed))
	}
	if is.Notified.Missing {
		notes = append(notes, "Notifications of Withings do not arrive although it has accepted the subscription; polling every --poll-interval until they do.")
	}
	return notes
}

// announcements says how the notifications of a profile are; nil if none are to be
// expected.
func announcements(m *profiles.Member, is exporter.Condition) *web.Notifications {
	last, some, expected := m.Announcements()
	n := &web.Notifications{Last: last}
	switch {
	case !is.Notified.Configured || !expected:
		return nil
	case is.Notified.Active:
		n.Condition = "active, so polls are rare"
	case is.Notified.Missing:
		n.Condition = "missing, so polls are frequent"
	case is.Unsubscribed != "":
		n.Condition = "not possible, see the note"
	case some:
		n.Condition = "incomplete, so polls are frequent"
	default:
		n.Condition = "not subscribed to yet"
	}
	return n
}

// refusal is why a profile is not polled, in a sentence, and the command that
// authorises it if that helps.
func refusal(profile, text string) (headline, do, run string) {
	run = shell.Auth(profile)
	if why, helps := strings.CutSuffix(text, "; run: "+run); helps {
		return command.Sentence(why), "", run
	}
	return "", command.Sentence(text), ""
}

func condition(is exporter.Condition, coolOff time.Time) web.State {
	switch {
	case is.Denied != "":
		return web.StateAuthorize
	case !coolOff.IsZero():
		return web.StateCooling
	case len(is.Problems) > 0:
		return web.StateFailing
	case is.Polled.IsZero():
		return web.StateWaiting
	}
	return web.StateOK
}
