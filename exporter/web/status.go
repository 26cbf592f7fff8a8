package web

import (
	"time"

	"withings-exporter/exporter/chart"
)

// Status is what the page shows, taken from memory at one moment.
type Status struct {
	// Now is the moment the status was taken; every age on the page counts from it.
	Now time.Time
	// Started is when the process started.
	Started time.Time
	// Profiles come in the order they are shown.
	Profiles []Profile
	// Wrong is what is wrong for all profiles, however well each was read lately, such as that Withings refuses the application.
	Wrong []Cause
	// Notes concern all profiles, such as a configuration that was not reloaded;
	// one sentence each. While there is one, the page does not call everything well.
	Notes []string
	// Requests says how often Withings was asked, in a sentence or two; empty leaves it out.
	Requests string
}

// State is a profile's condition.
type State string

// The conditions a profile can be in. An unknown one is shown as StateWaiting.
const (
	// StateOK: authorised, and every service that is asked was read in full.
	StateOK State = "ok"
	// StateNoted: as StateOK, but something is left out that a person should know.
	StateNoted State = "noted"
	// StateWaiting: authorised, and nothing is wrong, but not every service has been read yet.
	StateWaiting State = "waiting"
	// StateAuthorize: nothing works until a person authorises the profile.
	StateAuthorize State = "authorize"
	// StateCooling: Withings asked for fewer requests, so polling pauses until NextPoll.
	StateCooling State = "cooling"
	// StateFailing: the last poll failed, wholly or for some services.
	StateFailing State = "failing"
)

// Profile is one person's condition. A zero time is one that is not known or
// has not come yet. Texts must not hold secrets.
type Profile struct {
	Name  string
	State State
	// Causes are why a profile in StateFailing fails; empty takes Headline and Do.
	Causes []Cause
	// Elsewhere are causes with which the profile is as well as without: its readings are up to date, but a place that they are
	// sent to does not take them.
	Elsewhere []Cause
	// ElsewhereSince is when the first of them began.
	ElsewhereSince time.Time
	// Headline is the condition in one sentence; empty takes the state's own.
	Headline string
	// Since is when the condition began; zero leaves it out.
	Since time.Time
	// Do says in one sentence what a person should do; empty takes the state's own.
	Do string
	// Command is the exact command line that goes with Do; empty for none.
	Command string
	// Notes are worth knowing and need nobody to do anything; a sentence each.
	Notes []string

	// Zone is the person's time zone; nil takes that of Status.Now.
	Zone *time.Location

	// Services come in the order they are shown.
	Services []Service
	// NotAllowed names the services that the person did not allow, and that are
	// not asked for that; empty for none.
	NotAllowed string
	// Readings are a few values worth seeing at a glance.
	Readings []Reading

	// Newest is when the newest reading of any service was taken.
	Newest time.Time
	// NextPoll is when Withings is asked next.
	NextPoll time.Time
	// Waits says why that is later than usual, or what makes it sooner; empty for neither.
	Waits string
	// Polling says that a poll is under way.
	Polling bool
	// TokenExpiry is when the access token ends; it is renewed by itself.
	TokenExpiry time.Time
	// Sent says how many requests to Withings it took lately, in words; empty for none.
	Sent string
	// Asked says when the services are asked, in sentences; empty while that is not known.
	Asked string
	// Notifications says how those of Withings are; nil without them.
	Notifications *Notifications

	// Fill adds what takes time to find out, once the profile is to be shown: Newest, and in full all from Services on that is
	// not there yet. It is nil if everything is there.
	Fill func(p *Profile, full bool)
}

// Cause is one reason for which something is wrong. Profiles with the same are named
// together.
type Cause struct {
	// Text is what is wrong, in a sentence.
	Text string
	// Do says in one sentence what a person should do.
	Do string
	// Short is what is wrong in a few words, for the summary; empty says only that something is. It counts where the profiles are well.
	Short string
	// Polled says that the next poll tries it again.
	Polled bool
}

// Notifications says how Withings' notifications about one profile are.
type Notifications struct {
	// Condition is that in a few words, such as "Withings sends them".
	Condition string
	// Last is when one last arrived; zero if none has.
	Last time.Time
}

// Service is one of Withings' services as seen by one profile.
type Service struct {
	// Name is the name of the service, such as "measure" or "sleep".
	Name string
	// LastSuccess is when its last complete answer came.
	LastSuccess time.Time
	// Err is why the last try failed; empty when it did not.
	Err string
	// Told says that the reason is among the causes of the profile.
	Told bool
	// FailingSince is when the failures began.
	FailingSince time.Time
	// Newest is when its newest reading was taken.
	Newest time.Time
	// Readings is how many current readings it has given.
	Readings int
	// Note is a remark that needs nobody to do anything; empty for none.
	Note string
	// Sink marks a place that readings are pushed to: it gives none.
	Sink bool
}

// Reading is one value as people write it.
type Reading struct {
	// Label is what was measured, such as "Weight".
	Label string
	// Value is the number in words, such as "72.5".
	Value string
	// Unit follows the number, such as "kg"; empty for none.
	Unit string
	// At is when it was measured.
	At time.Time
	// Page shows more of it; a path from the status page on, or empty.
	Page string
	// Chart is its last month, asked for when the reading is shown; nil for none.
	Chart func() *chart.Chart
}
