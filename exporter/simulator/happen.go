package simulator

import (
	"fmt"
	"net/url"
	"slices"
	"time"
)

// GetInBed has the person's mat tell that somebody got into bed at a moment.
func (c *Cloud) GetInBed(user int64, at time.Time) error { return c.tellMat(user, onInBed, at) }

// GetOutOfBed has the person's mat tell that somebody got out of bed at a moment.
func (c *Cloud) GetOutOfBed(user int64, at time.Time) error { return c.tellMat(user, onOutOfBed, at) }

// InflateMat has the person's mat tell that it finished its first inflation.
func (c *Cloud) InflateMat(user int64) error { return c.tellMat(user, onInflated, c.clock.now()) }

func (c *Cloud) tellMat(user, appli int64, at time.Time) error {
	p, err := c.find(user)
	if err != nil {
		return err
	}
	if p.mat == nil {
		return fmt.Errorf("mat of user %d: %w", user, ErrUnknown)
	}
	c.announce(news{user, appli, c.clock.now().Unix(), p.dated(at.Unix(), p.mat, c.notices.switches())})
	return nil
}

// AddRecording records an ECG now and returns the id of its signal. One without a heart rate has failed: it has a row
// but no signal, and the id is 0. The device is the person's watch, the moment now, unless they are given; with the id
// of a sound, which is replaced by its own, there is a stethoscope recording too.
func (c *Cloud) AddRecording(user int64, h Heart) (int64, error) {
	p, err := c.find(user)
	if err != nil {
		return 0, err
	}
	if h.Device == nil {
		h.Device = p.watch
	}
	if h.Device == nil {
		return 0, fmt.Errorf("watch of user %d: %w", user, ErrUnknown)
	}
	how := c.notices.switches()
	now := c.clock.now().Unix()
	if h.Timestamp == 0 {
		h.Timestamp = now
	}
	h.Modified = now + int64(how.Early.Seconds())
	h.Timezone = p.zone(p.dayOf(h.Timestamp)).String()
	h.samplingHz, h.duration, h.SignalID = 300, 30, 0
	if h.Device.ModelID == modelBPMCore {
		h.samplingHz, h.duration = 500, 20
	}
	if h.Rate > 0 {
		h.SignalID = c.ledger.nextID()
	}
	if h.StethoID != 0 {
		h.StethoID = c.ledger.nextID()
	}
	c.ledger.edit(user, func(ch *changes) { ch.hearts = append(ch.hearts, &h) })
	readable := now
	if at := c.ledger.view(user).arrival(h.Device, h.Timestamp, h.Modified); at != h.Modified { // its device is held back
		readable = at
	}
	c.announce(p.ofHeart(&h, readable, how)...)
	return h.SignalID, nil
}

// Announce sends a notification that nothing causes: of any category, with any fields besides userid and appli. It
// goes the way of all others, so it needs a subscription.
func (c *Cloud) Announce(user int64, category int, form url.Values) error {
	if _, err := c.find(user); err != nil {
		return err
	}
	text := ""
	if len(form) > 0 {
		text = "&" + form.Encode()
	}
	c.announce(news{user, int64(category), c.clock.now().Unix(), text})
	return nil
}

// recordingsOf returns the rows of the heart list that tests added, as of a moment.
func (ch *changes) recordingsOf(now int64) []*Heart {
	rows := make([]*Heart, 0, len(ch.hearts))
	for _, h := range ch.hearts {
		rows = append(rows, ch.heldBack(h))
	}
	return slices.DeleteFunc(rows, func(h *Heart) bool { return h.Modified > now })
}

// heldBack returns a recording as it arrives when its device is held back.
func (ch *changes) heldBack(h *Heart) *Heart {
	at := ch.arrival(h.Device, h.Timestamp, h.Modified)
	if at == h.Modified {
		return h
	}
	late := *h
	late.Modified = at
	return &late
}
