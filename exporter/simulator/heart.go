package simulator

import (
	"context"
	"math"
)

const (
	defaultHeartPage = 200 // rows
	stethoSamples    = 80_000
	stethoHz         = 4000
)

// heartRows returns the rows of the heart list within a window.
func (c *Cloud) heartRows(p *person, now int64, w window) []*Heart {
	ch := c.ledger.view(p.ID)
	first, last := p.epochDays(w, ch, now)
	var rows []*Heart
	for _, records := range c.history.days(p, first, last) {
		for _, h := range records.hearts {
			if h = ch.heldBack(h); h.Modified <= now && w.admits(h.Timestamp, h.Modified) {
				rows = append(rows, h)
			}
		}
	}
	for _, h := range ch.recordingsOf(now) {
		if w.admits(h.Timestamp, h.Modified) {
			rows = append(rows, h)
		}
	}
	return rows
}

// listHearts answers heart list and stetho list, which differ in which rows they show and how.
func (c *Cloud) listHearts(q *call, shown func(*Heart) bool, fields func(*Heart) Fields) (any, *refusal) {
	w, refused := c.epochWindow(q, false)
	if refused != nil {
		return nil, refused
	}
	var rows []row
	for _, h := range c.heartRows(q.person, q.unix, w) {
		if shown(h) {
			rows = append(rows, row{sortKey{h.Timestamp, h.SignalID}, func() Fields { return fields(h) }})
		}
	}
	list, cut, refused := c.list(q, rows, orDefault(c.switches.Pages.Heart, defaultHeartPage))
	if refused != nil {
		return nil, refused
	}
	return cut.paged(Fields{{"series", list}}), nil
}

func (c *Cloud) listHeart(_ context.Context, q *call) (any, *refusal) {
	return c.listHearts(q, func(*Heart) bool { return true }, func(h *Heart) Fields { return h.fields(c.switches.EmptyECG) })
}

func (c *Cloud) listStetho(_ context.Context, q *call) (any, *refusal) {
	return c.listHearts(q, func(h *Heart) bool { return h.StethoID != 0 }, func(h *Heart) Fields {
		return Fields{
			{"hash_deviceid", h.Device.id()}, {"signalid", h.StethoID}, {"vhd", 0},
			{"timestamp", h.Timestamp}, {"timezone", h.Timezone},
		}
	})
}

// fields is the wire form of a row. A failed recording has no heart_rate, and no ecg or an empty one.
func (h *Heart) fields(emptyECG bool) Fields {
	f := Fields{{"deviceid", h.Device.id()}, {"model", h.Device.ModelID}}
	switch {
	case h.SignalID != 0:
		f.add("ecg", Fields{{"signalid", h.SignalID}, {"afib", h.AFib}})
	case emptyECG:
		f.add("ecg", []any{})
	}
	if h.Systole != 0 {
		f.add("bloodpressure", Fields{{"diastole", h.Diastole}, {"systole", h.Systole}})
	}
	if h.StethoID != 0 {
		f.add("stetho", Fields{{"signalid", h.StethoID}, {"vhd", 0}})
	}
	if h.Rate != 0 {
		f.add("heart_rate", h.Rate)
	}
	return f.and(Fields{{"timestamp", h.Timestamp}, {"modified", h.Modified}, {"timezone", h.Timezone}})
}

// recording returns the row that holds a signal of the person, of which the server must know already.
func (c *Cloud) recording(q *call, has func(*Heart, int64) bool) (*Heart, *refusal) {
	id, given, refused := q.integer("signalid")
	if refused != nil || !given || id <= 0 {
		return nil, invalidParam("invalid signalid")
	}
	day, own := q.person.signalDay(id)
	if own {
		for _, h := range c.history.day(q.person, day).hearts {
			if has(h, id) && h.Modified <= q.unix {
				return h, nil
			}
		}
	}
	for _, h := range c.ledger.view(q.person.ID).recordingsOf(q.unix) {
		if has(h, id) {
			return h, nil
		}
	}
	return nil, invalidParam("invalid signalid")
}

// getHeart answers heart get with the curve of an ECG in microvolts.
func (c *Cloud) getHeart(_ context.Context, q *call) (any, *refusal) {
	h, refused := c.recording(q, func(h *Heart, id int64) bool { return h.SignalID == id })
	if refused != nil {
		return nil, refused
	}
	position := 1 // left wrist
	if h.Device.ModelID == modelBPMCore {
		position = leftArm
	}
	curve := []any{}
	if !c.switches.NoSignals {
		curve = h.curve()
	}
	return Fields{
		{"signal", curve}, {"sampling_frequency", h.samplingHz}, {"wearposition", position},
		{"model", h.Device.ModelID}, {"heart_rate", h.Rate},
	}, nil
}

// curve draws the beats: P wave, QRS complex, T wave, and a little noise.
func (h *Heart) curve() []any {
	wave := func(x, at, width, height float64) float64 {
		return height * math.Exp(-math.Pow((x-at)/width, 2))
	}
	samples := make([]any, h.samplingHz*h.duration)
	for i := range samples {
		x := math.Mod(float64(i)/float64(h.samplingHz), 60/float64(h.Rate))
		volt := wave(x, 0.12, 0.03, 90) + wave(x, 0.25, 0.008, -110) + wave(x, 0.27, 0.012, 900) +
			wave(x, 0.295, 0.01, -190) + wave(x, 0.5, 0.05, 220)
		samples[i] = round(volt) + int(hash(uint64(h.SignalID), uint64(i))%17) - 8
	}
	return samples
}

// getStetho answers stetho get with the sound of the heart as A-law samples.
func (c *Cloud) getStetho(_ context.Context, q *call) (any, *refusal) {
	h, refused := c.recording(q, func(h *Heart, id int64) bool { return h.StethoID == id })
	if refused != nil {
		return nil, refused
	}
	sound := make([]any, stethoSamples)
	for i := range sound {
		sound[i] = int(hash(uint64(h.StethoID), uint64(i)) % 256)
	}
	return Fields{
		{"signal", sound}, {"frequency", stethoHz}, {"duration", h.duration}, {"format", 0}, {"size", stethoSamples},
		{"resolution", 8}, {"channel", 1}, {"model", h.Device.ModelID}, {"position", 19}, {"vhd", 0},
	}, nil
}
