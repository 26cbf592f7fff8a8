package influx

import (
	"slices"
	"time"

	"withings-exporter/exporter"
)

// remembered is for how long the ledger knows where points are: Withings works
// over nights, and takes back records, for days; the window that is read anew
// has thirty.
const remembered = 35 * 24 * time.Hour

// plan is what to do so that the server says what a batch says.
type plan struct {
	jobs    []job
	gone    []spot           // points to delete first
	dropped map[string]int64 // records that are no more, by id, and where they were
	changed bool             // the ledger: what is about to happen must be noted before it does
}

// job is a record to be written.
type job struct {
	*exporter.Record
	at         time.Time
	remembered bool
	outline
}

func (p *plan) remembers() bool {
	return len(p.dropped) > 0 || len(p.gone) > 0 || slices.ContainsFunc(p.jobs, func(j job) bool { return j.remembered })
}

// plan compares a batch with what the ledger knows of its service, and notes
// there where points are about to be.
func (s *Sink) plan(c *chapter, b exporter.Batch) *plan {
	p := &plan{dropped: map[string]int64{}}
	if b.Whole != nil && b.Service != exporter.Device && b.Service != exporter.Goal {
		s.vanished(p, c, b)
	}
	for _, r := range exporter.InOrder(b.Records) {
		switch e := c.Written[r.ID]; {
		case len(r.Readings) > 0:
			s.planRecord(p, c, r)
		case e != nil:
			s.drop(p, r.ID, e)
		}
	}
	return p
}

// vanished drops the records that the span of a whole answer no longer has.
func (s *Sink) vanished(p *plan, c *chapter, b exporter.Batch) {
	told := make(map[string]bool, len(b.Records))
	for i := range b.Records {
		told[b.Records[i].ID] = true
	}
	for id, e := range c.Written {
		if !told[id] && b.Whole.Has(time.Unix(e.At, 0)) {
			s.drop(p, id, e)
		}
	}
}

func (s *Sink) drop(p *plan, id string, e *entry) {
	p.dropped[id] = e.At
	s.deleteAll(p, e, append(slices.Clone(e.Old), e.At))
}

// deleteAll notes the spots of a record's points at some moments.
func (s *Sink) deleteAll(p *plan, e *entry, moments []int64) {
	if !s.canDelete() {
		return
	}
	for _, at := range moments {
		for _, measurement := range e.In {
			if gone := (spot{measurement, tagValue(s.profile), at}); !slices.Contains(p.gone, gone) {
				p.gone = append(p.gone, gone)
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
	j := job{Record: r, at: at}
	j.remembered = e != nil || always(r.Service) || at.After(s.now().Add(-remembered))
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
	case e.At != is && always(r.Service): // a new moment, and what was true before stays
		e.At, e.Hash, p.changed = is, 0, true
	case e.At != is:
		e.Old = append(e.Old, e.At)
		e.At, e.Hash, p.changed = is, 0, true
	case e.Hash == j.hash && len(e.Old) == 0:
		return // the server has it
	case !always(r.Service) && e.Keys != 0 && e.Keys != j.keys && !slices.Contains(e.Old, is):
		e.Old = append(e.Old, is) // a field may be gone, and a point cannot lose one
		e.Hash, p.changed = 0, true
	}
	s.deleteAll(p, e, e.Old)
	p.jobs = append(p.jobs, j)
	for _, m := range j.in { // points about to be written must be found again, too
		if !slices.Contains(e.In, m) {
			e.In = append(e.In, m)
			p.changed = true
		}
	}
}

// settle notes that the plan has been carried out.
func (p *plan) settle(book *book, c *chapter) {
	for _, job := range p.jobs {
		if e := c.Written[job.ID]; job.remembered && e != nil && e.At == job.at.Unix() {
			e.Hash, e.Keys, e.In, e.Old = job.hash, job.keys, job.in, nil
		}
	}
	for id, at := range p.dropped {
		if e := c.Written[id]; e != nil && e.At == at {
			delete(c.Written, id)
		}
	}
	book.unsettle(p.gone, p.jobs)
}

// moment is when a record's points are. A goal that nobody changed stays where
// it was. Where points cannot be deleted, a record stays where it was first.
func (s *Sink) moment(r *exporter.Record, e *entry) (time.Time, bool) {
	at := r.Start
	switch r.Service {
	case exporter.Device:
		at = r.End // when it was last seen; not known, there is no moment for what it says
	case exporter.Goal:
		if e == nil {
			break
		}
		if was := time.Unix(e.At, 0); e.Hash == 0 || e.Hash == outlineOf(pointsOf(s.profile, r), was).hash {
			at = was // a crash may have come between the note and the write
		}
	default:
		if e != nil && !s.canDelete() {
			at = time.Unix(append(slices.Clone(e.Old), e.At)[0], 0)
		}
	}
	return at, at.Unix() > 0
}

// always reports whether a service's records are remembered however old they
// are: there are few, and they count until they change.
func always(s exporter.Service) bool { return s == exporter.Device || s == exporter.Goal }

// unsettle marks every record that shared a spot with something deleted: its
// points are gone too, and are written again when it is next read.
func (b *book) unsettle(gone []spot, written []job) {
	for _, spot := range gone {
		for service, c := range b.Services {
			for id, e := range c.Written {
				if e.At == spot.at && slices.Contains(e.In, spot.measurement) &&
					!slices.ContainsFunc(written, func(j job) bool { return j.Service == service && j.ID == id }) {
					e.Hash, c.Reread = 0, time.Time{}
				}
			}
		}
	}
}

// prune forgets where old points are.
func (s *Sink) prune(service exporter.Service, c *chapter) {
	if always(service) {
		return
	}
	oldest := s.now().Add(-remembered).Unix()
	for id, e := range c.Written {
		if e.At < oldest {
			delete(c.Written, id)
		}
	}
}
