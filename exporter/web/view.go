package web

import (
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter/words"
)

// compactFrom is the number of profiles from which those that are OK shrink to one
// row each, so that those that need attention stay in sight.
const compactFrom = 13

// view is a Status in words, the same for HTML and plain text.
type view struct {
	Title   string
	Summary string
	Calm    bool // nobody has to do anything
	Version string
	Uptime  string
	Taken   moment
	Home    string
	Notes   []string
	Asked   string  // how often Withings was asked
	Cards   []*card // profiles in full
	Rows    []*card // profiles that are OK, when there are many
	Single  bool    // one profile was asked for by name
	Empty   bool    // no profile is configured
	Links   []link
}

// link is one entry of the page's foot.
type link struct{ Href, Text, What string }

// card is one profile in words.
type card struct {
	Name     string
	Href     string // shows this profile alone
	Kind     State
	Pill     string
	Mark     string
	Headline string
	Since    moment
	Do       string
	Command  string
	Notes    []string
	Readings []readingView
	Facts    []fact
	Services []serviceView
	Barred   string // what is not allowed, and how to change that
	Newest   moment
	Next     moment
}

// fact is one line of a card: what, and when.
type fact struct {
	Label string
	When  moment
}

// readingView is a reading in words.
type readingView struct {
	Label, Value, Unit string
	Href               string // shows more of it; "" for nothing
	When               moment
}

// serviceView is one service in words.
type serviceView struct {
	Name     string
	Last     moment
	Newest   moment
	Readings int
	Err      string
	Note     string
	Since    moment
	Sink     bool // gives no readings
	Waiting  bool // has never answered, and has not failed either
}

// stateText is what the page says about a state when the profile does not.
type stateText struct {
	pill, mark, headline, do string
	urgency                  int // the higher, the more it needs a person
}

var stateTexts = map[State]stateText{
	StateOK:      {pill: "OK", mark: "✓", headline: "Everything is up to date."},
	StateNoted:   {pill: "OK, see notes", mark: "i", headline: "Up to date, except for the notes below.", urgency: 1},
	StateWaiting: {pill: "First poll", mark: "…", headline: "The first poll has not finished yet.", urgency: 1},
	StateCooling: {pill: "Paused", mark: "‖", headline: "Withings asked for fewer requests.",
		do: "Nothing. Polling resumes by itself, and known values stay available.", urgency: 2},
	StateFailing: {pill: "Failing", mark: "✕", headline: "The last poll failed.",
		do: "See the errors below. The exporter keeps trying, and known values stay available.", urgency: 3},
	StateAuthorize: {pill: "Not authorised", mark: "!", headline: "Withings does not allow this profile's data to be read yet.",
		do: "Authorise the profile; the exporter picks it up within seconds.", urgency: 4},
}

// textOf returns the texts of a state, those of StateWaiting for an unknown one.
func textOf(s State) (State, stateText) {
	if text, ok := stateTexts[s]; ok {
		return s, text
	}
	return StateWaiting, stateTexts[StateWaiting]
}

// newView words a status. only limits it to the profiles of that name; a name
// nobody has shows all.
func (s *Server) newView(st *Status, path, only string) *view {
	v := &view{
		Summary: summary(st.Profiles),
		Calm:    !slices.ContainsFunc(st.Profiles, worthALook) && len(st.Profiles) > 0,
		Version: tame(s.opts.Version),
		Uptime:  words.Span(st.Now.Sub(st.Started)),
		Taken:   past(st.Now, st.Now),
		Home:    s.home(path),
		Asked:   tame(st.Requests),
		Empty:   len(st.Profiles) == 0,
	}
	v.Title = "withings-exporter: " + v.Summary
	for _, note := range st.Notes {
		v.Notes = append(v.Notes, tame(note))
	}
	chosen := st.Profiles
	if i := slices.IndexFunc(st.Profiles, func(p Profile) bool { return p.Name == only }); only != "" && i >= 0 {
		chosen, v.Single = st.Profiles[i:i+1], true
	}
	for i := range chosen {
		c := newCard(st.Now, &chosen[i], v.Home)
		c.Href = v.Home + "?profile=" + url.QueryEscape(chosen[i].Name)
		if len(chosen) >= compactFrom && (c.Kind == StateOK || c.Kind == StateWaiting) && len(c.Notes) == 0 {
			v.Rows = append(v.Rows, c)
		} else {
			v.Cards = append(v.Cards, c)
		}
	}
	if len(v.Rows) > 0 {
		sort.SliceStable(v.Cards, func(i, j int) bool {
			return stateTexts[v.Cards[i].Kind].urgency > stateTexts[v.Cards[j].Kind].urgency
		})
	}
	v.Links = s.links(v.Home)
	return v
}

// links lists the other pages.
func (s *Server) links(home string) []link {
	return []link{
		{home + strings.TrimPrefix(s.opts.TelemetryPath, "/"), s.opts.TelemetryPath, "metrics for Prometheus"},
		{home + "sd", "/sd", "service discovery"},
		{home + "-/healthy", "/-/healthy", "alive"},
		{home + "-/ready", "/-/ready", "state loaded"},
	}
}

// worthALook reports whether somebody should look at the profile.
func worthALook(p Profile) bool {
	return p.State == StateFailing || p.State == StateAuthorize || p.State == StateNoted
}

// summary says in a few words how all profiles are.
func summary(profiles []Profile) string {
	n := map[State]int{}
	for i := range profiles {
		state, _ := textOf(profiles[i].State)
		n[state]++
	}
	parts := []string{english.Plural(len(profiles), "profile", "")}
	if len(profiles) == 0 {
		return "no profile yet"
	}
	for _, p := range []struct {
		state State
		words string
	}{
		{StateAuthorize, "to authorise"}, {StateFailing, "failing"}, {StateCooling, "paused"},
		{StateWaiting, "at the first poll"}, {StateNoted, "OK with notes"}, {StateOK, "OK"},
	} {
		switch {
		case n[p.state] == 1 && len(profiles) == 1:
			return parts[0] + ", " + p.words
		case n[p.state] == len(profiles):
			return parts[0] + ", all " + p.words
		case n[p.state] > 0:
			parts = append(parts, fmt.Sprintf("%d %s", n[p.state], p.words))
		}
	}
	return strings.Join(parts, ", ")
}

// newCard words one profile. Home leads to the status page.
func newCard(now time.Time, p *Profile, home string) *card {
	kind, text := textOf(p.State)
	c := &card{
		Name:     tame(p.Name),
		Kind:     kind,
		Pill:     text.pill,
		Mark:     text.mark,
		Headline: tame(or(p.Headline, text.headline)),
		Do:       tame(or(p.Do, text.do)),
		Command:  tame(p.Command),
		Newest:   past(now, p.Newest),
		Next:     planned(now, p.NextPoll),
	}
	if !p.Since.IsZero() {
		c.Since = past(now, p.Since)
	}
	c.Facts = []fact{
		{"Newest reading", c.Newest},
		{"Next poll", c.Next},
		{"Access token", validity(now, p.TokenExpiry)},
	}
	if p.Day > 0 {
		c.Facts = append(c.Facts, fact{"Requests", moment{Words: fmt.Sprintf("%s in the last hour, %s in the last 24 hours", humanize.Comma(int64(p.Hour)), humanize.Comma(int64(p.Day)))}})
	}
	if p.Asked != "" {
		c.Facts = append(c.Facts, fact{"Services are asked", moment{Words: tame(p.Asked)}})
	}
	if n := p.Notifications; n != nil {
		when := past(now, n.Last)
		when.Words = tame(n.Condition) + "; last one: " + when.Words
		if n.Last.IsZero() {
			when.Words = tame(n.Condition) + "; none so far"
		}
		c.Facts = append(c.Facts, fact{"Notifications", when})
	}
	for _, note := range p.Notes {
		c.Notes = append(c.Notes, tame(note))
	}
	if p.NotAllowed != "" {
		c.Barred = tame(p.NotAllowed) + ". To change this, run auth again."
	}
	for _, r := range p.Readings {
		one := readingView{Label: tame(r.Label), Value: tame(r.Value), Unit: tame(r.Unit), When: past(now, r.At)}
		if r.Page != "" {
			one.Href = home + r.Page
		}
		c.Readings = append(c.Readings, one)
	}
	for _, sv := range p.Services {
		v := serviceView{
			Name:     tame(sv.Name),
			Last:     past(now, sv.LastSuccess),
			Newest:   past(now, sv.Newest),
			Readings: sv.Readings,
			Sink:     sv.Sink,
			Err:      tame(sv.Err),
			Note:     tame(sv.Note),
			Waiting:  sv.LastSuccess.IsZero() && sv.Err == "",
		}
		if !sv.FailingSince.IsZero() {
			v.Since = lasting(now, sv.FailingSince)
		}
		c.Services = append(c.Services, v)
	}
	return c
}

// or returns s, or fallback when s is empty.
func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
