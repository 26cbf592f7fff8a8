package stage

import (
	"regexp"
	"strings"
	"sync"
	"testing"
)

// Transcript keeps what was written, and lets a test wait for part of it.
type Transcript struct {
	mu      sync.Mutex // guards what follows
	text    strings.Builder
	changed chan struct{} // closed and replaced with every change
}

// NewTranscript returns an empty transcript.
func NewTranscript() *Transcript { return &Transcript{changed: make(chan struct{})} }

// Write implements io.Writer.
func (b *Transcript) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.changed)
	b.changed = make(chan struct{})
	return b.text.Write(p)
}

// String returns what was written so far.
func (b *Transcript) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// Await waits for a pattern and returns its first group.
func (b *Transcript) Await(t *testing.T, pattern *regexp.Regexp, ended <-chan struct{}) string {
	t.Helper()
	for {
		b.mu.Lock()
		text, changed := b.text.String(), b.changed
		b.mu.Unlock()
		if found := pattern.FindStringSubmatch(text); found != nil {
			return found[1]
		}
		select {
		case <-changed:
		case <-ended:
			if found := pattern.FindStringSubmatch(b.String()); found != nil {
				return found[1]
			}
			t.Fatalf("it ended without %s; it wrote:\n%s", pattern, b)
		}
	}
}

// Says fails the test for every part that is not in the text. Line breaks do not
// matter.
func Says(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	flat := strings.Join(strings.Fields(text), " ")
	for _, part := range parts {
		if !strings.Contains(flat, part) {
			t.Errorf("%s does not say %q:\n%s", what, part, text)
		}
	}
}
