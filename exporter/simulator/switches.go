package simulator

import "time"

// Switches has one field for each point of the API that is not documented, or on which sources disagree.
// The zero value of every field is the behaviour held most likely; a client must work with all of them.
type Switches struct {
	// Order of the rows in every list.
	Order Order
	// Pages holds the page sizes.
	Pages Pages
	// LastUpdateInclusive answers rows modified exactly at lastupdate too.
	LastUpdateInclusive bool
	// Combined says what happens when a date range and lastupdate arrive together.
	Combined Combined
	// RefuseNoDates answers 503 to a list call without any date parameter instead of answering everything.
	RefuseNoDates bool
	// KeepTombstones leaves a deleted measure group in place with no measures and a new modified time;
	// otherwise it vanishes without a trace.
	KeepTombstones bool
	// MissingScope says how a token without the needed scope is refused.
	MissingScope MissingScope
	// BadClientStatus is the answer to a wrong client id, secret or signature; 0 means 503.
	BadClientStatus int
	// OldAccessTokenDies ends an access token when its pair is refreshed, not only at its own expiry.
	OldAccessTokenDies bool
	// Limiter describes the rate limiter.
	Limiter Limiter
	// RefuseLongSleep answers 503 to sleep get over more than SleepSpan instead of cutting the range.
	RefuseLongSleep bool
	// SleepSpan is the longest range of sleep get; 0 means 24 hours (one page of the reference says 7 days).
	SleepSpan time.Duration
	// StrayActivityOffset sends a non-zero offset beside more=false on the last page of getactivity.
	StrayActivityOffset bool
	// SleepExtras says what happens to the undocumented fields of getsummary.
	SleepExtras SleepExtras
	// EmptySeriesAsArray answers an intraday call without data with [] instead of {}.
	EmptySeriesAsArray bool
	// EmptyECG has an empty list where a failed recording of the heart list otherwise has no ecg.
	EmptyECG bool
	// NoSignals answers heart get without a single value.
	NoSignals bool
	// NightsDisagree has the minutes of sleep get contradict the summary of their night: deep sleep is light there,
	// and the heart beats five times a minute faster.
	NightsDisagree bool
	// SleepRx has every mat be one of the special plan, whose minutes tell of being out of bed, and have a Withings index.
	SleepRx bool
	// SyncEvery is how often watches and phones hand their data over, a whole part of a day in whole seconds;
	// 0 means every 15 minutes. A real watch does so every few hours unless its app is open: see Irregular.
	SyncEvery time.Duration
	// Irregular has watches and phones hand their data over as real ones do: after getting up, every hour and a half to four
	// hours while awake, several times within minutes when the app is open, and hardly ever at night. Only then does what
	// a watch has measured arrive. SyncEvery has no meaning then.
	Irregular bool
	// Processing is the longest time from a device's contact with the server until what it sent can be read, in whole
	// seconds; a night takes up to five times as long. 0 means none.
	Processing time.Duration
	// Sessions says how the last session of a device behaves.
	Sessions Sessions
	// MatSessions has mats name their last session; those that were seen do not.
	MatSessions bool
	// SharedScale has others use a scale, too, who have accounts of their own: its last session moves.
	SharedScale bool
	// UnlistedPhones leaves the phone that counts steps out of the list of devices.
	UnlistedPhones bool
	// Notifications says how changes are announced.
	Notifications Notifications
	// StrictCallbacks accepts only https callbacks on a domain name and ports 443 or 80 for notifications;
	// otherwise the relaxed rules of an application in development hold.
	StrictCallbacks bool
}

// rhythm is what the switches say of when devices hand their data over.
func (s *Switches) rhythm() rhythm {
	return rhythm{
		every: int64(orDefault(int(s.SyncEvery/time.Second), defaultSync)), irregular: s.Irregular,
		processing: int64(s.Processing / time.Second),
	}
}

// Sessions is the behaviour of last_session_date.
type Sessions int

// The ways in which last_session_date behaves.
const (
	SessionsWithData   Sessions = iota // it moves when what the device sent can be read
	SessionsBeforeData                 // it moves when the device is in contact with the server, before Processing
	SessionsStuck                      // it stays as it was when the Cloud started
	SessionsNull                       // it is null
)

// Order is the order of rows in a list answer.
type Order int

// The orders a list may have.
const (
	NewestFirst Order = iota
	OldestFirst
	Shuffled // the same shuffle on every call, so that paging stays complete
)

// Unlimited as a page size or a rate limit means that there is none.
const Unlimited = -1

// Pages holds the rows per page of each list call; 0 means the default, Unlimited means one page.
type Pages struct {
	Measures int // getmeas, groups; default 250
	Activity int // getactivity; default 200
	Workouts int // getworkouts; default 200
	Sleep    int // sleep getsummary; default 300
	Heart    int // heart list and stetho list; default 200
}

// Combined is the treatment of a date range and lastupdate in one call.
type Combined int

// The treatments of a combined call.
const (
	Intersect     Combined = iota // both conditions hold
	IgnoreRange                   // only lastupdate counts
	RefuseCombine                 // status 503
)

// MissingScope is the refusal of a token that lacks a scope.
type MissingScope int

// The refusals of a token that lacks a scope; the in-body ones come with HTTP 200.
const (
	ScopeHTTP403 MissingScope = iota
	ScopeStatus214
	ScopeStatus277
	ScopeStatus2553
)

// Limiter describes the rate limiter of an application. Its window is of real time, also when the
// simulated clock runs fast.
type Limiter struct {
	Limit           int // requests per minute and client id; 0 means 120, Unlimited switches it off
	Window          Window
	CountTokenCalls bool // token and signature calls use up the budget too
}

// Window is the kind of window a rate limiter counts in.
type Window int

// The kinds of windows.
const (
	FixedWindow   Window = iota // the counter starts again every minute
	SlidingWindow               // any 60 seconds hold at most the limit
)

// SleepExtras is the treatment of skin_temperature, rmssd, sdnn_1 and hrv_quality on getsummary: clients
// ask for them, the documentation does not know them.
type SleepExtras int

// The treatments of undocumented sleep fields.
const (
	IgnoreExtras SleepExtras = iota
	ServeExtras
	RefuseExtras // status 503 when one is asked for
)

// orDefault returns the first non-zero of the two; page sizes and limits use 0 for "the default".
func orDefault(value, fallback int) int {
	if value == 0 {
		return fallback
	}
	return value
}
