package exporter

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// mostHints is how many hints an inbox holds. There is one for each set of services
// that a category of notifications names, and there are fewer than twenty categories.
const mostHints = 32

// Hint is what one notification announces.
type Hint struct {
	Services []Service // one or more of them have something new
	Span     Span      // of the data; empty if unknown
	At       time.Time // when the notification arrived
}

// Inbox collects what notifications announce until the poller looks. It is safe for
// concurrent use and bounded: hints about the same services become one.
type Inbox struct {
	bell chan struct{} // has an element while something waits that the poller has not noticed …
	told chan struct{} // … and while something is known that may not be saved yet

	mu    sync.Mutex // guards hints
	hints map[string]Hint
}

// NewInbox returns an empty inbox.
func NewInbox() *Inbox {
	return &Inbox{bell: make(chan struct{}, 1), told: make(chan struct{}, 1), hints: map[string]Hint{}}
}

// Tell adds a hint and wakes the poller. It never blocks.
func (b *Inbox) Tell(h Hint) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := h.key()
	before, waiting := b.hints[key]
	switch {
	case key == "" || !waiting && len(b.hints) >= mostHints:
		return
	case waiting:
		h.join(before)
	}
	h.Services = slices.Clone(h.Services)
	b.hints[key] = h
	ring(b.bell)
	if slices.ContainsFunc(h.Services, func(s Service) bool { return s.Row().Told }) {
		ring(b.told)
	}
}

// ring puts an element into a bell that has none.
func ring(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}

// key names the services of a hint.
func (h *Hint) key() string {
	names := make([]string, len(h.Services))
	for i, service := range h.Services {
		names[i] = string(service)
	}
	return strings.Join(names, " ")
}

// join makes h cover an earlier hint about the same services, too.
func (h *Hint) join(earlier Hint) {
	h.At = Later(h.At, earlier.At)
	if h.Span.Empty() || earlier.Span.Empty() {
		h.Span = Span{}
		return
	}
	h.Span = Span{From: Earlier(h.Span.From, earlier.Span.From), To: Later(h.Span.To, earlier.Span.To)}
}

// rings is a channel that has an element when hints have arrived; nil without an inbox.
func (b *Inbox) rings() <-chan struct{} {
	if b == nil {
		return nil
	}
	return b.bell
}

// take returns all hints and empties the inbox.
func (b *Inbox) take() []Hint {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := slices.Collect(maps.Values(b.hints))
	clear(b.hints)
	return all
}
