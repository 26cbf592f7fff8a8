package prom

import (
	"slices"
	"time"

	dto "github.com/prometheus/client_model/go"

	"withings-exporter/exporter"
)

// status is one of the gauges about a profile's polls; service is "" for a gauge
// that is not about one service.
type status struct {
	family  string
	service exporter.Service
	value   float64
}

// updateStatus compares the gauges about the profile with those of the last scrape.
func (b *block) updateStatus(p Profile, changed map[string]bool) {
	now := statuses(p)
	if slices.Equal(now, b.statuses) {
		return
	}
	families := map[string][]*dto.Metric{upName: nil, authorizedName: nil, expiryName: nil, lagName: nil, notifiedName: nil, successName: nil}
	for _, s := range now {
		labels := []*dto.LabelPair{pair("profile", b.profile)}
		if s.service != "" {
			labels = append(labels, pair("service", string(s.service)))
		}
		families[s.family] = append(families[s.family], gauge(s.value, labels))
	}
	for family, metrics := range families {
		b.set(family, metrics, changed)
	}
	b.statuses = now
}

func statuses(p Profile) []status {
	is := p.Status.Condition()
	all := []status{{family: authorizedName, value: truth(is.Denied == "")}}
	if is.Known() {
		all = append(all, status{family: upName, value: truth(is.Up)})
	}
	if expiry, ok := p.TokenExpiry(); ok {
		all = append(all, status{family: expiryName, value: unix(expiry)})
	}
	if is.Sink != nil {
		all = append(all, status{family: lagName, value: is.Sink.Lag(is.Polled).Seconds()})
	}
	if is.Notified.Configured {
		all = append(all, status{family: notifiedName, value: truth(is.Notified.Active)})
	}
	for _, service := range exporter.Services() {
		if success := p.State.Progress(service).Success; !success.IsZero() && is.Reads(service) {
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
