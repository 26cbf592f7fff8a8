package simulator

import (
	"slices"
	"sync"
	"time"
)

// journalSize is the number of requests kept for Requests; the counters go on for ever.
const journalSize = 4096

// Request is one answered request.
type Request struct {
	Time    time.Time // simulated
	Service string    // measure, sleep, heart, stetho, user, notify, oauth2, signature or account
	Action  string    // as asked for, getmeas for example
	UserID  int64     // 0 when nobody is known
	Offset  string    // the offset parameter, as sent
	Status  int       // of the envelope
	HTTP    int       // of the response; 0 when the connection was cut or left hanging
}

// AnyStatus matches every envelope status in Count.
const AnyStatus = -1

// tally is what requests are counted by.
type tally struct {
	action string
	user   int64
	status int
}

// journal remembers what was asked.
type journal struct {
	mu     sync.Mutex // guards the fields below
	recent []Request
	counts map[tally]int
}

func newJournal() *journal { return &journal{counts: make(map[tally]int)} }

func (j *journal) add(r Request) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.recent) == journalSize {
		j.recent = slices.Delete(j.recent, 0, journalSize/2)
	}
	j.recent = append(j.recent, r)
	j.counts[tally{action: r.Action, user: r.UserID, status: r.Status}]++
}

// Requests returns the latest requests, oldest first; at least the last two thousand are kept.
func (c *Cloud) Requests() []Request {
	c.journal.mu.Lock()
	defer c.journal.mu.Unlock()
	return slices.Clone(c.journal.recent)
}

// Count returns how many requests were answered since New. An empty action, the user 0 and AnyStatus
// match everything.
func (c *Cloud) Count(action string, user int64, status int) int {
	c.journal.mu.Lock()
	defer c.journal.mu.Unlock()
	total := 0
	for key, n := range c.journal.counts {
		if (action == "" || key.action == action) && (user == 0 || key.user == user) &&
			(status == AnyStatus || key.status == status) {
			total += n
		}
	}
	return total
}
