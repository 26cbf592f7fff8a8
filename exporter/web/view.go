package web

import (
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"withings-exporter/exporter/shell"
	"withings-exporter/exporter/spelling"
	"withings-exporter/exporter/words"
)

// view is a Status in words, the same for HTML and plain text.
type view struct {
	Title   string
	Summary string
	Tone    string // which class the summary has: calm, noted, trouble or none
	Version string
	Uptime  string
	Taken   moment
	Home    string
	Zone    string // of the times, if it is the same for everybody who is shown
	Notes   []string
	Trouble []*trouble // what is wrong
	// MoreTrouble is how much else is wrong, in words; "" for nothing.
	MoreTrouble   string
	Asked         string  // how often Withings was asked
	Cards         []*card // profiles in full
	Rows          []*card // the others, when there are many
	Part          string  // which of the rows, if not all
	Before, After string  // the pages with the other rows; "" without
	Single        bool    // one profile was asked for by name
	Empty         bool    // no profile is configured
	SignIn        string  // the command that authorises the first
	Demo          string  // the command that shows simulated people
	Links         []link
	Lost          string // what may be the reason why there is no page
}

// link is one entry of the page's foot.
type link struct{ Href, Text, What string }

// card is one profile in words.
type card struct {
	Name     string
	Anchor   string // its id on the page
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
	Zone     string // of the times, if it is not the same for everybody
	Bare     bool   // nothing has ever been read, and no headline says so
	Open     bool   // the details are of interest
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
	Chart              *chartView // nil without one
}

// chartView is a chart of days: the drawing, and what is written below it.
type chartView struct {
	Drawing  template.HTML
	From, To moment // the first and the last day
	Range    string
}

// serviceView is one service in words.
type serviceView struct {
	Name     string
	Last     moment
	Newest   moment
	Readings string
	Failing  bool
	Err      string // why; "" if that is told above
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
	StateOK:      {pill: "OK", mark: "✓"},
	StateNoted:   {pill: "OK, see notes", mark: "i", headline: "Up to date, except for the notes below.", urgency: 1},
	StateWaiting: {pill: "Being read", mark: "…", headline: "The first reading is under way.", urgency: 1},
	StateCooling: {pill: "Paused", mark: "‖", headline: "Withings asked for fewer requests.",
		do: "Nothing. Polling resumes by itself, and known values stay available.", urgency: 2},
	StateFailing: {pill: "Failing", mark: "✕", headline: "The last poll failed.",
		do: "Nothing for now: the exporter keeps trying, and known values stay available.", urgency: 3},
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

// newView words a status. A name that nobody has shows all profiles.
func (s *Server) newView(st *Status, path string, wanted wish) *view {
	profiles := st.Profiles
	v := &view{
		Version: tame(s.opts.Version),
		Uptime:  words.Span(st.Now.Sub(st.Started)),
		Home:    s.home(path),
		Asked:   tame(st.Requests),
		Empty:   len(profiles) == 0,
		SignIn:  shell.Auth("NAME"),
		Demo:    shell.Demo(),
	}
	v.Summary, v.Tone = summary(st)
	v.Title = "withings-exporter: " + v.Summary
	for _, note := range st.Notes[:min(len(st.Notes), mostNotes)] {
		v.Notes = append(v.Notes, tame(note))
	}
	if more := len(st.Notes) - mostNotes; more > 0 {
		v.Notes = append(v.Notes, "The log has "+humanize.Comma(int64(more))+" more of such notes.")
	}
	if wanted.profile != "" {
		profiles = v.single(profiles, wanted.profile)
	}
	now := v.setZone(st.Now, profiles)
	v.Taken = past(now, st.Now)
	listed := v.setTroubles(now, profiles, st.Wrong)
	cards, rows := chosen(profiles)
	for _, p := range cards {
		p.fill(true)
		v.Cards = append(v.Cards, v.newCard(now, p, listed))
	}
	for _, p := range v.window(rows, wanted.from) {
		p.fill(false)
		v.Rows = append(v.Rows, v.newRow(now, p))
	}
	v.Links = s.links(v.Home)
	return v
}

// fill adds what is to be shown.
func (p *Profile) fill(full bool) {
	if p.Fill != nil {
		p.Fill(p, full)
	}
}

// single is the profile that was asked for by name, or all if nobody is called so, and a note that says that.
func (v *view) single(profiles []Profile, name string) []Profile {
	i := slices.IndexFunc(profiles, func(p Profile) bool { return spelling.Of(p.Name) == spelling.Of(name) })
	if v.Single = i >= 0; v.Single {
		return profiles[i : i+1]
	}
	known := make([]string, len(profiles))
	for i := range profiles {
		known[i] = profiles[i].Name
	}
	advice := "these are all of them."
	if like := spelling.SameButCase(name, known); like != "" {
		advice = "did you mean “" + tame(like) + "”?"
	}
	v.Notes = append(v.Notes, fmt.Sprintf("No profile is called “%s”; %s", spelling.Clip(tame(name), 100), advice))
	return profiles
}

// setZone is now by the clock that the page goes by: the one of the people shown, if
// they have the same, else that of the exporter, and cards say which theirs is.
func (v *view) setZone(now time.Time, profiles []Profile) time.Time {
	zone := now.Location()
	for i := range profiles {
		switch is := profiles[i].Zone; {
		case is == nil:
		case v.Zone == "":
			v.Zone, zone = is.String(), is
		case v.Zone != is.String():
			v.Zone = ""
			return now
		}
	}
	now = now.In(zone)
	v.Zone = zoneName(now)
	return now
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

// aside is what is wrong although the profiles may be well, in a few words each.
func aside(st *Status) (all []string) {
	note := func(c Cause) {
		if short := or(tame(c.Short), "something is wrong"); !slices.Contains(all, short) {
			all = append(all, short)
		}
	}
	for _, cause := range st.Wrong {
		note(cause)
	}
	for i := range st.Profiles {
		for _, cause := range st.Profiles[i].Elsewhere {
			note(cause)
		}
	}
	return all
}

// summary says in a few words how all profiles are, and what else is wrong or to be known. Its tone is calm only if there is
// nothing of that.
func summary(st *Status) (text, tone string) {
	n := map[State]int{}
	for i := range st.Profiles {
		state, _ := textOf(st.Profiles[i].State)
		n[state]++
	}
	all, wrong := len(st.Profiles), aside(st)
	switch {
	case len(wrong) > 0 || n[StateAuthorize] > 0 || n[StateFailing] > 0:
		tone = "trouble"
	case len(st.Notes) > 0 || n[StateNoted] > 0:
		tone = "noted"
	case all > 0 && n[StateOK] == all:
		tone = "calm"
	}
	also, well := "", "OK"
	if len(wrong) > 0 {
		also, well = "; "+strings.Join(wrong, ", "), "up to date" // not all is OK
	} else if len(st.Notes) > 0 {
		also = "; see the " + english.PluralWord(len(st.Notes), "note", "")
	}
	if all == 0 {
		return "no profile yet" + also, tone
	}
	parts := []string{english.Plural(all, "profile", "")}
	for _, p := range []struct {
		state State
		words string
	}{
		{StateAuthorize, "to authorise"}, {StateFailing, "failing"}, {StateCooling, "paused"},
		{StateWaiting, "being read"}, {StateNoted, well + " with notes"}, {StateOK, well},
	} {
		switch {
		case n[p.state] == 1 && all == 1:
			parts = append(parts, p.words)
		case n[p.state] == all:
			parts = append(parts, "all "+p.words)
		case n[p.state] > 0:
			parts = append(parts, fmt.Sprintf("%d %s", n[p.state], p.words))
		}
	}
	return strings.Join(parts, ", ") + also, tone
}

// newRow words what a row says of a profile.
func (v *view) newRow(now time.Time, p *Profile) *card {
	kind, text := textOf(p.State)
	return &card{
		Name:   tame(p.Name),
		Anchor: anchor(p.Name),
		Href:   v.Home + "?profile=" + url.QueryEscape(p.Name),
		Kind:   kind,
		Pill:   text.pill,
		Mark:   text.mark,
		Newest: past(now, p.Newest),
		Next:   p.next(now),
	}
}

// next is when Withings is asked next.
func (p *Profile) next(now time.Time) moment {
	if p.Polling {
		return moment{Words: "under way"}
	}
	return planned(now, p.NextPoll)
}

// explained adds to the moment of the next poll why it is so late.
func (p *Profile) explained(next moment) moment {
	if p.Waits != "" && !p.Polling {
		next.Words += " (" + tame(p.Waits) + ")"
	}
	return next
}

// anchor is the id of a profile's card.
func anchor(name string) string { return "profile-" + url.QueryEscape(name) }

// newCard words one profile. What is listed is told at the top of the page.
func (v *view) newCard(now time.Time, p *Profile, listed map[Cause]bool) *card {
	if v.Zone == "" && p.Zone != nil {
		now = now.In(p.Zone)
	}
	c := v.newRow(now, p)
	if v.Zone == "" {
		c.Zone = zoneName(now)
	}
	c.Command, c.Open = tame(p.Command), c.Kind == StateFailing && !p.allListed(listed) || v.Single
	c.describe(now, p, p.allListed(listed))
	bare := p.bare()
	c.Bare = bare && c.Kind != StateWaiting
	if !bare || c.Kind != StateAuthorize {
		c.setFacts(now, p)
	}
	for _, note := range p.Notes {
		c.Notes = append(c.Notes, tame(note))
	}
	if p.NotAllowed != "" {
		c.Barred = tame(p.NotAllowed) + ". To allow that, run: " + tame(shell.Auth(p.Name))
	}
	for _, r := range p.Readings {
		c.Readings = append(c.Readings, v.newReading(now, r))
	}
	for _, sv := range p.Services {
		if !bare {
			c.Services = append(c.Services, newService(now, sv, p.allListed(listed)))
		}
	}
	return c
}

// describe says how a profile is and what to do, unless that is told at the top.
func (c *card) describe(now time.Time, p *Profile, told bool) {
	_, text := textOf(p.State)
	c.Headline, c.Do = tame(or(p.Headline, text.headline)), tame(or(p.Do, text.do))
	if p.State == StateOK && p.Newest.IsZero() && len(p.Readings) == 0 {
		c.Headline = strings.TrimSpace(c.Headline + " Withings has no reading of this person yet. If the Withings app has some, it uses another account: sign in with that one, run: " +
			tame(shell.Auth(p.Name)))
	}
	if !p.Since.IsZero() {
		c.Since = past(now, p.Since)
	}
	if told && len(p.causes()) > 0 {
		c.Headline, c.Since = "", moment{}
		if p.State != StateAuthorize || c.Command == "" {
			c.Do = ""
		}
	}
}

// bare reports whether nothing has ever been read of a profile.
func (p *Profile) bare() bool {
	return p.Newest.IsZero() && len(p.Readings) == 0 &&
		!slices.ContainsFunc(p.Services, func(s Service) bool { return !s.Sink && (!s.LastSuccess.IsZero() || s.Readings > 0) })
}

// setFacts are the lines of a card.
func (c *card) setFacts(now time.Time, p *Profile) {
	c.Facts = []fact{
		{"Newest reading", clocked(now, p.Newest)},
		{"Next poll", p.explained(c.Next)},
	}
	if p.State != StateAuthorize { // a token that Withings no longer accepts is not valid, whatever its expiry
		c.Facts = append(c.Facts, fact{"Access token", validity(now, p.TokenExpiry)})
	}
	if p.Sent != "" {
		c.Facts = append(c.Facts, fact{"Requests to Withings", moment{Words: tame(p.Sent)}})
	}
	if p.Asked != "" {
		c.Facts = append(c.Facts, fact{"When Withings is asked", moment{Words: tame(p.Asked)}})
	}
	if n := p.Notifications; n != nil {
		when := clocked(now, n.Last)
		last := "The last one came " + when.Words + "."
		if n.Last.IsZero() {
			last = "None has come so far."
		}
		when.Words = tame(n.Condition) + ". " + last
		c.Facts = append(c.Facts, fact{"Notifications", when})
	}
}

// newReading words a reading, with its chart if there is something to see.
func (v *view) newReading(now time.Time, r Reading) readingView {
	one := readingView{Label: tame(r.Label), Value: tame(r.Value), Unit: tame(r.Unit), When: past(now, r.At)}
	if r.Page != "" {
		one.Href = v.Home + r.Page
	}
	if r.Chart == nil {
		return one
	}
	if c := r.Chart(); c != nil && c.Worth() {
		first, last := c.Days[0].Date, c.Days[len(c.Days)-1].Date
		one.Chart = &chartView{
			Drawing: template.HTML(c.SVG()), // which escapes what it shows
			From:    date(first),
			To:      date(last),
			Range:   tame(c.Range()),
		}
	}
	return one
}

// date is a day.
func date(t time.Time) moment {
	return moment{Words: t.Format("2 Jan"), Stamp: t.Format("Monday, 2 January 2006"), ISO: t.Format(time.DateOnly)}
}

// newService words one service; told says that the causes of the profile are told elsewhere.
func newService(now time.Time, sv Service, told bool) serviceView {
	v := serviceView{
		Name:     tame(sv.Name),
		Last:     past(now, sv.LastSuccess),
		Newest:   past(now, sv.Newest),
		Readings: humanize.Comma(int64(sv.Readings)),
		Sink:     sv.Sink,
		Failing:  sv.Err != "",
		Note:     tame(sv.Note),
		Waiting:  sv.LastSuccess.IsZero() && sv.Err == "",
	}
	if !sv.Told || !told {
		v.Err = tame(sv.Err)
	}
	if !sv.FailingSince.IsZero() {
		v.Since = lasting(now, sv.FailingSince)
	}
	return v
}

// or returns s, or fallback when s is empty.
func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
