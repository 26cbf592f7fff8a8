package prom

import (
	"bytes"
	"log/slog"
	"net/http"
	"sync"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// Handler serves what g gathers as text, OpenMetrics or protobuf, compressed with
// gzip or zstd, whichever the scraper asks for. What cannot be gathered or written
// is logged, and the rest is served. With the parameter profile, which may be repeated,
// it is what has the label of these profiles; for one that is not there, 404.
//
// It is used instead of promhttp, which builds and encodes everything at every
// scrape; that would take nearly all of the time.
func Handler(g *Gatherer, log *slog.Logger) http.Handler {
	by := &squeezer{}
	return &handler{g: g, log: log, known: newPieces(restScrapes, by), ofChosen: newPieces(restChosen, by), spare: make(chan *page, 1)}
}

type handler struct {
	g        *Gatherer
	log      *slog.Logger
	asks     asks
	known    *pieces // of pages of everybody
	ofChosen *pieces // of pages of chosen profiles
	spare    chan *page

	mu     sync.Mutex // guards what follows
	others [2]others
}

// others are the families of other gatherers as text, as they were after a number of changes.
type others struct {
	all     []heading
	of      []*dto.MetricFamily // the same before they were text
	changes uint64
	until   time.Time // when they are asked again in any case
}

// othersRest is after how long the other gatherers are asked again though nothing was counted.
const othersRest = time.Minute

// page is that of an earlier scrape, whose memory is used again: much of it with thousands of people. A pool of the library
// would lose it whenever garbage is collected, which the new one then causes.
func (h *handler) page() *page {
	select {
	case p := <-h.spare:
		return p
	default:
		return &page{}
	}
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	only, refused := h.chosen(r.URL.RawQuery)
	if refused != nil {
		http.Error(w, refused.text, refused.status)
		return
	}
	asked := h.asks.of(r)
	header := w.Header()
	header.Set("Content-Type", string(asked.format))
	header.Add("Vary", "Accept-Encoding")
	if asked.encoding != "" {
		header.Set("Content-Encoding", asked.encoding)
	}
	p := h.page()
	switch asked.encoding {
	case "gzip":
		out := &zipped{sender: sender{w: w}, known: h.known, out: p.zipped[:0]}
		if only != nil {
			out.known = h.ofChosen
		}
		h.write(p, asked, only, out)
		p.zipped = out.out
	case "zstd":
		h.write(p, asked, only, newPacked(sender{w: w}))
	default:
		h.write(p, asked, only, &plain{sender{w: w}})
	}
	select {
	case h.spare <- p:
	default: // there is one
	}
}

// write writes the page to the outlet, of some profiles alone if they are given.
func (h *handler) write(p *page, asked ask, only []Profile, out outlet) {
	if !asked.ours {
		p.text = h.encode(p.text[:0], asked.format, only, out)
	} else {
		p.open = asked.open
		if counted, of := h.counted(asked.open); only == nil {
			p.parts, p.others = h.g.parts(), merge(h.g.others.Process.headings(asked.open), counted)
		} else {
			p.parts, p.others = h.g.partsOf(only), h.theirs(only, of, asked.open)
		}
		p.text = p.write(p.text[:0], out)
		p.parts, p.others = nil, nil
	}
	out.finish(p.text)
}

// theirs are the families of other gatherers with what they have of some profiles, as text.
func (h *handler) theirs(only []Profile, families []*dto.MetricFamily, open bool) []heading {
	format := bothFormats[side(open)]
	all, err := headings(of(only, families), format)
	h.written(format, err)
	return all
}

// counted are the families of other gatherers, as text and as they are, sorted by name. They are never modified.
func (h *handler) counted(open bool) ([]heading, []*dto.MetricFamily) {
	h.mu.Lock()
	defer h.mu.Unlock()
	is, format := &h.others[side(open)], bothFormats[side(open)]
	changes, now := uint64(0), h.g.now()
	if h.g.others.Changes != nil {
		changes = h.g.others.Changes()
		if is.changes == changes && now.Before(is.until) && !now.Before(is.until.Add(-othersRest)) {
			return is.all, is.of
		}
	}
	families, err := h.g.others.Registry.Gather()
	h.gathered(err)
	is.all, err = headings(families, format)
	h.written(format, err)
	is.of, is.changes, is.until = families, changes, now.Add(othersRest)
	return is.all, is.of
}

// encode writes the page in a format that few ask for.
func (h *handler) encode(buf []byte, format expfmt.Format, only []Profile, out outlet) []byte {
	families, err := h.g.gather(only)
	h.gathered(err)
	w := appender{buf}
	encoder := expfmt.NewEncoder(&w, format)
	for _, f := range families {
		if err := encoder.Encode(f); err != nil {
			h.written(format, err) // the other families are still served
		}
		w.buf = out.offer(w.buf)
	}
	if closer, ok := encoder.(expfmt.Closer); ok {
		_ = closer.Close()
	}
	return w.buf
}

func (h *handler) gathered(err error) {
	if err != nil {
		h.log.Error("metrics about the exporter itself not gathered in full", "err", err)
	}
}

func (h *handler) written(format expfmt.Format, err error) {
	if err != nil {
		h.log.Error("metrics not written in full", "format", string(format), "err", err)
	}
}

// headings encodes families. Every exposition format is a sequence of families, so
// each can be encoded by itself.
func headings(families []*dto.MetricFamily, format expfmt.Format) (all []heading, failed error) {
	var text bytes.Buffer
	encoder := expfmt.NewEncoder(&text, format)
	ends := make([]int, len(families))
	for i, f := range families {
		begin := text.Len()
		if err := encoder.Encode(f); err != nil {
			text.Truncate(begin) // the other families are still served
			failed = err
		}
		ends[i] = text.Len()
	}
	all = make([]heading, len(families))
	begin := 0
	for i, f := range families {
		all[i] = heading{name: f.GetName(), text: text.Bytes()[begin:ends[i]]}
		begin = ends[i]
	}
	return all, failed
}

// merge merges two sorted lists into one.
func merge(a, b []heading) []heading {
	all := make([]heading, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].name <= b[0].name {
			all, a = append(all, a[0]), a[1:]
		} else {
			all, b = append(all, b[0]), b[1:]
		}
	}
	return append(append(all, a...), b...)
}
