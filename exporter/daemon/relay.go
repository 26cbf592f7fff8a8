package daemon

import (
	"context"
	"log/slog"
	"sync/atomic"
)

// relay is a log's handler in whose place a reload puts another: whoever has the log, or one made of it, follows --log.level and
// --log.format.
type relay struct {
	to   *atomic.Pointer[slog.Handler]   // of all that are made of this one
	with func(slog.Handler) slog.Handler // adds what this one has in addition
}

// relayed is a log whose handler can be replaced.
func relayed(log *slog.Logger) *slog.Logger {
	r := &relay{to: new(atomic.Pointer[slog.Handler]), with: func(h slog.Handler) slog.Handler { return h }}
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

// now is the handler at this moment.
func (r *relay) now() slog.Handler { return r.with(*r.to.Load()) }

// Enabled implements slog.Handler.
func (r *relay) Enabled(ctx context.Context, level slog.Level) bool {
	return (*r.to.Load()).Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (r *relay) Handle(ctx context.Context, record slog.Record) error {
	return r.now().Handle(ctx, record)
}

// WithAttrs implements slog.Handler.
func (r *relay) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &relay{r.to, func(h slog.Handler) slog.Handler { return r.with(h).WithAttrs(attrs) }}
}

// WithGroup implements slog.Handler.
func (r *relay) WithGroup(name string) slog.Handler {
	return &relay{r.to, func(h slog.Handler) slog.Handler { return r.with(h).WithGroup(name) }}
}
