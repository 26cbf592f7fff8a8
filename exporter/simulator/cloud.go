package simulator

import (
	"net/http"
	"time"
)

// The application every Cloud knows unless Options names another.
const (
	DefaultClientID     = "simulated-client"
	DefaultClientSecret = "simulated-secret"
)

// maxPeople is how many people there can be: the ids of a day have room for this many.
const maxPeople = 1000

// Options describes a Cloud. The zero value has three people with five years of history.
type Options struct {
	// Seed decides who the people are and everything they ever do.
	Seed uint64
	// People is their number, 1 to 1000; 0 means 3. The first three are of fixed types.
	People int
	// Years and Months of history before Start; 0 of both means 5 years.
	Years, Months int
	// Stories has the people of fixed types live through what the dashboards can show (story.go).
	Stories bool
	// Home is the name of the time zone in which everybody lives; empty means one of their own each.
	Home string
	// Speed is the number of simulated seconds per real second; 0 means 1.
	Speed float64
	// Start is the simulated time at New; zero means the real time.
	Start time.Time
	// Now is the real clock; nil means time.Now. The rate limiter lives on it.
	Now func() time.Time
	// ClientID and ClientSecret are the registered application; empty means the defaults.
	ClientID, ClientSecret string
	// RedirectURIs are the registered callbacks; empty accepts any loopback http address.
	RedirectURIs []string
	// Callbacks asks and notifies the callbacks of subscriptions; nil means a client of its own.
	Callbacks *http.Client
	// Switches choose the behaviour where the API is uncertain.
	Switches Switches
}

// Cloud is the Withings cloud: account host and API host on one http.Handler. It is safe for concurrent use
// and starts nothing: no listener, no goroutine.
type Cloud struct {
	options  Options
	switches Switches
	clock    *clock
	people   []*person
	byID     map[int64]*person
	services map[string]service

	history       *history
	ledger        *ledger
	vault         *vault
	nonces        *nonces
	limiter       *limiter
	faults        *faults
	journal       *journal
	subscriptions *subscriptions
	notices       *notices
}

// New returns a Cloud. It is instant whatever the number of people and years.
func New(o Options) *Cloud {
	o = o.filled()
	c := &Cloud{
		options:       o,
		switches:      o.Switches,
		clock:         newClock(o.Now, o.Start, o.Speed),
		byID:          make(map[int64]*person),
		ledger:        newLedger(),
		vault:         newVault(o.Switches.OldAccessTokenDies),
		nonces:        newNonces(),
		limiter:       newLimiter(o.Now, o.Switches.Limiter),
		faults:        &faults{},
		journal:       newJournal(),
		subscriptions: newSubscriptions(),
	}
	now := c.clock.now()
	c.notices = newNotices(o.Seed, o.Switches.Notifications, now)
	for i := range o.People {
		p := newPerson(o, i, now)
		c.people = append(c.people, p)
		c.byID[p.ID] = p
	}
	c.history = newHistory()
	c.services = routes()
	return c
}

// filled returns the options with every default in place.
func (o Options) filled() Options {
	if o.People <= 0 {
		o.People = 3
	}
	o.People = min(o.People, maxPeople)
	if o.Years <= 0 && o.Months <= 0 {
		o.Years = 5
	}
	if o.Speed <= 0 {
		o.Speed = 1
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.ClientID == "" {
		o.ClientID = DefaultClientID
	}
	if o.ClientSecret == "" {
		o.ClientSecret = DefaultClientSecret
	}
	if o.Callbacks == nil {
		o.Callbacks = &http.Client{}
	}
	return o
}

// Now returns the simulated time in UTC. It never goes back.
func (c *Cloud) Now() time.Time { return c.clock.now() }

// Advance jumps the simulated clock forward by d. Codes, tokens and nonces age; the rate limiter, which
// lives on the real clock, does not notice.
func (c *Cloud) Advance(d time.Duration) {
	c.clock.advance(d)
	c.notices.stir()
}

// People returns everybody, in the order of the consent page.
func (c *Cloud) People() []Person {
	list := make([]Person, len(c.people))
	for i, p := range c.people {
		list[i] = p.Person
		list[i].Timezone = p.zone(p.dayOf(c.clock.now().Unix())).String()
	}
	return list
}
