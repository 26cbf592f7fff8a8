package prom

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// processRest is how long what is known of the process is shown again. Reading it takes longer than
// a whole page of three people, and no scraper needs it more often.
const processRest = 5 * time.Second

// Process is what Go and the system know of this process: the metrics that begin with
// go_ and process_.
type Process struct {
	registry *prometheus.Registry
	now      func() time.Time

	mu       sync.Mutex // guards what follows
	read     time.Time
	families []*dto.MetricFamily
	texts    map[expfmt.Format][]heading
}

// NewProcess takes the time from the given clock.
func NewProcess(now func() time.Time) *Process {
	p := &Process{registry: prometheus.NewRegistry(), now: now}
	p.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return p
}

// Families are what is known, sorted by name; none without a Process. They are not to be modified.
func (p *Process) Families() []*dto.MetricFamily {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gather()
}

// gather is Families with the mutex held.
func (p *Process) gather() []*dto.MetricFamily {
	if now := p.now(); p.read.IsZero() || now.Sub(p.read) >= processRest || now.Before(p.read) {
		p.families, _ = p.registry.Gather() // what the system does not tell is left out
		p.read, p.texts = now, map[expfmt.Format][]heading{}
	}
	return p.families
}

// headings are the families as text.
func (p *Process) headings(asked ask) []heading {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	families := p.gather()
	all, ok := p.texts[asked.format]
	if !ok {
		all, _ = headings(families, asked.format) // Go's collectors have nothing that cannot be written
		for i := range all {
			all[i].wild = true
		}
		p.texts[asked.format] = all
	}
	return all
}
