package daemon

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/profiles"
	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/statedir"
	"withings-exporter/exporter/web"
	"withings-exporter/exporter/words"
)

// Page is the content of the status page, from memory.
func Page(h *profiles.Set, began, now time.Time) web.Status {
	notes, room, coolOff := h.Remarks()
	status := web.Status{Now: now, Started: began, Notes: notes, Requests: command.Sentence(h.Spent())}
	if room != "" {
		status.Requests += " " + command.Sentence(room)
	}
	members, refused, corrected := h.List(), h.Refused(), nobodySignsIn(h)
	status.Profiles = make([]web.Profile, 0, len(members))
	for _, m := range members {
		p := card(h, m, coolOff, now)
		status.Profiles = append(status.Profiles, p)
		if slices.ContainsFunc(p.Causes, func(c web.Cause) bool { return c.Do == corrected }) {
			refused = nil // it is told there
		}
		// The card tells why there is no token at all, or none that is saved, and that Withings cannot be reached.
		err := m.Source.LastError()
		if told := errors.Is(err, auth.ErrUnsaved) || errors.Is(err, auth.ErrApplicationRefused) || m.Status.Condition().Unreachable || m.Source.Authorized() != nil; err != nil && !told {
			status.Notes = append(status.Notes, fmt.Sprintf("%s: %v", m.State.Profile(), err))
		}
	}
	if refused != nil { // while the tokens of before are valid
		status.Wrong = append(status.Wrong, web.Cause{Text: command.Sentence(refused.Error()), Do: corrected, Short: refusedShort})
	}
	return status
}

// card is the part of the page about one profile: at first how it is and what to do about that. The rest costs more, and
// is added where it is shown.
func card(h *profiles.Set, m *profiles.Member, coolOff, now time.Time) web.Profile {
	is := m.Status.Condition()
	if is.Returned { // what failed for that is being read
		maps.DeleteFunc(is.Problems, func(_ exporter.Service, problem exporter.Problem) bool { return problem.Away })
	}
	p := web.Profile{Name: m.State.Profile(), NextPoll: is.NextPoll, Zone: m.State.Timezone(), NotAllowed: profiles.Listed(is.Barred)}
	token := m.Source.LastError()
	tokenUnsaved := errors.Is(token, auth.ErrUnsaved)
	if len(is.Problems) > 0 {
		causes(&p, is, nobodySignsIn(h), tokenUnsaved)
	}
	p.State = condition(is, coolOff)
	switch p.State {
	case web.StateAuthorize:
		signIn(&p, is, m.Source.Withdrawn(), h.Leaving(p.Name), h.ReadAgain())
	case web.StateCooling:
		p.NextPoll = coolOff
	default:
		p.Polling, p.Waits = is.NextPoll.IsZero() && !is.Blocked, waits(is)
	}
	if p.State == web.StateOK {
		if text := unread(m.State, is, now); text != "" {
			p.State, p.Headline = web.StateWaiting, text
		}
	}
	behind(&p, is, now)
	if err := m.Unread(); err != nil {
		fails(&p, "The saved readings cannot be read.", err.Error())
	}
	if err := m.Source.Authorized(); err != nil && !errors.Is(err, auth.ErrNeedsAuthorization) && !errors.Is(err, auth.ErrApplicationRefused) {
		fails(&p, "The token cannot be used.", err.Error())
	}
	if tokenUnsaved {
		unsaved(&p, h, "The token cannot be saved.", token.Error())
	}
	p.Notes = append(p.Notes, profiles.LeftOut(m)...)
	p.Notes = append(p.Notes, unannounced(is)...)
	switch {
	case p.State == web.StateOK && len(p.Notes) > 0:
		p.State = web.StateNoted
	case p.State == web.StateOK && p.NotAllowed != "":
		p.Headline = "Everything that is allowed is up to date."
	}
	if is.Unsaved != "" {
		unsaved(&p, h, "The readings cannot be saved.", is.Unsaved)
	}
	p.Fill = func(p *web.Profile, full bool) {
		p.Newest = newest(m.State, is)
		if full {
			if sent := h.Budget.Usage(p.Name); sent.Day > 0 {
				p.Sent = profiles.Lately(sent)
			}
			detail(p, m, is, now)
		}
	}
	return p
}

// causes says why services of Withings cannot be read, each cause once, and since when. Application is what to do if it is a wrong client
// id or secret. That there is no valid token, since a new one cannot be saved, is told of the token alone.
func causes(p *web.Profile, is exporter.Condition, application string, tokenUnsaved bool) {
	told := map[string]bool{}
	for _, service := range exporter.Services() {
		problem, fails := is.Problems[service]
		if !fails || !is.Reads(service) {
			continue
		}
		if p.Since.IsZero() || problem.Since.Before(p.Since) {
			p.Since = problem.Since
		}
		if tokenUnsaved && strings.Contains(problem.Text, auth.ErrUnsaved.Error()) {
			continue
		}
		if cause := exporter.Cause(problem.Text); cause != "" && !told[cause] {
			told[cause] = true
			do := patience(is)
			if strings.HasPrefix(cause, auth.ErrApplicationRefused.Error()) {
				do = application
			}
			p.Causes = append(p.Causes, web.Cause{Text: command.Sentence(cause), Do: do, Polled: !is.Unreachable})
		}
	}
}

// named puts the name of what fails before a text that does not have it.
func named(what, text string) string {
	if strings.Contains(text, what) {
		return text
	}
	return what + ": " + text
}

// behind says how far InfluxDB is.
func behind(p *web.Profile, is exporter.Condition, now time.Time) {
	if is.Sink == nil {
		return
	}
	if problem := is.Sink.Problem; problem.Text != "" {
		cause := web.Cause{Text: command.Sentence(named("InfluxDB", problem.Text)), Do: catchesUp, Short: "InfluxDB failing", Polled: !is.Sink.OfAll}
		if is.Sink.OfAll {
			cause.Do = triedEveryMinute + catchesUp
		}
		p.Elsewhere = append(p.Elsewhere, cause)
		p.ElsewhereSince = problem.Since
		return
	}
	if lag := is.Sink.Lag(now); lag > 0 {
		note := fmt.Sprintf("InfluxDB is %s behind", words.Short(lag.Round(time.Second)))
		switch {
		case len(is.Problems) > 0: // with Withings away it cannot catch up
		case is.NextPoll.After(now):
			note += "; the next poll writes what it lacks"
		default:
			note += " and catching up"
		}
		p.Notes = append(p.Notes, note+".")
	}
}

// What a person should do about what mostly goes away by itself.
const (
	keepsTrying  = "The exporter keeps trying, and known values stay available."
	everyMinute  = "The exporter tries again every minute, and known values stay available."
	refusedShort = "client id or secret wrong"
	catchesUp    = "The metrics and this page are not affected. What InfluxDB lacks is written to it once it works again."

	triedEveryMinute = "The exporter tries again every minute. "
)

// nobodySignsIn is what to do about a wrong client id or secret, which looks like the end of every permission.
func nobodySignsIn(h *profiles.Set) string { return "Nobody needs to sign in again. " + h.Corrected() }

// patience is what to do about a problem with services of Withings.
func patience(is exporter.Condition) string {
	if is.Unreachable {
		return everyMinute
	}
	return keepsTrying
}

// waits says why the next poll is later than usual; "" if it is not.
func waits(is exporter.Condition) string {
	switch {
	case is.Unreachable:
		return "at once when Withings answers, which is tried every minute"
	case is.Longer:
		return "the wait doubles with each failed poll, up to an hour"
	}
	return ""
}

// fails says that something does not work although Withings answers.
func fails(p *web.Profile, headline, do string) {
	p.State, p.Headline, p.Do = web.StateFailing, headline, do
	p.Causes = append(p.Causes, web.Cause{Text: headline, Do: command.Sentence(do)})
}

// unsaved says that something of a profile cannot be written to the state directory. What is wrong with the whole disk is one cause, whatever
// cannot be saved there, and of whom.
func unsaved(p *web.Profile, h *profiles.Set, headline, text string) {
	if why := statedir.OfDisk(text); why != "" {
		headline = "Nothing can be saved."
		text = fmt.Sprintf("writing to %q fails: %s. Known values stay available, and everything goes on within seconds once that is done", h.Dir.Path(), why)
		if p.Headline == headline {
			return
		}
	}
	fails(p, headline, text)
}

// unannounced says that notifications do not take the place of frequent polls although
// they should.
func unannounced(is exporter.Condition) (notes []string) {
	if is.Unsubscribed != "" {
		notes = append(notes, "Withings cannot send notifications: "+command.Sentence(is.Unsubscribed))
	}
	if is.Notified.Missing {
		notes = append(notes, "Withings has agreed to send notifications, but none arrive. Until one does, polls go on as without them.")
	}
	return notes
}

// signIn says why somebody must sign in, and since when if that is known, which it is of a withdrawal alone. What services failed
// for before, such as an outage, is another matter.
func signIn(p *web.Profile, is exporter.Condition, withdrawn time.Time, leaving, again string) {
	p.Headline, p.Do, p.Command = refusal(p.Name, is.Denied, again)
	p.Causes, p.Since = nil, withdrawn
	if !withdrawn.IsZero() {
		p.Do = leaving
	}
}

// anotherClientID is what to do about a token of another application, before the command that goes on with the new one.
const anotherClientID = "If the client id is a mistake, correct it, and run `%s`; then nobody needs to sign in again. If it is meant, run:"

// refusal is why a profile is not polled, in a sentence, what to do, and the command that
// authorises it if that helps; again is the command that reads the configuration again.
func refusal(profile, text, again string) (headline, do, run string) {
	if why, helps := strings.CutSuffix(text, "; run: "+shell.Auth(profile)); helps {
		return command.Sentence(why), "", shell.Auth(profile)
	}
	if why, helps := strings.CutSuffix(text, "; "+auth.ClientIDOfBefore+", or run: "+shell.Reauth(profile)); helps {
		return command.Sentence(why), fmt.Sprintf(anotherClientID, again), shell.Reauth(profile)
	}
	if why, write, wrong := strings.Cut(text, "; write "); wrong { // the name of another profile
		return command.Sentence(why), command.Sentence("write " + write), ""
	}
	return "This profile's token cannot be used.", command.Sentence(text), ""
}

func condition(is exporter.Condition, coolOff time.Time) web.State {
	switch {
	case is.Blocked:
		return web.StateFailing
	case is.Denied != "":
		return web.StateAuthorize
	case !coolOff.IsZero():
		return web.StateCooling
	case len(is.Problems) > 0:
		return web.StateFailing
	}
	return web.StateOK
}
