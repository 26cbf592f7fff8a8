package statedir

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// within does work that a hung disk may keep from ending, in a goroutine of its
// own, and gives its result, or an error when ctx ends first. No system lets go
// of a thread that waits for such a disk: the goroutine then stays until the
// work ends, and gives its result to drop. There is one for a path at a time,
// so that there are never more of them than files.
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

// Within does work with the file at path and gives its result, or an error that
// says so when ctx ends first, as it does on a network disk that hangs. The work
// may then still be done later, and its result is nobody's: it must change
// nothing of the process.
func Within[T any](ctx context.Context, path string, work func() (T, error)) (T, error) {
	result, err := within(ctx, path, work, nil)
	if ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
		err = fmt.Errorf("wait for the disk of %q: %w", path, err)
	}
	return result, err
}

// atWork lists the files that work is being done with.
type atWork struct {
	mu    sync.Mutex // guards paths
	paths map[string]chan struct{}
}

// working is of the whole process: a disk hangs for everybody.
var working = atWork{paths: map[string]chan struct{}{}}

// enter waits until nobody else works with the file, or until ctx ends.
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
