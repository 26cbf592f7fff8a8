package daemon

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
)

// relay is a log's handler in whose place a reload puts another: whoever has the log, or one made of it, follows --log.level and
// --log.format.
type relay struct {
	to   *atomic.Pointer[slog.Handler] // of all that are made of this one
	with []slog.Attr                   // what this one has in addition
}

// relayed is a log whose handler can be replaced.
func relayed(log *slog.Logger) *slog.Logger {
	r := &relay{to: new(atomic.Pointer[slog.Handler])}
	first := log.Handler()
	r.to.Store(&first)
	return slog.New(r)
}

// follow has a relayed log write as another one does, until back is called.
func follow(log, next *slog.Logger) (back func()) {
	r, ok := log.Handler().(*relay)
	if !ok || log == next {
		return func() {}
	}
	handler := next.Handler()
	was := r.to.Swap(&handler)
	return func() { r.to.Store(was) }
}

// Enabled implements slog.Handler.
func (r *relay) Enabled(ctx context.Context, level slog.Level) bool {
	return (*r.to.Load()).Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (r *relay) Handle(ctx context.Context, record slog.Record) error {
	return (*r.to.Load()).WithAttrs(r.with).Handle(ctx, record)
}

// WithAttrs implements slog.Handler.
func (r *relay) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &relay{r.to, append(slices.Clip(r.with), attrs...)}
}

// WithGroup implements slog.Handler. No log of the program has groups: one with does not follow.
func (r *relay) WithGroup(name string) slog.Handler {
	return (*r.to.Load()).WithAttrs(r.with).WithGroup(name)
}
