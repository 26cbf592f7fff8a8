package prom

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"withings-exporter/exporter"
)

// Counters counts what the exporter does; it is an observer of the client.
type Counters struct {
	changes  atomic.Uint64
	requests *prometheus.CounterVec
	limited  prometheus.Counter
	skipped  *prometheus.CounterVec
	points   *prometheus.CounterVec
	notified *prometheus.CounterVec
	refused  *prometheus.CounterVec
	readOK   prometheus.Gauge // whether the configuration was last read without an error
	readAt   prometheus.Gauge // when it last was
}

// Starts are label values whose counters start at 0.
type Starts struct {
	Skipped []string // reasons for skipping a reading
	Points  []string // results of a point for InfluxDB
	Refused []string // reasons for refusing a notification
}

// NewCounters registers the counters.
func NewCounters(r prometheus.Registerer, start Starts) *Counters {
	c := &Counters{
		requests: prometheus.NewCounterVec(opts("api_requests_total"), []string{"service", "status"}),
		limited:  prometheus.NewCounter(opts("rate_limited_total")),
		skipped:  prometheus.NewCounterVec(opts("skipped_readings_total"), []string{"reason"}),
		points:   prometheus.NewCounterVec(opts("influx_points_total"), []string{"result"}),
		notified: prometheus.NewCounterVec(opts("notifications_total"), []string{"profile", "category"}),
		refused:  prometheus.NewCounterVec(opts("notifications_refused_total"), []string{"reason"}),
		readOK:   prometheus.NewGauge(prometheus.GaugeOpts(opts("exporter_config_last_reload_successful"))),
		readAt:   prometheus.NewGauge(prometheus.GaugeOpts(opts("exporter_config_last_reload_success_timestamp_seconds"))),
	}
	r.MustRegister(c.requests, c.limited, c.skipped, c.points, c.notified, c.refused, c.readOK, c.readAt)
	for counter, values := range map[*prometheus.CounterVec][]string{c.skipped: start.Skipped, c.points: start.Points, c.refused: start.Refused} {
		for _, value := range values {
			counter.WithLabelValues(value)
		}
	}
	return c
}

func opts(name string) prometheus.CounterOpts {
	for _, m := range exporter.Own() {
		if m.Name == name {
			return prometheus.CounterOpts{Name: exporter.Prefix + name, Help: m.Help}
		}
	}
	panic("exporter.Own has no " + name)
}

// Changes is how often something was counted, so that others know whether the counters have changed.
func (c *Counters) Changes() uint64 { return c.changes.Load() }

// Requested counts a request to Withings by its outcome.
func (c *Counters) Requested(service exporter.Service, status string) {
	c.requests.WithLabelValues(string(service), status).Inc()
	c.changes.Add(1)
}

// RateLimited counts an answer that reported too many requests.
func (c *Counters) RateLimited() {
	c.limited.Inc()
	c.changes.Add(1)
}

// Skipped counts a reading that was skipped.
func (c *Counters) Skipped(reason string) {
	c.skipped.WithLabelValues(reason).Inc()
	c.changes.Add(1)
}

// Points counts points for InfluxDB by their result.
func (c *Counters) Points(result string, n int) {
	c.points.WithLabelValues(result).Add(float64(n))
	c.changes.Add(1)
}

// Notified counts a notification that was accepted, by Withings' number of its category.
func (c *Counters) Notified(profile string, category int) {
	c.notified.WithLabelValues(profile, strconv.Itoa(category)).Inc()
	c.changes.Add(1)
}

// NotificationRefused counts a notification that was refused.
func (c *Counters) NotificationRefused(reason string) {
	c.refused.WithLabelValues(reason).Inc()
	c.changes.Add(1)
}

// Forget drops what was counted of a profile.
func (c *Counters) Forget(profile string) {
	c.notified.DeletePartialMatch(prometheus.Labels{"profile": profile})
	c.changes.Add(1)
}

// Configured notes that the configuration was read at a time, at the start or since.
func (c *Counters) Configured(at time.Time) {
	c.readOK.Set(1)
	c.readAt.Set(float64(at.UnixMilli()) / 1000)
	c.changes.Add(1)
}

// NotConfigured notes that the configuration could not be read again.
func (c *Counters) NotConfigured() {
	c.readOK.Set(0)
	c.changes.Add(1)
}
