package simulator

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

const (
	// maxQueue bounds the notifications that wait; what is too many is lost.
	maxQueue = 10_000
	// deliveriesKept is how many tries Deliveries returns; the counts go on for ever.
	deliveriesKept = 4096
	// failingDays is after how long a callback that only fails is given up, as the newer guide has it.
	failingDays = 20 * 24 * time.Hour
)

// notice is one notification to one subscription.
type notice struct {
	user, appli int64
	url, body   string
	due         time.Time
	number      int // in order of the announcements
	cycle       int // of Retries
}

// Delivery is one try to deliver a notification.
type Delivery struct {
	Time     time.Time // simulated
	UserID   int64
	Category int
	Callback string
	Form     string // as posted
	Cycle    int    // of the plan of retries, from 0
	Status   int    // HTTP status of the answer; 0 without one
}

// Accepted reports whether the answer counts as a success: any status below 400.
func (d Delivery) Accepted() bool { return d.Status > 0 && d.Status < 400 }

// Noticed counts what became of the notifications since New.
type Noticed struct {
	Announced  int // notifications made, lost ones and duplicates included
	Lost       int // by the switch, or because too many waited
	Duplicated int
	Accepted   int
	Failed     int // tries
	GivenUp    int // notifications whose every try failed
	Cancelled  int // subscriptions
}

// notices are the notifications that wait, and what became of the others.
type notices struct {
	seed uint64

	mu     sync.Mutex // guards what follows
	how    Notifications
	seen   int64 // ordinary life has been announced until then, UNIX seconds
	queue  []*notice
	last   int // number given
	counts Noticed
	recent []Delivery

	wake chan struct{} // something to send may have come
}

func newNotices(seed uint64, how Notifications, now time.Time) *notices {
	how.Retries = slices.Clone(how.Retries)
	return &notices{seed: seed, how: how, seen: now.Unix(), wake: make(chan struct{}, 1)}
}

// switches returns those of the moment.
func (n *notices) switches() Notifications {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.how
}

// SwitchNotifications replaces the switches about notifications, for what happens from now on.
func (c *Cloud) SwitchNotifications(how Notifications) {
	c.catchUp(c.clock.now())
	how.Retries = slices.Clone(how.Retries)
	c.notices.mu.Lock()
	defer c.notices.mu.Unlock()
	c.notices.how = how
}

// stir tells Play to look again.
func (n *notices) stir() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// fate is what the switches do to a notification.
type fate struct {
	draw      uint64
	wait      time.Duration // from the change to the first try
	lost      bool
	again     time.Duration // from the first try to the duplicate; 0: none
	overtaken bool
}

// fateOf returns the fate of a piece of news on its way to the index-th subscription of a user. It follows from
// the seed and the news alone.
func (n *notices) fateOf(what *news, index int, how Notifications) fate {
	draw := hash(n.seed, uint64(topicNotice), uint64(what.user), uint64(what.appli), uint64(what.at), textHash(what.fields), uint64(index))
	f := fate{draw: draw, lost: unit(hash(draw, 1)) < how.Lose, overtaken: how.Reorder && draw&1 == 1}
	f.wait = time.Duration(unit(hash(draw, 2)) * float64(how.Delay))
	if f.overtaken {
		f.wait += time.Minute
	}
	if unit(hash(draw, 3)) < how.Duplicate {
		f.again = time.Second + time.Duration(unit(hash(draw, 4))*float64(59*time.Second))
	}
	return f
}

// textHash turns a text into a number.
func textHash(text string) uint64 {
	h := uint64(len(text))
	for _, b := range []byte(text) {
		h = mix(h + uint64(b))
	}
	return h
}

// add makes the notifications of a piece of news that is known from a moment on.
func (n *notices) add(what *news, from time.Time, subs []subscription) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, sub := range subs {
		if sub.appli != what.appli || sub.dead {
			continue
		}
		f := n.fateOf(what, i, n.how)
		n.counts.Announced++
		if f.lost {
			n.counts.Lost++
			continue
		}
		one := notice{user: what.user, appli: what.appli, url: sub.url, body: what.body(f.draw), due: from.Add(f.wait)}
		n.push(one)
		if f.again > 0 {
			n.counts.Announced++
			n.counts.Duplicated++
			one.due = one.due.Add(f.again)
			n.push(one)
		}
	}
}

// push puts a notification in the queue, which is in the order of sending. The lock must be held.
func (n *notices) push(one notice) {
	if len(n.queue) >= maxQueue {
		n.counts.Lost++
		return
	}
	if one.number == 0 {
		n.last++
		one.number = n.last
	}
	at, _ := slices.BinarySearchFunc(n.queue, &one, func(a, b *notice) int {
		return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.number, b.number))
	})
	n.queue = slices.Insert(n.queue, at, &one)
}

// pop takes the first notification that is due.
func (n *notices) pop(now time.Time) *notice {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.queue) == 0 || n.queue[0].due.After(now) {
		return nil
	}
	first := n.queue[0]
	n.queue = slices.Delete(n.queue, 0, 1)
	return first
}

// note records a try.
func (n *notices) note(d Delivery) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.recent) == deliveriesKept {
		n.recent = slices.Delete(n.recent, 0, deliveriesKept/2)
	}
	n.recent = append(n.recent, d)
	if d.Accepted() {
		n.counts.Accepted++
	} else {
		n.counts.Failed++
	}
}

// Deliveries returns the latest tries, oldest first; at least the last two thousand are kept.
func (c *Cloud) Deliveries() []Delivery {
	c.notices.mu.Lock()
	defer c.notices.mu.Unlock()
	return slices.Clone(c.notices.recent)
}

// Noticed returns what became of the notifications since New.
func (c *Cloud) Noticed() Noticed {
	c.notices.mu.Lock()
	defer c.notices.mu.Unlock()
	return c.notices.counts
}
