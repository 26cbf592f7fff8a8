package notify

import (
	"crypto/sha256"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// readTime is the limit for reading a notification, or what else is sent. Withings sends it in one piece.
const readTime = 3 * time.Second

// Observer counts notifications.
type Observer interface {
	Notified(profile string, category int)
	NotificationRefused(reason string) // see Refusals
}

// Receiver answers what is sent to the addresses of all profiles. It is safe for concurrent use.
type Receiver struct {
	observe  Observer
	now      func() time.Time
	readTime time.Duration

	mu    sync.RWMutex // guards boxes
	boxes map[[sha256.Size]byte]*Box
}

// NewReceiver makes a receiver without any addresses.
func NewReceiver(observe Observer, now func() time.Time) *Receiver {
	return &Receiver{observe: observe, now: now, readTime: readTime, boxes: map[[sha256.Size]byte]*Box{}}
}

// Serve answers for these boxes alone from now on: those that have a secret, and the others once they have one.
func (r *Receiver) Serve(boxes []*Box) {
	all := make(map[[sha256.Size]byte]*Box, len(boxes))
	for _, b := range boxes {
		b.mu.Lock()
		if b.secret != "" {
			all[sum(string(b.secret))] = b
		}
		b.mu.Unlock()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.boxes = all
}

// move gives a box another secret.
func (r *Receiver) move(b *Box, to Secret) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.secret != "" && b.secret != to {
		delete(r.boxes, sum(string(b.secret)))
	}
	b.secret = to
	r.boxes[sum(string(to))] = b
}

// find returns the box of the last part of a path. What it compares are hashes, so the time that it takes says nothing about
// how much of a secret was right.
func (r *Receiver) find(name string) *Box {
	if len(name) != secretLength { // long ones cost nothing
		return nil
	}
	hash := sum(name)
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.boxes[hash]
}

func sum(text string) [sha256.Size]byte { return sha256.Sum256([]byte(text)) }

// knows reports whether an address ends in the secret of any box.
func (r *Receiver) knows(address string) bool {
	return r.find(address[strings.LastIndexByte(address, '/')+1:]) != nil
}

// ServeHTTP answers HEAD and POST with 200, before anything is done with what was sent. Whoever knows the secret gets 200 for
// any notification that can be Withings', also if it is refused: another answer would tell more, and Withings ends
// subscriptions whose notifications are not taken.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	if q.ContentLength != 0 {
		// The server reads what is left of a request, also after the answer. A recorder of a test has no deadline.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(r.readTime))
	}
	if q.ContentLength > maxBody || q.ContentLength < 0 {
		w.Header().Set("Connection", "close")
	}
	b := r.find(strings.TrimPrefix(q.URL.Path, Prefix))
	switch {
	case b == nil:
		r.refuse(w, UnknownPath, http.StatusNotFound)
	case q.Method == http.MethodHead:
		b.head(r.now())
		answer(w, http.StatusOK)
	case q.Method != http.MethodPost:
		w.Header().Set("Allow", "HEAD, POST")
		r.refuse(w, Method, http.StatusMethodNotAllowed)
	case !b.rate.Allow():
		r.refuse(w, TooMany, http.StatusOK)
	default:
		r.receive(w, q, b)
	}
}

// receive reads a notification, answers, and only then looks at it.
func (r *Receiver) receive(w http.ResponseWriter, q *http.Request, b *Box) {
	body, err := io.ReadAll(io.LimitReader(q.Body, maxBody+1))
	switch {
	case len(body) > maxBody:
		w.Header().Set("Connection", "close")
		r.refuse(w, TooLarge, http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		r.refuse(w, Malformed, http.StatusBadRequest)
		return
	}
	answer(w, http.StatusOK)
	_ = http.NewResponseController(w).Flush() // else it is sent at the end
	if len(body) == 0 {                       // as Withings may send at first, to see that the address takes it
		return
	}
	category, refused := b.take(string(body), r.now())
	if refused != "" {
		r.observe.NotificationRefused(refused)
		return
	}
	r.observe.Notified(b.profile, category)
}

// refuse counts what is refused and answers.
func (r *Receiver) refuse(w http.ResponseWriter, reason string, code int) {
	r.observe.NotificationRefused(reason)
	answer(w, code)
}

// answer sends a status and nothing else.
func answer(w http.ResponseWriter, code int) {
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(code)
}
