package prom

import "withings-exporter/exporter"

// Names of the gauges that are not in the catalogue.
const (
	measuredName   = exporter.Prefix + "measured_timestamp_seconds"
	upName         = exporter.Prefix + "up"
	authorizedName = exporter.Prefix + "authorized"
	expiryName     = exporter.Prefix + "token_expiry_timestamp_seconds"
	lagName        = exporter.Prefix + "influx_lag_seconds"
	notifiedName   = exporter.Prefix + "notifications_active"
	successName    = exporter.Prefix + "last_success_timestamp_seconds"
)

type description struct{ name, help string }

// descriptions has the name and help of every gauge, by name.
var descriptions = func() map[string]*description {
	all := map[string]*description{}
	for _, m := range exporter.Catalog() {
		all[m.FullName()] = &description{m.FullName(), m.Help}
	}
	for _, m := range exporter.Own() {
		all[exporter.Prefix+m.Name] = &description{exporter.Prefix + m.Name, m.Help}
	}
	return all
}()
