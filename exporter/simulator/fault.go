package simulator

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"sync"
)

// FaultKind is a way in which an answer goes wrong.
type FaultKind int

// The kinds of faults. The first block replaces the answer, the second bends the body of a good answer, the
// third spoils the transport.
const (
	// FaultStatus answers Fault.Status in the envelope, with Fault.Text as error.
	FaultStatus FaultKind = iota
	// FaultExpiredToken answers a data call as if its access token had expired: 401.
	FaultExpiredToken
	// FaultRefreshRefused answers a refresh as if its token were used up: 503.
	FaultRefreshRefused
	// FaultRateLimited answers 601.
	FaultRateLimited

	// FaultArrayBody sends [] where the body object belongs, or where the objects named in Keys belong.
	FaultArrayBody
	// FaultFalseNumbers sends false for the numbers named in Keys; without Keys for created, modified and
	// updatetime, and on a last page for more and offset, as seen in the wild.
	FaultFalseNumbers
	// FaultStringNumbers sends the numbers named in Keys as strings; without Keys all numbers.
	FaultStringNumbers
	// FaultUnknowns adds fields nobody knows, and to every list one record with enum values nobody knows.
	FaultUnknowns
	// FaultBrokenRecord adds to every list a record in which nothing has the right type.
	FaultBrokenRecord
	// FaultValue sends Fault.Text, a JSON literal such as null, "x" or [], in place of every member named in Keys;
	// without Keys in place of the body.
	FaultValue
	// FaultWithout leaves out every member named in Keys; without Keys the body.
	FaultWithout
	// FaultShortLists leaves out of every list of records all but the first Fault.Status.
	FaultShortLists
	// FaultStuckOffset claims more pages and hands out the offset that was asked with.
	FaultStuckOffset

	// FaultHTTP answers with Fault.Status as the HTTP status and an HTML page.
	FaultHTTP
	// FaultHTML answers an HTML page with HTTP 200.
	FaultHTML
	// FaultContentType sends the good answer as text/html.
	FaultContentType
	// FaultEmpty answers HTTP 200 without a body.
	FaultEmpty
	// FaultTruncated ends the JSON text in the middle; the HTTP message is complete.
	FaultTruncated
	// FaultCut closes the connection in the middle of the body.
	FaultCut
	// FaultHang says nothing until the client gives up.
	FaultHang
	// FaultEndless sends records until the client stops reading.
	FaultEndless
	// FaultLostAnswer does what was asked and closes the connection without an answer. On a refresh the
	// tokens have been rotated then.
	FaultLostAnswer
)

// Fault makes matching requests go wrong.
type Fault struct {
	UserID int64  // 0 matches every user
	Action string // getmeas, or with its service as in sleep.get; empty matches every action, token calls too
	Kind   FaultKind
	Times  int // how many requests; 0 means until Clear
	Status int // for FaultStatus, FaultHTTP and FaultShortLists
	Text   string
	Keys   []string
}

// spoiler is a fault as the server sees it. The server names no Fault, so that a program which injects none,
// as the demo does, is linked without the code of all these kinds.
type spoiler interface {
	// before returns the answer of a fault that keeps the request from being handled, and whether it does.
	before() (answer, bool)
	// bend changes the body of a good answer.
	bend(reply answer, form url.Values) answer
	// write sends an answer, spoiled by a fault of a kind that spoils the transport.
	write(ctx context.Context, w http.ResponseWriter, reply answer)
}

// injected is a spoiler that picks its requests.
type injected interface {
	spoiler
	// meets counts a request and says whether it goes wrong, and whether it is the last one to.
	meets(user int64, q *call) (acts, last bool)
}

// faultless is the spoiler of a request that goes well.
type faultless struct{}

func (*faultless) before() (answer, bool)                 { return answer{}, false }
func (*faultless) bend(reply answer, _ url.Values) answer { return reply }
func (*faultless) write(_ context.Context, w http.ResponseWriter, reply answer) {
	send(w, reply.http, jsonType, string(appendJSON(nil, reply.tree)))
}

// faults are the injected faults in order; the first that meets a request acts.
type faults struct {
	mu   sync.Mutex // guards list, and what its faults count
	list []injected
}

type activeFault struct {
	Fault
	left int // uses, when Times is set
}

// Inject adds a fault. Faults act in the order of injection, one per request.
func (c *Cloud) Inject(f Fault) {
	c.faults.mu.Lock()
	defer c.faults.mu.Unlock()
	f.Keys = slices.Clone(f.Keys)
	c.faults.list = append(c.faults.list, &activeFault{f, f.Times})
}

// Clear removes all faults.
func (c *Cloud) Clear() {
	c.faults.mu.Lock()
	defer c.faults.mu.Unlock()
	c.faults.list = nil
}

// pick returns the fault for a request and counts its use.
func (f *faults) pick(user int64, q *call) spoiler {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, fault := range f.list {
		acts, last := fault.meets(user, q)
		if last {
			f.list = slices.Delete(f.list, i, i+1)
		}
		if acts {
			return fault
		}
	}
	return &faultless{}
}

func (f *activeFault) meets(user int64, q *call) (acts, last bool) {
	if !f.matches(user, q) {
		return false, false
	}
	if f.Times > 0 {
		f.left--
	}
	return true, f.Times > 0 && f.left == 0
}

func (f *Fault) matches(user int64, q *call) bool {
	if f.UserID != 0 && f.UserID != user {
		return false
	}
	if f.Action != "" && f.Action != q.action && f.Action != q.service+"."+q.action {
		return false
	}
	isToken := q.service == "oauth2" || q.service == "signature"
	switch f.Kind {
	case FaultExpiredToken:
		return !isToken
	case FaultRefreshRefused:
		return isToken && q.form.Get("grant_type") == "refresh_token"
	}
	return true
}

func (f *Fault) before() (answer, bool) {
	switch f.Kind {
	case FaultStatus:
		return envelope(nil, &refusal{status: f.Status, text: f.Text}), true
	case FaultExpiredToken:
		return envelope(nil, errInvalidToken), true
	case FaultRefreshRefused:
		return envelope(nil, errInvalidRefresh), true
	case FaultRateLimited:
		return envelope(nil, errTooMany), true
	case FaultHTTP:
		return answer{http: orDefault(f.Status, http.StatusInternalServerError)}, true
	case FaultHTML, FaultEmpty, FaultEndless:
		return answer{http: http.StatusOK}, true
	case FaultHang:
		return answer{}, true
	}
	return answer{}, false
}
