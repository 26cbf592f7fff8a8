package prom

import (
	"slices"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"

	"withings-exporter/exporter"
)

// block is one profile's part of every family, ready for a scrape.
type block struct {
	profile  string
	families map[string][]*dto.Metric

	state    *exporter.State   // the samples come from it …
	version  uint64            // … at this version
	until    time.Time         // after this the same state has to be shown differently
	samples  []exporter.Sample // sorted by metric
	statuses []status
}

func newBlock(profile string) *block {
	return &block{profile: profile, families: map[string][]*dto.Metric{}}
}

// update refreshes the block and returns the names of the families that changed.
func (b *block) update(p Profile, now time.Time, changed map[string]bool) {
	b.updateStatus(p, changed)
	if b.state == p.State && b.version == p.State.Version() && now.Before(b.until) {
		return
	}
	shot := p.State.Snapshot(now)
	b.updateReadings(shot.Samples, changed)
	b.state, b.version, b.until, b.samples = p.State, shot.Version, shot.Until, shot.Samples
}

// updateReadings compares the old and the new samples metric by metric.
func (b *block) updateReadings(next []exporter.Sample, changed map[string]bool) {
	old, all, moved := b.samples, next, false
	for len(old) > 0 || len(next) > 0 {
		m := first(old, next)
		was, is := leading(old, m), leading(next, m)
		if !slices.EqualFunc(was, is, sameValue) {
			b.set(m.FullName(), b.metrics(is), changed)
		}
		moved = moved || !slices.EqualFunc(was, is, sameMoment)
		old, next = old[len(was):], next[len(is):]
	}
	if moved {
		b.set(measuredName, b.measured(all), changed)
	}
}

// set replaces the profile's part of a family.
func (b *block) set(family string, metrics []*dto.Metric, changed map[string]bool) {
	changed[family] = true
	if len(metrics) == 0 {
		delete(b.families, family)
		return
	}
	b.families[family] = metrics
}

// first returns the metric that comes first in two sorted lists.
func first(a, b []exporter.Sample) *exporter.Metric {
	if len(b) == 0 || len(a) > 0 && a[0].Metric.Name <= b[0].Metric.Name {
		return a[0].Metric
	}
	return b[0].Metric
}

// leading returns the samples at the start of a sorted list that belong to one metric.
func leading(samples []exporter.Sample, m *exporter.Metric) []exporter.Sample {
	for i := range samples {
		if samples[i].Metric != m {
			return samples[:i]
		}
	}
	return samples
}

func sameValue(a, b exporter.Sample) bool { return a.Labels == b.Labels && a.Value == b.Value }

func sameMoment(a, b exporter.Sample) bool {
	return a.Labels == b.Labels && a.Measured.Equal(b.Measured)
}

// metrics returns the series of one metric.
func (b *block) metrics(samples []exporter.Sample) []*dto.Metric {
	all := make([]*dto.Metric, len(samples))
	for i, s := range samples {
		all[i] = gauge(s.Value.Float(), b.labels(s))
	}
	return all
}

// measured returns the series with the time of each reading.
func (b *block) measured(samples []exporter.Sample) []*dto.Metric {
	all := make([]*dto.Metric, 0, len(samples))
	for _, s := range samples {
		if !s.Measured.IsZero() {
			all = append(all, gauge(float64(s.Measured.Unix()), b.labels(s, pair("metric", s.Metric.Name))))
		}
	}
	return all
}

// labels returns the profile label and the metric's own labels that have a value,
// sorted by name.
func (b *block) labels(s exporter.Sample, more ...*dto.LabelPair) []*dto.LabelPair {
	pairs := append(make([]*dto.LabelPair, 0, len(more)+1+len(s.Metric.Labels)), more...)
	pairs = append(pairs, pair("profile", b.profile))
	for i, value := range s.Labels.Values() {
		if value != "" && i < len(s.Metric.Labels) {
			pairs = append(pairs, pair(s.Metric.Labels[i], value))
		}
	}
	slices.SortFunc(pairs, func(a, b *dto.LabelPair) int { return strings.Compare(a.GetName(), b.GetName()) })
	return pairs
}

func pair(name, value string) *dto.LabelPair { return &dto.LabelPair{Name: &name, Value: &value} }

func gauge(value float64, labels []*dto.LabelPair) *dto.Metric {
	return &dto.Metric{Label: labels, Gauge: &dto.Gauge{Value: &value}}
}
