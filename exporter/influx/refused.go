package influx

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"withings-exporter/exporter"
)

const (
	// mostRefusals limits the refusals of a service in the ledger, one for each reason
	// and measurement.
	mostRefusals = 16
	// mostGivenUp limits the refused points in memory. Beyond it whole spans count as
	// open.
	mostGivenUp = 100_000
	// retry is how often refused points are tried again.
	retry = time.Hour
)

// refusal is what the ledger remembers of refused points of a service, for one
// reason and measurement.
type refusal struct {
	Reason      string        `json:"reason"`
	Measurement string        `json:"in"`
	Line        string        `json:"line"`             // the newest of them; if the server accepts it, it may accept the others; "" if Withings has deleted it
	At          int64         `json:"at"`               // its time, UNIX seconds
	Age         time.Duration `json:"age"`              // the lowest age at which one was refused
	Changed     time.Time     `json:"changed,omitzero"` // the earliest change at Withings among them; zero if unknown for one
}

// sent is a line being written, and its record.
type sent struct {
	*job
	measurement, tags, line string
	readings                int
	group                   exporter.Group
}

// pointID identifies a point.
type pointID struct {
	service exporter.Service
	series  string
	at      int64
}

func (l *sent) id() pointID { return idOf(l.Service, l.measurement+l.tags, l.at) }

func idOf(service exporter.Service, series string, at time.Time) pointID {
	return pointID{service: service, series: series, at: at.Unix()}
}

// givenUp is a refused point.
type givenUp struct {
	group        exporter.Group
	reason, told string
	readings     int
	start        time.Time // of its record
}

// outcome notes which lines the server accepted and which it refused.
func (s *Sink) outcome(lines []sent, refused []Refused) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range refused {
		l := &lines[r.Line]
		l.refused = append(l.refused, refusal{Reason: r.Reason, Measurement: l.measurement, Line: l.line, At: l.at.Unix(),
			Age: s.now().Sub(l.at), Changed: l.Modified})
		s.tell(l, r)
		if len(s.lost) < mostGivenUp {
			s.lost[l.id()] = givenUp{group: l.group, reason: r.Reason, told: r.Told, readings: l.readings, start: l.Start}
		} else {
			s.overflow = true
		}
	}
	if len(s.lost) == 0 {
		return
	}
	given := map[int]bool{}
	for _, r := range refused {
		given[r.Line] = true
	}
	for i := range lines {
		if given[i] {
			continue
		}
		if id := lines[i].id(); s.lost[id] != (givenUp{}) {
			delete(s.lost, id)
			s.tried = time.Time{} // it may accept the others, too
		}
	}
}

const (
	// mostFields is how many names of fields the log has of a refused point: a night has 45.
	mostFields = 3
	// mostTold is how much the log has of a server's own words, which repeat the reason and may have 100 lines.
	mostTold = 160
)

// tell logs the first refusal for each cause, whoever met it, without the reading. Retention is of the bucket; anything else may be
// of a measurement.
func (s *Sink) tell(l *sent, r Refused) {
	cause := r.Reason
	if r.Reason != ReasonRetention {
		cause += "|" + l.measurement
	}
	if _, known := s.writer.causes.LoadOrStore(cause, true); known {
		return
	}
	series, fields, at := parts(l.line)
	if names := strings.Split(fields, ","); len(names) > mostFields+1 {
		fields = fmt.Sprintf("%s and %d more", strings.Join(names[:mostFields], ","), len(names)-mostFields)
	}
	if told := []rune(r.Told); len(told) > mostTold {
		r.Told = string(told[:mostTold]) + "…"
	}
	s.writer.log.Error("InfluxDB rejects points; they are skipped, the rest is written, and serve tries them again every hour",
		"server", s.writer.where, "reason", r.Reason, "what_now", remedy(r.Reason), "series", series, "fields", fields, "time", at, "err", r.Told)
}

// note notes the refused points of a record in the ledger.
func (c *chapter) note(j *job) {
	for _, is := range j.refused {
		i := slices.IndexFunc(c.Refused, func(r *refusal) bool { return r.Reason == is.Reason && r.Measurement == is.Measurement })
		if i < 0 {
			if len(c.Refused) < mostRefusals {
				c.Refused = append(c.Refused, &is)
			}
			continue
		}
		was := c.Refused[i]
		was.Age, was.Changed = min(was.Age, is.Age), exporter.Earlier(was.Changed, is.Changed)
		if is.At >= was.At || was.Line == "" {
			was.At, was.Line = is.At, is.Line
		}
	}
}

// strike removes lines of deleted points from the refusals, since trying them again
// would write what is gone.
func (c *chapter) strike(gone []spot) {
	for _, r := range c.Refused {
		if r.Line != "" && slices.Contains(gone, spot{r.Measurement, r.At}) {
			r.Line = ""
		}
	}
}

// retryRefused tries every hour whether the server accepts what it refused. If so,
// everything that it may accept now is read from Withings and written again.
func (s *Sink) retryRefused(ctx context.Context) error {
	s.mu.Lock()
	due := s.now().Sub(s.tried) >= retry || s.now().Before(s.tried)
	if due {
		s.tried = s.now()
	}
	s.mu.Unlock()
	if !due {
		return nil
	}
	lines := map[exporter.Service][]string{}
	if err := s.Look(func(b *book) {
		for service, c := range b.Services {
			for _, r := range c.Refused {
				lines[service] = append(lines[service], r.Line)
			}
		}
	}); err != nil {
		return err
	}
	taken, told := map[exporter.Service]bool{}, false
	for service, all := range lines {
		for _, line := range all {
			ok := line == "" // only the next write shows whether there are others
			if !ok {
				var err error
				if ok, err = s.writer.takes(ctx, line); err != nil {
					return err
				}
				told = told || ok
			}
			if ok {
				taken[service] = true
			}
		}
	}
	if len(taken) == 0 {
		return nil
	}
	if told {
		s.writer.log.Info("InfluxDB now takes points that it rejected before; they are written again", "server", s.writer.where)
	}
	s.mu.Lock()
	maps.DeleteFunc(s.lost, func(id pointID, _ givenUp) bool { return taken[id.service] })
	s.writer.causes.Clear()
	s.mu.Unlock()
	return s.Change(ctx, func(b *book) bool {
		for service := range taken {
			b.Of(service).again(service)
		}
		return true
	})
}

// takes reports whether the server acknowledges a line.
func (w *Writer) takes(ctx context.Context, line string) (bool, error) {
	err := w.acknowledge(ctx, line)
	var answer *Error
	if errors.As(err, &answer) && answer.Status != 0 {
		return false, nil
	}
	return err == nil, err
}

// again moves the cursor, if there is one, back to before what was refused, so that it
// is read and written again. It stays open until a backfill has read it, too.
func (c *chapter) again(service exporter.Service) {
	var from time.Time
	for i, r := range c.Refused {
		if i == 0 || r.Changed.Before(from) {
			from = r.Changed
		}
	}
	c.Refused = nil
	c.unsure()
	if service.Row().Minutes {
		c.Want(c.Open)
	}
	c.rewind(from)
}

// keepsFor is how old points may be before they expire, as far as refusals show; a
// long time if there are none.
func keepsFor(b *book) time.Duration {
	age := 100 * 365 * 24 * time.Hour
	for _, c := range b.Services {
		for _, r := range c.Refused {
			if r.Reason == ReasonRetention {
				age = min(age, r.Age)
			}
		}
	}
	return age
}

// open are the starts of refused records of a service in a span.
func (s *Sink) open(service exporter.Service, span exporter.Span) exporter.Spans {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.overflow {
		return exporter.Spans{span}
	}
	var starts []time.Time
	for id, p := range s.lost {
		if id.service == service && span.Has(p.start) {
			starts = append(starts, p.start)
		}
	}
	return exporter.SpansOf(starts)
}

// Taken returns a batch that was put, without the readings that the server rejected.
func (s *Sink) Taken(b exporter.Batch) exporter.Batch {
	s.mu.Lock()
	none := len(s.lost) == 0
	s.mu.Unlock()
	if none {
		return b
	}
	b.Records = slices.Clone(b.Records)
	moments := s.moments(b)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range b.Records {
		r, at := &b.Records[i], moments[i]
		var left []exporter.Reading
		for _, p := range pointsOf(s.profile, r) {
			if _, refused := s.lost[idOf(r.Service, p.measurement+p.tags, at)]; !refused {
				left = append(left, p.fields...)
			}
		}
		r.Readings = left
	}
	return b
}

// moments are the times of the points of each record of a batch that was put. The ledger knows that of a record without a date,
// and of one that has moved.
func (s *Sink) moments(b exporter.Batch) []time.Time {
	all := make([]time.Time, len(b.Records))
	fill := func(at func(id string) *entry) {
		for i := range b.Records {
			all[i], _ = s.moment(&b.Records[i], at(b.Records[i].ID))
		}
	}
	if s.Look(func(book *book) { fill(func(id string) *entry { return book.Of(b.Service).Written[id] }) }) != nil {
		fill(func(string) *entry { return nil }) // the next Put reports the error
	}
	return all
}

// Refused lists what the server has rejected since the sink was made.
func (s *Sink) Refused() []exporter.Refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	type kind struct {
		group  exporter.Group
		reason string
	}
	all := map[kind]*exporter.Refusal{}
	for id, p := range s.lost {
		key := kind{p.group, p.reason}
		r := all[key]
		if r == nil {
			r = &exporter.Refusal{Group: p.group, Reason: p.reason, Told: p.told, Remedy: s.writer.remedy(p.reason)}
			all[key] = r
		}
		r.Points++
		r.Readings += p.readings
		at := time.Unix(id.at, 0).UTC()
		if r.First.IsZero() || at.Before(r.First) {
			r.First, r.Told = at, p.told
		}
		if at.After(r.Last) {
			r.Last = at
		}
	}
	list := make([]exporter.Refusal, 0, len(all))
	for _, r := range all {
		list = append(list, *r)
	}
	slices.SortFunc(list, func(a, b exporter.Refusal) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Reason, b.Reason))
	})
	return list
}
