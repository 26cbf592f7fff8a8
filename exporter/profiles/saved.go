package profiles

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/statedir"
)

// saved is the file with the state of a profile.
type saved struct {
	state *exporter.State
	path  string
	now   func() time.Time
	log   *slog.Logger

	reading sync.Mutex // held while the file is read

	mu     sync.Mutex // guards what follows; it never waits for a disk
	unread error      // why the file, which exists, could not be read yet; until it is, it is not replaced …
	told   []told     // … and this is what notifications have told meanwhile
}

// told is what a notification has told of a person.
type told struct {
	user    string // Withings' number of the person
	unknown bool   // the token has no number to compare it with, as that of the demo account
	batch   exporter.Batch
}

// apply adds it to a state unless that is another person's.
func (t told) apply(s *exporter.State) {
	if t.unknown && s.IsOf(demoAccount) {
		t.user = demoAccount
	}
	s.ApplyOf(t.user, t.batch)
}

// mostTold is how many of the newest bed events are kept while the file cannot be read: those of months.
const mostTold = 1000

// load fills the state from the file, if there is one. What is wrong with a damaged file is
// logged and returned; one that cannot be read is left alone, and tried again by ready.
func (f *saved) load() (damage error) {
	f.reading.Lock()
	defer f.reading.Unlock()
	return f.read()
}

// read is load with reading held.
func (f *saved) read() (damage error) {
	unread, damage := f.restore()
	if damage != nil {
		f.log.Error("state not loaded", "profile", f.state.Profile(), "err", damage)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.unread = unread; unread == nil {
		for _, t := range f.told { // what the file has took the place of these
			t.apply(f.state)
		}
		f.told = nil
	}
	return damage
}

// restore is read without the log and what was told; unread is why the file could not be read. One whose content
// cannot be used is renamed, never overwritten.
func (f *saved) restore() (unread, damage error) {
	data, err := statedir.Read(f.path, MaxState)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case statedir.Unread(err):
		return err, nil
	case err == nil:
		err = f.state.Restore(data)
	}
	if err == nil {
		return nil, nil
	}
	aside, failed := statedir.SetAside(f.path, f.now())
	if failed != nil {
		return nil, fmt.Errorf("load the state of profile %q from %s: %w; it could not be renamed: %w",
			f.state.Profile(), f.path, err, failed)
	}
	return nil, fmt.Errorf("load the state of profile %q from %s: %w; the file is kept as %s, and everything is downloaded again",
		f.state.Profile(), f.path, err, aside)
}

// tell adds what a notification has told, and keeps it for when the file can be read.
func (f *saved) tell(t told) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t.apply(f.state)
	if f.unread != nil {
		f.told = append(f.told[max(len(f.told)-mostTold+1, 0):], t)
	}
}

// ready tries again to load a file that could not be read, and says why it still cannot.
func (f *saved) ready() error {
	f.reading.Lock()
	defer f.reading.Unlock()
	if f.failure() == nil {
		return nil
	}
	_ = f.read() // damage is logged
	if err := f.failure(); err != nil {
		return &denied{text: fmt.Sprintf("the saved readings cannot be loaded: %v", err), advice: hint.Of(err)}
	}
	return nil
}

// Unread is why the saved readings of the profile cannot be read, so that it is not polled; nil if they could.
func (m *Member) Unread() error { return m.saved.failure() }

// failure is why the file could not be read yet; nil if it could, or is not there.
func (f *saved) failure() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.unread
}

// save writes the state to the file.
func (f *saved) save() error {
	if err := f.failure(); err != nil {
		return fmt.Errorf("save the state of profile %q: the file is left as it is, since it could not be loaded: %w", f.state.Profile(), err)
	}
	data, err := f.state.MarshalJSON() // json.Marshal would read and copy it once more
	if err == nil {
		err = statedir.Write(f.path, data)
	}
	if err != nil {
		return fmt.Errorf("save the state of profile %q: %w; known values are still served, and it is tried again every few seconds", f.state.Profile(), err)
	}
	return nil
}
