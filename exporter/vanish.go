package exporter

import (
	"context"
	"fmt"
	"time"
)

// distrusted is for how long an answer is not believed that would take away more
// than half of what is known.
const distrusted = 24 * time.Hour

// Doubt is what whole answers leave out that is not believed to be gone.
type Doubt struct {
	Doubted time.Time `json:"doubted,omitzero"`  // since when; zero: there is no doubt
	Missing int       `json:"missing,omitempty"` // so many records are left out …
	Known   int       `json:"known,omitempty"`   // … of so many that are known
}

// Until is when what is left out is believed to be gone, if it still is.
func (d Doubt) Until() time.Time { return d.Doubted.Add(distrusted) }

// keeper remembers records, see Sink.
type keeper interface {
	Vanishing(Batch) (held, gone int)
}

// read fetches what is new since a cursor. Nothing vanishes by a single answer:
// what a whole one would take away is asked for once more, and gone is what
// neither has. If that is more than half of what the gauges or the sink know of
// the time, it is not believed before it has been answered for a day.
func (r *round) read(ctx context.Context, service Service, was Progress, cursors []cursor) (Fetched, error) {
	take := r.taker(ctx, cursors)
	var told Batch
	fetched, err := r.profile.Fetch.Fetch(ctx, service, was, func(b Batch) {
		if b.Whole == nil {
			take(b)
		} else {
			told.Whole = b.Whole
		}
		told.Join(b)
	})
	if told.Whole == nil {
		return fetched, err
	}
	keepers := r.keepers(cursors)
	if err == nil {
		err = r.confirm(ctx, service, &told, keepers)
	}
	if err != nil {
		told.Whole = nil // not everything was told, but what was told counts
		take(told)
		return fetched, err
	}
	fetched.Judged = true
	fetched.Doubt = r.doubt(service, told, keepers, cursors)
	if !fetched.Doubted.IsZero() {
		told.Whole = nil
	}
	take(told)
	return fetched, nil
}

// keepers are those who would lose what is gone.
func (r *round) keepers(cursors []cursor) []keeper {
	all := []keeper{r.profile.State}
	for _, c := range cursors {
		if c == cursor(r.forward) && r.forward.open() {
			all = append(all, completedSink{r.completer, r.forward.sink})
		}
	}
	return all
}

// confirm asks once more if something would vanish by what was told, and adds
// the second answer.
func (r *round) confirm(ctx context.Context, service Service, told *Batch, keepers []keeper) error {
	held, gone := most(*told, keepers)
	if gone == 0 {
		return nil
	}
	whole := *told.Whole
	told.Whole, told.Listless = nil, false
	// With nothing known before, a fetch is for what is whole alone.
	_, err := r.profile.Fetch.Fetch(ctx, service, Progress{}, func(b Batch) {
		told.Join(b)
		if b.Whole != nil {
			told.Whole = &Span{From: Later(whole.From, b.Whole.From), To: Earlier(whole.To, b.Whole.To)}
		}
	})
	switch {
	case err != nil:
		return fmt.Errorf("an answer leaves out %d of %d known %s; asking once more: %w", gone, held, service.Row().Noun, err)
	case told.Listless:
		return errListless(service, held)
	case told.Whole == nil:
		told.Whole = &Span{} // the second answer says of nothing that it is all there is
	}
	return nil
}

// errListless is an answer that says nothing although there is something.
func errListless(service Service, held int) error {
	return fmt.Errorf("the answer has no list of %s, although %d are known; they are kept, and the next poll tries again; "+
		"if this lasts, please report it", service.Row().Noun, held)
}

// Lacks says what a whole answer leaves out of what is known, for whoever asks once
// and keeps nothing: a doubt when it is most and that is not doubted yet, and an
// error when the answer says nothing.
func (s *State) Lacks(b Batch) (Doubt, error) {
	if b.Whole == nil {
		return Doubt{}, nil
	}
	held, gone := s.Vanishing(b)
	switch {
	case gone > 0 && b.Listless:
		return Doubt{}, errListless(b.Service, held)
	case 2*gone > held && s.Progress(b.Service).Doubted.IsZero():
		return Doubt{Missing: gone, Known: held}, nil
	}
	return Doubt{}, nil
}

// doubt judges by how much would vanish whether that is believed, and says when
// its mind changes. When more is left out than before, the day begins with that.
func (r *round) doubt(service Service, told Batch, keepers []keeper, cursors []cursor) Doubt {
	now, was := r.poller.Now(), r.doubted(service, cursors)
	var is Doubt
	for _, k := range keepers {
		if held, gone := k.Vanishing(told); 2*gone > held && gone > is.Missing {
			is = Doubt{Doubted: was.Doubted, Missing: gone, Known: held}
		}
	}
	log := r.log.With("service", string(service))
	switch {
	case is.Missing == 0 && was.Doubted.IsZero():
	case is.Missing == 0:
		log.Info("Withings no longer leaves out most of what is known")
	case was.Doubted.IsZero() || was.Doubted.After(now):
		is.Doubted = now
		log.Warn("Withings leaves out most of what is known; it is kept unless that lasts for a day", "missing", is.Missing, "known", is.Known)
	case is.Missing > was.Missing:
		is.Doubted = now
		log.Warn("Withings leaves out even more of what is known; it is kept unless that lasts for a day", "missing", is.Missing, "known", is.Known)
	case now.Sub(was.Doubted) >= distrusted:
		log.Warn("Withings has left out most of what was known for a day; it is believed to be deleted", "missing", is.Missing, "known", is.Known)
		return Doubt{}
	default: // the most that was left out: the sink, which knows more, may be away for a while
		is.Missing, is.Known = was.Missing, was.Known
	}
	return is
}

// doubted is since when all doubt who are read for, and the gauges, and the most
// that any of them lacked. What the gauges do not doubt, the sink has doubted
// before an outage in which they saw it end; of two moments the later one counts.
func (r *round) doubted(service Service, cursors []cursor) Doubt {
	was := r.profile.State.Progress(service).Doubt
	if was.Doubted.IsZero() {
		return Doubt{}
	}
	for _, p := range progresses(service, cursors) {
		was.Doubted = Later(was.Doubted, p.Doubted)
		if p.Missing > was.Missing {
			was.Missing, was.Known = p.Missing, p.Known
		}
	}
	return was
}

// most is the most that any keeper knows, and the most that would vanish.
func most(b Batch, keepers []keeper) (held, gone int) {
	for _, k := range keepers {
		h, g := k.Vanishing(b)
		held, gone = max(held, h), max(gone, g)
	}
	return held, gone
}
