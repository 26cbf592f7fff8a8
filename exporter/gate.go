package exporter

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// atOnce is how many polls may be under way at once. Withings allows two requests a second to all of them together, so more
// would only wait for each other, each with the memory of a poll: what waits at the gate takes a tenth of it.
const atOnce = 512

// gate lets in a number of polls at once. Those that are due earliest go first.
type gate struct {
	mu      sync.Mutex // guards what follows
	inside  int
	waiting turns
}

// enter returns true once a poll that was due at a moment may begin, which ends with leave, or false if ctx ends before.
func (g *gate) enter(ctx context.Context, due time.Time) bool {
	g.mu.Lock()
	if g.inside < atOnce {
		g.inside++
		g.mu.Unlock()
		return true
	}
	t := &turn{due: due, begun: make(chan struct{})}
	heap.Push(&g.waiting, t)
	g.mu.Unlock()
	select {
	case <-t.begun:
		return true
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if t.place < 0 { // it was let in at the same moment
		g.next()
	} else {
		heap.Remove(&g.waiting, t.place)
	}
	return false
}

// leave ends a poll.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.next()
}

// next lets in the first that waits, in place of a poll that has ended. The mutex must be held.
func (g *gate) next() {
	if len(g.waiting) == 0 {
		g.inside--
		return
	}
	close(heap.Pop(&g.waiting).(*turn).begun)
}

// turn is a poll that waits.
type turn struct {
	due   time.Time
	place int           // among those that wait; -1 when it does no more
	begun chan struct{} // closed when it may begin
}

// turns is a heap.Interface of what waits, earliest due first.
type turns []*turn

func (t turns) Len() int           { return len(t) }
func (t turns) Less(i, j int) bool { return t[i].due.Before(t[j].due) }
func (t turns) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].place, t[j].place = i, j
}

func (t *turns) Push(x any) {
	is := x.(*turn)
	is.place = len(*t)
	*t = append(*t, is)
}

func (t *turns) Pop() any {
	last := len(*t) - 1
	is := (*t)[last]
	(*t)[last] = nil
	*t = (*t)[:last]
	is.place = -1
	return is
}
