package prom

import (
	"slices"
	"strings"
	"time"

	"withings-exporter/exporter"
)

// label is a label of a series.
type label struct{ name, value string }

// status is one of the gauges about a profile's polls; service is "" for a gauge
// that is not about one service.
type status struct {
	family  string
	service exporter.Service
	value   float64
}

// walk calls each with every series of a profile in the order of a page: by family,
// and in a family as in the samples, which are those of a snapshot. The labels are
// sorted by name and valid during the call.
func walk(p Profile, samples []exporter.Sample, each func(f *family, labels []label, value float64)) {
	profile, polls, rest := p.State.Profile(), statuses(p), samples
	var labels []label
	for _, f := range families {
		switch {
		case f.metric != nil:
			for ; len(rest) > 0 && rest[0].Metric == f.metric; rest = rest[1:] {
				labels = sampleLabels(labels[:0], profile, &rest[0])
				each(f, labels, rest[0].Value.Float())
			}
		case f.name == measuredName:
			for i := range samples {
				if s := &samples[i]; !s.Measured.IsZero() {
					labels = sampleLabels(append(labels[:0], label{"metric", s.Metric.Name}), profile, s)
					each(f, labels, float64(s.Measured.Unix()))
				}
			}
		default:
			for _, s := range polls {
				if s.family == f.name {
					labels = append(labels[:0], label{"profile", profile}, label{"service", string(s.service)})
					each(f, withValue(labels), s.value)
				}
			}
		}
	}
}

// sampleLabels adds the labels of a sample, and sorts all by name.
func sampleLabels(labels []label, profile string, s *exporter.Sample) []label {
	labels = append(labels, label{"profile", profile})
	for i, value := range s.Labels.Values() {
		if i < len(s.Metric.Labels) {
			labels = append(labels, label{s.Metric.Labels[i], value})
		}
	}
	slices.SortFunc(labels, func(a, b label) int { return strings.Compare(a.name, b.name) })
	return withValue(labels)
}

// withValue drops the labels without a value.
func withValue(labels []label) []label {
	return slices.DeleteFunc(labels, func(l label) bool { return l.value == "" })
}

// statuses are the gauges about a profile's polls.
func statuses(p Profile) []status {
	is := p.Status.Condition()
	expiry, has := p.TokenExpiry()
	all := []status{{family: authorizedName, value: truth(is.Denied == "" || is.Blocked && has)}}
	if is.Known() {
		all = append(all, status{family: upName, value: truth(is.Up)})
	}
	if has {
		all = append(all, status{family: expiryName, value: unix(expiry)})
	}
	if is.Sink != nil {
		all = append(all, status{family: lagName, value: is.Sink.Lag(is.Polled).Seconds()})
	}
	if is.Notified.Configured {
		all = append(all, status{family: notifiedName, value: truth(is.Notified.Active)})
	}
	for _, service := range exporter.Services() {
		if success := p.State.AsOf(service); !success.IsZero() && is.Reads(service) {
			all = append(all, status{family: successName, service: service, value: unix(success)})
		}
	}
	return all
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
