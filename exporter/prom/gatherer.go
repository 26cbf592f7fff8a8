package prom

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"withings-exporter/exporter"
)

// Profile is one profile as shown on /metrics.
type Profile struct {
	State       *exporter.State
	Status      *exporter.Status
	TokenExpiry func() (time.Time, bool) // of the access token; false when there is none
}

// Gatherer gathers the readings and the status of every profile, and the metrics
// of other gatherers.
type Gatherer struct {
	profiles func() []Profile
	now      func() time.Time
	others   prometheus.Gatherer

	mu       sync.Mutex // guards what follows
	blocks   map[string]*block
	families map[string]*dto.MetricFamily
	sorted   []*dto.MetricFamily
}

var _ prometheus.Gatherer = (*Gatherer)(nil)

// NewGatherer returns a Gatherer that asks the function for the profiles at each
// scrape and takes the time from the given clock. The families of the other
// gatherers must not have the names of readings.
func NewGatherer(profiles func() []Profile, others prometheus.Gatherer, now func() time.Time) *Gatherer {
	return &Gatherer{profiles: profiles, now: now, others: others,
		blocks: map[string]*block{}, families: map[string]*dto.MetricFamily{}}
}

// Gather implements prometheus.Gatherer; families are sorted by name.
func (g *Gatherer) Gather() ([]*dto.MetricFamily, error) {
	others, err := g.others.Gather()
	return merge(g.gather(), others), err
}

// gather refreshes the blocks of all profiles and rebuilds the families in which
// something changed.
func (g *Gatherer) gather() []*dto.MetricFamily {
	g.mu.Lock()
	defer g.mu.Unlock()
	changed := map[string]bool{}
	present := map[string]bool{}
	for _, p := range g.profiles() {
		name := p.State.Profile()
		present[name] = true
		b := g.blocks[name]
		if b == nil {
			b = newBlock(name)
			g.blocks[name] = b
		}
		b.update(p, g.now(), changed)
	}
	for name, b := range g.blocks {
		if !present[name] {
			delete(g.blocks, name)
			for family := range b.families {
				changed[family] = true
			}
		}
	}
	if len(changed) > 0 {
		g.rebuild(changed)
	}
	return g.sorted
}

// rebuild builds the named families from the blocks, profiles in order.
func (g *Gatherer) rebuild(changed map[string]bool) {
	names := make([]string, 0, len(g.blocks))
	for name := range g.blocks {
		names = append(names, name)
	}
	slices.Sort(names)
	for family := range changed {
		var metrics []*dto.Metric
		for _, name := range names {
			metrics = append(metrics, g.blocks[name].families[family]...)
		}
		if len(metrics) == 0 {
			delete(g.families, family)
			continue
		}
		d := descriptions[family]
		g.families[family] = &dto.MetricFamily{Name: &d.name, Help: &d.help, Type: dto.MetricType_GAUGE.Enum(), Metric: metrics}
	}
	g.sorted = make([]*dto.MetricFamily, 0, len(g.families))
	for _, f := range g.families {
		g.sorted = append(g.sorted, f)
	}
	slices.SortFunc(g.sorted, byName)
}

func byName(a, b *dto.MetricFamily) int { return strings.Compare(a.GetName(), b.GetName()) }

// merge merges two sorted lists of families into a new one.
func merge(a, b []*dto.MetricFamily) []*dto.MetricFamily {
	all := make([]*dto.MetricFamily, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if byName(a[0], b[0]) <= 0 {
			all, a = append(all, a[0]), a[1:]
		} else {
			all, b = append(all, b[0]), b[1:]
		}
	}
	return append(append(all, a...), b...)
}
