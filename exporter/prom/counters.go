package prom

import (
	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/exporter"
)

// Counters counts what the exporter does; it is an observer of the client.
type Counters struct {
	requests *prometheus.CounterVec
	limited  prometheus.Counter
	skipped  *prometheus.CounterVec
	points   *prometheus.CounterVec
}

// NewCounters registers the counters. Every given reason for skipping a reading
// and every result of a point for InfluxDB starts at 0.
func NewCounters(r prometheus.Registerer, reasons, results []string) *Counters {
	c := &Counters{
		requests: prometheus.NewCounterVec(opts("api_requests_total"), []string{"service", "status"}),
		limited:  prometheus.NewCounter(opts("rate_limited_total")),
		skipped:  prometheus.NewCounterVec(opts("skipped_readings_total"), []string{"reason"}),
		points:   prometheus.NewCounterVec(opts("influx_points_total"), []string{"result"}),
	}
	r.MustRegister(c.requests, c.limited, c.skipped, c.points)
	for _, result := range results {
		c.points.WithLabelValues(result)
	}
	for _, reason := range reasons {
		c.skipped.WithLabelValues(reason)
	}
	return c
}

func opts(name string) prometheus.CounterOpts {
	d := descriptions[exporter.Prefix+name]
	return prometheus.CounterOpts{Name: d.name, Help: d.help}
}

// Requested counts a request to Withings by its outcome.
func (c *Counters) Requested(service exporter.Service, status string) {
	c.requests.WithLabelValues(string(service), status).Inc()
}

// RateLimited counts an answer that reported too many requests.
func (c *Counters) RateLimited() { c.limited.Inc() }

// Skipped counts a reading that was skipped.
func (c *Counters) Skipped(reason string) { c.skipped.WithLabelValues(reason).Inc() }

// Points counts points for InfluxDB by their result.
func (c *Counters) Points(result string, n int) { c.points.WithLabelValues(result).Add(float64(n)) }
