package prom

import (
	"slices"
	"strings"

	"withings-exporter/exporter"
)

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

// family is a gauge that profiles have.
type family struct {
	id     int // its place among families
	name   string
	begin  string // of its series: the name and a brace
	help   string
	metric *exporter.Metric // nil for one that is not in the catalogue
}

// families lists every gauge that profiles have, sorted by name: the order of a page.
var families = func() []*family {
	var all []*family
	for _, m := range exporter.Catalog() {
		all = append(all, &family{name: m.FullName(), help: m.Help, metric: m})
	}
	for _, m := range exporter.Own() {
		if !m.Counter && slices.Contains(m.Labels, "profile") {
			all = append(all, &family{name: exporter.Prefix + m.Name, help: m.Help})
		}
	}
	slices.SortFunc(all, func(a, b *family) int { return strings.Compare(a.name, b.name) })
	for id, f := range all {
		f.id, f.begin = id, f.name+"{"
	}
	return all
}()
