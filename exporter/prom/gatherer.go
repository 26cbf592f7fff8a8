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
	others   Others

	mu     sync.Mutex // guards people
	people people
}

var _ prometheus.Gatherer = (*Gatherer)(nil)

// Others are the metrics that are not of profiles.
type Others struct {
	Registry prometheus.Gatherer // its families must not have the names of readings
	Changes  func() uint64       // changes when those of the registry do; nil: they are gathered at each scrape
	Process  *Process            // nil: nothing is told of it
}

// NewGatherer returns a Gatherer that asks the function for the profiles at each
// scrape and takes the time from the given clock.
func NewGatherer(profiles func() []Profile, others Others, now func() time.Time) *Gatherer {
	return &Gatherer{profiles: profiles, now: now, others: others, people: people{all: map[string]*entry{}}}
}

// parts are those of all profiles at this moment.
func (g *Gatherer) parts() []part {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.people.update(g.profiles(), g.now())
}

// Gather implements prometheus.Gatherer; families are sorted by name. It builds
// everything again, which takes many times as long as a page of text does.
func (g *Gatherer) Gather() ([]*dto.MetricFamily, error) { return g.gather(nil) }

// gather is Gather, of some profiles alone if they are given.
func (g *Gatherer) gather(only []Profile) ([]*dto.MetricFamily, error) {
	others, err := g.others.Registry.Gather()
	var all []*dto.MetricFamily
	if only == nil {
		all = slices.Concat(readings(slices.Clone(g.profiles()), g.now()), others, g.others.Process.families())
	} else {
		all = slices.Concat(readings(only, g.now()), of(only, others))
	}
	slices.SortStableFunc(all, byName)
	return all, err
}

func byName(a, b *dto.MetricFamily) int { return strings.Compare(a.GetName(), b.GetName()) }

// readings are the families of profiles, which it sorts.
func readings(profiles []Profile, now time.Time) []*dto.MetricFamily {
	slices.SortFunc(profiles, func(a, b Profile) int { return strings.Compare(a.State.Profile(), b.State.Profile()) })
	metrics := make([][]*dto.Metric, len(families))
	for _, p := range profiles {
		walk(p, p.State.Snapshot(now).Samples, func(f *family, labels []label, value float64) {
			m := &dto.Metric{Gauge: &dto.Gauge{Value: &value}}
			for _, l := range labels {
				m.Label = append(m.Label, &dto.LabelPair{Name: &l.name, Value: &l.value})
			}
			metrics[f.id] = append(metrics[f.id], m)
		})
	}
	var all []*dto.MetricFamily
	for _, f := range families {
		if len(metrics[f.id]) > 0 {
			all = append(all, &dto.MetricFamily{Name: &f.name, Help: &f.help, Type: dto.MetricType_GAUGE.Enum(), Metric: metrics[f.id]})
		}
	}
	return all
}
