package statedir

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// within does work that may not end on a hung disk in a goroutine, and returns its
// result, or an error when ctx ends first. A thread that waits for such a disk cannot
// be interrupted: the goroutine then stays until the work ends, and passes its result
// to drop. There is one per path at a time, so never more of them than files.
func within[T any](ctx context.Context, path string, work func() (T, error), drop func(T)) (T, error) {
	type outcome struct {
		result T
		err    error
	}
	var none T
	leave, err := working.enter(ctx, path)
	if err != nil {
		return none, err
	}
	done := make(chan outcome)
	go func() {
		defer leave()
		result, err := work()
		select {
		case done <- outcome{result, err}:
		case <-ctx.Done():
			if drop != nil && err == nil {
				drop(result)
			}
		}
	}()
	select {
	case o := <-done:
		return o.result, o.err
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
}

// Within does work with the file at path and returns its result, or an error if ctx
// ends first, as on a network disk that hangs. The work may then still be done later,
// so it must not change anything in memory.
func Within[T any](ctx context.Context, path string, work func() (T, error)) (T, error) {
	result, err := within(ctx, path, work, nil)
	if ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
		err = fmt.Errorf("wait for the disk of %q: %w", path, err)
	}
	return result, err
}

// atWork lists the files in use.
type atWork struct {
	mu    sync.Mutex // guards paths
	paths map[string]chan struct{}
}

// working is shared by the whole process.
var working = atWork{paths: map[string]chan struct{}{}}

// enter waits until the file is not in use, or until ctx ends.
func (w *atWork) enter(ctx context.Context, path string) (leave func(), err error) {
	for {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		w.mu.Lock()
		busy := w.paths[path]
		if busy == nil {
			mine := make(chan struct{})
			w.paths[path] = mine
			w.mu.Unlock()
			return func() {
				w.mu.Lock()
				defer w.mu.Unlock()
				delete(w.paths, path)
				close(mine)
			}, nil
		}
		w.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
