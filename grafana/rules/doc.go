// Package rules describes the alerts and recording rules, each once:
//
//	alert ─┬─► withings.alerts.yaml, withings.health.yaml     Prometheus
//	       ├─► mixin.libsonnet, with every threshold in _config
//	       └─► provisioning/alerting/withings-influxdb.yaml   Grafana, asking InfluxDB
//
// An expression is written with the names of settings in it, as in
// "> %(staleHours)s * 3600". jsonnet puts _config there, and the plain files have the
// defaults.
//
// One cause is one alert: each says what it is about and which alerts explain it, and
// is quiet while the condition of one of those is met for the same person, device or
// exporter. The conditions count for that, not the alerts, which may have to hold
// for a while: nothing fires for minutes until its cause does.
//
// The program does not contain this package, as it does not contain package boards: it
// is run by the tests of package grafana, which keeps what it makes.
package rules
