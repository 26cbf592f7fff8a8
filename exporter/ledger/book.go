package ledger

import (
	"encoding/json"
	"errors"
	"fmt"

	"withings-exporter/exporter"
	"withings-exporter/exporter/hint"
)

// version is the version key of a ledger; one with a higher version was written by
// a newer exporter.
const version = 1

// Chapter is the part of a ledger about one service: a pointer to a [Reach], or to a
// struct that embeds one and has what only its target needs.
type Chapter interface {
	comparable
	Reached() *Reach
	Reopen(exporter.Span) // makes a span count as missing
	Forget()              // drops how far the service is safe
	Check() error         // says what is wrong with a chapter that was read
}

// Book is the content of a ledger.
type Book[C Chapter] struct {
	Version  int                    `json:"version"`
	Profile  string                 `json:"profile"`
	User     string                 `json:"user,omitempty"` // Withings' number of the person; "" while not known
	Target   string                 `json:"target,omitempty"`
	Catalog  string                 `json:"catalog"`          // which table the readings were decoded by
	Length   int64                  `json:"length,omitempty"` // bytes of the file beside the ledger that it speaks of
	Services map[exporter.Service]C `json:"services"`

	Fresh bool `json:"-"` // nothing that was saved before counts

	create func() C
}

// Of returns the chapter of a service.
func (b *Book[C]) Of(s exporter.Service) C {
	c, known := b.Services[s]
	if !known {
		c = b.create()
		b.Services[s] = c
	}
	return c
}

// Move moves how far the services of batches are, and reports whether that changed
// anything; move may be nil.
func (b *Book[C]) Move(move func(exporter.Service, *exporter.Progress), batches []exporter.Batch) (changed bool) {
	if move == nil {
		return false
	}
	for i := range batches {
		is := &b.Of(batches[i].Service).Reached().Progress
		was := *is
		move(batches[i].Service, is)
		changed = changed || !is.Equal(was)
	}
	return changed
}

// parse reads what was saved for a profile.
func (b *Book[C]) parse(data []byte, profile string) error {
	err := json.Unmarshal(data, b)
	switch {
	case b.Version > version: // also where the rest has another form
		return hint.Newer(b.Version, version)
	case err != nil:
		return fmt.Errorf("not a ledger: %w", err)
	case b.Version != version:
		return errors.New("not a ledger: it has no version")
	case b.Profile != profile:
		return fmt.Errorf("the ledger is of profile %q, not of %q", b.Profile, profile)
	case b.Length < 0:
		return errors.New("not a ledger: its length is negative")
	case b.Services == nil:
		b.Services = map[exporter.Service]C{}
	}
	var none C
	for service, c := range b.Services {
		if c == none {
			return fmt.Errorf("not a ledger: service %s is empty", service)
		}
		if err := c.Check(); err != nil {
			return fmt.Errorf("not a ledger: service %s: %w", service, err)
		}
	}
	return nil
}
