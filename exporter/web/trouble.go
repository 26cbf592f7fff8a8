package web

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/dustin/go-humanize"
)

const (
	// mostTroubles is how many causes the summary lists.
	mostTroubles = 8
	// mostNotes is how many notes on everybody the page has, which may be one for each profile.
	mostNotes = 12
	// mostNamed is how many people it names for each.
	mostNamed = 3
)

// runIt is what to do where the card has a command.
const runIt = "Run the command below."

// trouble is one cause for which something is wrong, with everybody whom it concerns.
type trouble struct {
	Who    []person // the first few; none if it is wrong elsewhere, as of a database
	Others string   // how many more, in words; "" for none
	Text   string
	Do     string
	Since  moment
	Next   moment // when it is tried again; no words if that is not known

	urgency, count int
	since          time.Time
	next           time.Time // the first poll that tries it again …
	now            bool      // … which is under way
	cause          Cause
}

// person is a profile that is named, with a link to its card.
type person struct{ Name, Href string }

// causes are why somebody has to do something about a profile; none if nobody has to.
func (p *Profile) causes() []Cause {
	text := stateTexts[p.State]
	switch {
	case p.State == StateFailing && len(p.Causes) > 0:
		return p.Causes
	case p.State == StateFailing:
		return []Cause{{Text: or(p.Headline, text.headline), Do: or(p.Do, text.do)}}
	case p.State == StateAuthorize && p.Command != "" && p.Do != "":
		return []Cause{{Text: or(p.Headline, text.headline), Do: "What to do is said below."}}
	case p.State == StateAuthorize && p.Command != "":
		return []Cause{{Text: or(p.Headline, text.headline), Do: runIt}}
	case p.State == StateAuthorize:
		return []Cause{{Text: or(p.Headline, text.headline), Do: or(p.Do, text.do)}}
	}
	return nil
}

// troubles are the causes of some profiles, and what is wrong for all, each once, what is most urgent first.
func troubles(profiles []Profile, wrong []Cause) []*trouble {
	var all []*trouble
	known := map[Cause]*trouble{}
	note := func(p *Profile, cause Cause, urgency int, since time.Time) *trouble {
		t := known[cause]
		if t == nil {
			t = &trouble{urgency: urgency, since: since, cause: cause}
			known[cause] = t
			all = append(all, t)
		}
		if !since.IsZero() && (t.since.IsZero() || since.Before(t.since)) {
			t.since = since
		}
		if cause.Polled {
			t.now = t.now || p.Polling
			if !p.NextPoll.IsZero() && (t.next.IsZero() || p.NextPoll.Before(t.next)) {
				t.next = p.NextPoll
			}
		}
		return t
	}
	for _, cause := range wrong {
		note(&Profile{}, cause, stateTexts[StateFailing].urgency, time.Time{})
	}
	for i := range profiles {
		p := &profiles[i]
		for _, cause := range p.causes() {
			t := note(p, cause, stateTexts[p.State].urgency, p.Since)
			if t.count++; t.count <= mostNamed {
				t.Who = append(t.Who, person{Name: tame(p.Name), Href: "#" + anchor(p.Name)})
			}
		}
		for _, cause := range p.Elsewhere { // whoever met it first, it is there for everybody
			note(p, cause, stateTexts[StateFailing].urgency, p.ElsewhereSince)
		}
	}
	slices.SortStableFunc(all, func(a, b *trouble) int {
		return cmp.Or(cmp.Compare(b.urgency, a.urgency), cmp.Compare(b.count, a.count))
	})
	return all
}

// setTroubles puts the causes of some profiles into words, and returns those that are
// listed.
func (v *view) setTroubles(now time.Time, profiles []Profile, wrong []Cause) map[Cause]bool {
	listed := map[Cause]bool{}
	all := troubles(profiles, wrong)
	if len(all) > mostTroubles {
		v.MoreTrouble = fmt.Sprintf("%s other problems are told below.", humanize.Comma(int64(len(all)-mostTroubles)))
		all = all[:mostTroubles]
	}
	for _, t := range all {
		t.Text, t.Do = tame(t.cause.Text), tame(t.cause.Do)
		if t.Do == runIt && t.count > 1 { // each has one
			t.Do = "Run the commands below."
		}
		if t.count > mostNamed {
			t.Others = " and " + humanize.Comma(int64(t.count-mostNamed)) + " more"
		}
		if !t.since.IsZero() {
			t.Since = past(now, t.since)
		}
		t.Next = t.again(now)
		listed[t.cause] = true
		v.Trouble = append(v.Trouble, t)
	}
	return listed
}

// again words until when a cause is tried again, by the clock, as for somebody who waits for it. Between polls, what is read of
// a new night or weigh-in tries it earlier.
func (t *trouble) again(now time.Time) moment {
	switch {
	case t.now, !t.next.IsZero() && !t.next.After(now):
		return exactly(now, now, "It is being tried again now.")
	case t.next.IsZero():
		return moment{}
	}
	return exactly(now, t.next, "It is tried again by "+t.next.In(now.Location()).Format("15:04:05")+".")
}

// allListed reports whether every cause of a profile is among the listed ones.
func (p *Profile) allListed(listed map[Cause]bool) bool {
	return !slices.ContainsFunc(p.causes(), func(c Cause) bool { return !listed[c] })
}
