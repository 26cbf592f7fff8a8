package influx

import (
	"errors"
	"time"

	"withings-exporter/exporter"
	"withings-exporter/exporter/ledger"
)

// kind is the kind of the ledger's file in the state directory.
const kind = "influx"

// book is the content of a profile's ledger.
type book = ledger.Book[*chapter]

// chapter is its part about a service: how far it is safe, and what only a database
// needs.
type chapter struct {
	ledger.Reach
	Written map[string]*entry `json:"written,omitempty"` // by id of the record
	Pending []spot            `json:"pending,omitempty"` // to be deleted once the server can
	Refused []*refusal        `json:"refused,omitempty"` // points that the server rejected
	Marks   []spot            `json:"marks,omitempty"`   // a few old points that were acknowledged
	Had     time.Time         `json:"had,omitzero"`      // since when everything was there, before it was forgotten or lost
}

// entry is where the points of a record are.
type entry struct {
	At   int64    `json:"at"`             // UNIX seconds: its points are there, or about to be
	Old  []int64  `json:"old,omitempty"`  // times at which earlier versions may have points
	Hash uint64   `json:"hash,omitempty"` // of what was written; 0 while uncertain
	Keys uint64   `json:"keys,omitempty"`
	In   []string `json:"in,omitempty"` // measurements
}

func newChapter() *chapter { return &chapter{Written: map[string]*entry{}} }

// Check says what is wrong with a chapter that was read.
func (c *chapter) Check() error {
	if err := c.Reach.Check(); err != nil {
		return err
	}
	for _, e := range c.Written {
		if e == nil {
			return errors.New("a record is empty")
		}
	}
	for _, r := range c.Refused {
		if r == nil {
			return errors.New("a rejected point is empty")
		}
	}
	if c.Written == nil {
		c.Written = map[string]*entry{}
	}
	return nil
}

// Forget drops how far the service is safe, but keeps since when it was, and where its
// points are.
func (c *chapter) Forget() {
	since := c.Back
	if len(c.Covered) > 0 {
		since = time.Unix(1, 0).UTC()
	}
	if c.Had.IsZero() || !since.IsZero() && since.Before(c.Had) {
		c.Had = since
	}
	c.Reach.Forget()
	c.Refused = nil
	c.unsure()
}

// Reopen makes a span count as missing, to be written again.
func (c *chapter) Reopen(span exporter.Span) {
	c.Reach.Reopen(span)
	c.unsure()
}

// unsure makes every remembered record be written again.
func (c *chapter) unsure() {
	for _, e := range c.Written {
		e.Hash = 0
	}
}

// rewind makes everything that changed since a moment be read and written again.
func (c *chapter) rewind(to time.Time) {
	if c.Updated.IsZero() {
		return // nothing was read yet, so everything will be
	}
	if to.Before(c.Updated) {
		c.Updated = time.Unix(max(to.Unix(), 1), 0).UTC()
	}
	c.Reread, c.Success = time.Time{}, time.Time{}
}
