package prom

import (
	"bytes"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// processRest is how long what is known of the process is shown again.
const processRest = 5 * time.Second

// Process is what Go and the system know of this process: the metrics that begin with
// go_ and process_. Names, help and types are those of Prometheus' collectors, which are
// asked once. To ask them at every scrape would take many times as long as all the rest of a
// scrape; for a page of text the same numbers are read directly.
type Process struct {
	registry *prometheus.Registry
	now      func() time.Time

	mu    sync.Mutex   // guards what follows
	since time.Time    // when it was read; zero before the first time
	texts [2][]heading // nil where it has not been written since
	rows  []row        // nil when the collectors have one that is not known here
	vitals
}

// row is a family of the collectors.
type row struct {
	name   string
	begin  [2][]byte // of its text in either format, up to the value, or the whole text of one that does not change
	number func(*vitals) float64
	family func(*vitals) *dto.MetricFamily // in place of number for one that has more than a number
}

// NewProcess takes the time from the given clock.
func NewProcess(now func() time.Time) *Process {
	p := &Process{registry: prometheus.NewRegistry(), now: now}
	p.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return p
}

// families are asked from the collectors; none without a Process.
func (p *Process) families() []*dto.MetricFamily {
	if p == nil {
		return nil
	}
	all, _ := p.registry.Gather() // what the system does not tell is left out
	return all
}

// headings are the families as text; none without a Process.
func (p *Process) headings(open bool) []heading {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := p.now(); p.since.IsZero() || now.Sub(p.since) >= processRest || now.Before(p.since) {
		p.again()
		p.since = now
	}
	i := side(open)
	if p.texts[i] == nil {
		p.texts[i] = p.write(i)
	}
	return p.texts[i]
}

// side is the place of a format in a pair.
func side(open bool) int {
	if open {
		return 1
	}
	return 0
}

// bothFormats are the two that pages are written in.
var bothFormats = [2]expfmt.Format{expfmt.FmtText, expfmt.FmtOpenMetrics_1_0_0}

// again reads everything: directly, or from the collectors at first and when the system does not tell.
func (p *Process) again() {
	if p.rows != nil && p.vitals.read() {
		p.texts = [2][]heading{}
		return
	}
	families := p.families()
	for i, format := range bothFormats {
		p.texts[i], _ = headings(families, format) // the collectors have nothing that cannot be written
		for n := range p.texts[i] {
			p.texts[i][n].wild = true
		}
	}
	p.rows = p.known(families)
}

// known are the rows of the families; nil if one of them is not known.
func (p *Process) known(families []*dto.MetricFamily) []row {
	all := make([]row, len(families))
	for n, f := range families {
		is, ok := readers[f.GetName()]
		if !ok {
			return nil
		}
		is.name = f.GetName()
		for i := range p.texts {
			is.begin[i] = p.texts[i][n].text
			if is.number != nil {
				is.begin[i] = is.begin[i][:bytes.LastIndexByte(is.begin[i], ' ')+1]
			}
		}
		if is.family != nil {
			is.family = withHelp(is.family, f)
		}
		all[n] = is
	}
	return all
}

// withHelp completes a family by what the collector says of it.
func withHelp(family func(*vitals) *dto.MetricFamily, as *dto.MetricFamily) func(*vitals) *dto.MetricFamily {
	return func(v *vitals) *dto.MetricFamily {
		is := family(v)
		is.Name, is.Help, is.Type, is.Unit = as.Name, as.Help, as.Type, as.Unit
		return is
	}
}

// write writes what was read in one of both formats.
func (p *Process) write(format int) []heading {
	text := bytes.NewBuffer(make([]byte, 0, 12<<10)) // enough for all of them
	ends := make([]int, len(p.rows))
	for n := range p.rows {
		r := &p.rows[n]
		switch {
		case r.family != nil:
			_ = expfmt.NewEncoder(text, bothFormats[format]).Encode(r.family(&p.vitals))
		case r.number != nil:
			text.Write(r.begin[format])
			number := appendValue(text.AvailableBuffer(), r.number(&p.vitals))
			if format == side(true) && pointless(number) {
				number = append(number, ".0"...)
			}
			text.Write(append(number, '\n'))
		default:
			text.Write(r.begin[format])
		}
		ends[n] = text.Len()
	}
	all := make([]heading, len(p.rows))
	begin := 0
	for n, end := range ends {
		all[n] = heading{name: p.rows[n].name, text: text.Bytes()[begin:end], wild: true}
		begin = end
	}
	return all
}
