package influx

import (
	"slices"
	"time"

	"withings-exporter/exporter"
)

// remembered is how long the ledger knows where points are: Withings revises and
// deletes records for days; the window that is read again has thirty.
const remembered = 35 * 24 * time.Hour

// plan is what to do so that the server has what a batch has.
type plan struct {
	jobs    []*job
	gone    []spot           // points to delete first
	later   []spot           // points to delete once the server can
	dropped map[string]int64 // ids of deleted records, and where they were
	changed bool             // the ledger has changed and must be saved first
}

// job is a record to be written.
type job struct {
	*exporter.Record
	at         time.Time
	remembered bool
	same       bool // the server has it, unless it shares a spot with something deleted
	outline

	refused []refusal // points of it that the server rejected
}

func (p *plan) remembers() bool {
	return len(p.jobs) > 0 || len(p.dropped) > 0 || len(p.gone) > 0 || len(p.later) > 0
}

// plan compares a batch with the ledger, and notes there where points will be.
func (s *Sink) plan(c *chapter, b exporter.Batch) *plan {
	p := &plan{dropped: map[string]int64{}}
	if s.writer.canDelete() {
		p.gone = slices.Clone(c.Pending)
	}
	if b.Whole != nil && !b.Service.Row().Current {
		s.vanished(p, c, b)
	}
	for _, r := range exporter.InOrder(b.Records) {
		switch e := c.Written[r.ID]; {
		case len(r.Readings) > 0:
			s.planRecord(p, c, r)
		case r.Damaged:
		case e != nil:
			s.drop(p, r.ID, e)
		}
	}
	p.spare(c)
	return p
}

// spare leaves out records that the server has, unless something is deleted at the
// same spot: those are written again.
func (p *plan) spare(c *chapter) {
	gone := make(map[spot]bool, len(p.gone))
	for _, is := range p.gone {
		gone[is] = true
	}
	p.jobs = slices.DeleteFunc(p.jobs, func(j *job) bool {
		if !j.same {
			return false
		}
		hit := slices.ContainsFunc(j.in, func(in string) bool { return gone[spot{in, j.at.Unix()}] })
		if hit {
			c.Written[j.ID].Hash, p.changed = 0, true
		}
		return !hit
	})
}

// vanished drops the records that a complete answer lacks in its span.
func (s *Sink) vanished(p *plan, c *chapter, b exporter.Batch) {
	gone, _ := c.untold(b)
	for _, id := range gone {
		s.drop(p, id, c.Written[id])
	}
}

// untold lists the remembered records in the span of a complete answer that are
// missing from it, and counts all that are remembered there.
func (c *chapter) untold(b exporter.Batch) (gone []string, held int) {
	told := make(map[string]bool, len(b.Records))
	for i := range b.Records {
		told[b.Records[i].ID] = true
	}
	for id, e := range c.Written {
		if !b.Whole.Has(time.Unix(e.At, 0)) {
			continue
		}
		held++
		if !told[id] {
			gone = append(gone, id)
		}
	}
	return gone, held
}

func (s *Sink) drop(p *plan, id string, e *entry) {
	p.dropped[id] = e.At
	s.deleteAll(p, e, append(slices.Clone(e.Old), e.At))
}

// deleteAll plans to delete a record's points at some moments.
func (s *Sink) deleteAll(p *plan, e *entry, moments []int64) {
	into := &p.gone
	if !s.writer.canDelete() {
		into = &p.later
	}
	for _, at := range moments {
		for _, measurement := range e.In {
			if gone := (spot{measurement, at}); !slices.Contains(*into, gone) {
				*into = append(*into, gone)
			}
		}
	}
}

// planRecord plans a record that has readings.
func (s *Sink) planRecord(p *plan, c *chapter, r *exporter.Record) {
	e := c.Written[r.ID]
	at, ok := s.moment(r, e)
	if !ok {
		return
	}
	j := &job{Record: r, at: at}
	current := r.Service.Row().Current // there are few of these, and they are valid until they change
	minute := r.Service.Row().Minutes  // there are many of these, and they never move
	j.remembered = e != nil || current || !minute && at.After(s.now().Add(-remembered))
	if !j.remembered {
		p.jobs = append(p.jobs, j)
		return
	}
	j.outline = outlineOf(pointsOf(s.profile, r), at)
	if e == nil {
		e = &entry{At: at.Unix()}
		c.Written[r.ID] = e
		p.changed = true
	}
	switch is := at.Unix(); {
	case e.At != is && current: // it has a new time, and the old point stays
		e.At, e.Hash, p.changed = is, 0, true
	case e.At != is:
		e.Old = append(e.Old, e.At)
		e.At, e.Hash, p.changed = is, 0, true
	case e.Hash == j.hash && len(e.Old) == 0:
		j.same = true
		p.jobs = append(p.jobs, j)
		return
	case !current && !r.Damaged && e.Keys != 0 && e.Keys != j.keys && !slices.Contains(e.Old, is):
		e.Old = append(e.Old, is) // a field may be gone, which only a delete can do
		e.Hash, p.changed = 0, true
	}
	if r.Damaged { // values that cannot be read are still there
		p.changed = p.changed || e.Hash != 0
		e.Hash = 0
	} else {
		s.deleteAll(p, e, e.Old)
	}
	p.jobs = append(p.jobs, j)
	if in := j.merged(e.In); len(in) > len(e.In) { // so that new points are found again
		e.In, p.changed = in, true
	}
}

// mostPending limits the points of a service that wait to be deleted.
const mostPending = 10_000

// settle notes that the plan has been carried out.
func (p *plan) settle(book *book, c *chapter) {
	var open []time.Time
	c.strike(p.gone)
	c.strike(p.later)
	for _, job := range p.jobs {
		e := c.Written[job.ID]
		known := job.remembered && e != nil && e.At == job.at.Unix()
		switch {
		case len(job.refused) > 0:
			open = append(open, job.Start)
			c.note(job)
		case known && job.Damaged: // uncertain: written again when it can be read
			e.In = job.merged(e.In)
		case known:
			e.Hash, e.Keys, e.In, e.Old = job.hash, job.keys, job.in, nil
		}
	}
	c.mark(p.old()...)
	c.Leave(exporter.SpansOf(open))
	for id, at := range p.dropped {
		if e := c.Written[id]; e != nil && e.At == at {
			delete(c.Written, id)
		}
	}
	c.Pending = slices.DeleteFunc(c.Pending, func(s spot) bool { return slices.Contains(p.gone, s) })
	for _, s := range p.later {
		if !slices.Contains(c.Pending, s) && len(c.Pending) < mostPending {
			c.Pending = append(c.Pending, s)
		}
	}
	unsettle(book, p.gone, p.jobs)
}

// old are the points of the oldest and the newest written record that is not
// remembered.
func (p *plan) old() []spot {
	var first, last *job
	for _, j := range p.jobs {
		if j.remembered || len(j.refused) > 0 || j.Damaged {
			continue
		}
		if first == nil || j.at.Before(first.at) {
			first = j
		}
		if last == nil || j.at.After(last.at) {
			last = j
		}
	}
	if first == nil {
		return nil
	}
	in := func(j *job) spot {
		return spot{exporter.Prefix + string(j.Readings[0].Metric.Group), j.at.Unix()}
	}
	return []spot{in(first), in(last)}
}

// merged adds the measurements of a job to the known ones.
func (j *job) merged(known []string) []string {
	for _, m := range j.in {
		if !slices.Contains(known, m) {
			known = append(known, m)
		}
	}
	return known
}

// moment is the time of a record's points; false if it has none. A record without a date, as of a device of which Withings names
// no session, counts from when it was first written, and keeps its time while its values stay the same.
// If points cannot be deleted, a record keeps its first time.
func (s *Sink) moment(r *exporter.Record, e *entry) (time.Time, bool) {
	at, row := r.Taken(), r.Service.Row()
	undated := row.Undated
	if row.Current && at.Unix() <= 0 {
		at, undated = s.now().Truncate(time.Second), true
	}
	switch {
	case e == nil:
	case undated:
		if was := time.Unix(e.At, 0); e.Hash == 0 || e.Hash == outlineOf(pointsOf(s.profile, r), was).hash {
			at = was // there may have been a crash between noting and writing
		}
	case !row.Current && !s.writer.canDelete():
		at = time.Unix(append(slices.Clone(e.Old), e.At)[0], 0)
	}
	return at, at.Unix() > 0
}

// unsettle marks every record that shared a spot with something deleted: its points
// are gone, too, and are written again when it is next read. Minutes are not
// remembered, so that one may be there: it is wanted.
func unsettle(b *book, gone []spot, written []*job) {
	for _, service := range exporter.Minutely() {
		for _, spot := range gone {
			if at := time.Unix(spot.At, 0).UTC(); spot.Measurement == exporter.Prefix+string(service.Group()) {
				b.Of(service).Want(exporter.Spans{{From: at, To: at.Add(time.Second)}})
			}
		}
	}
	for _, spot := range gone {
		for service, c := range b.Services {
			c.Marks = slices.DeleteFunc(c.Marks, spot.is)
			for id, e := range c.Written {
				if e.At == spot.At && slices.Contains(e.In, spot.Measurement) &&
					!slices.ContainsFunc(written, func(j *job) bool { return j.Service == service && j.ID == id }) {
					e.Hash, c.Reread = 0, time.Time{}
				}
			}
		}
	}
}

// prune forgets where old points are.
func (s *Sink) prune(service exporter.Service, c *chapter) {
	if service.Row().Current {
		return
	}
	oldest := s.now().Add(-remembered).Unix()
	for id, e := range c.Written {
		if e.At < oldest {
			if e.Hash != 0 && len(e.Old) == 0 && len(e.In) > 0 {
				c.mark(spot{e.In[0], e.At})
			}
			delete(c.Written, id)
		}
	}
}
