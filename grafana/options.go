package grafana

import (
	"fmt"
	"slices"
	"strings"

	"withings-exporter/exporter/hint"
)

// The kinds of data sources there are boards for, by Grafana's names.
const (
	Prometheus = "prometheus"
	InfluxDB   = "influxdb" // asked in InfluxQL, which 1.8, 2.x and 3.x understand
)

// Auto is the choice of those data sources that are known.
const Auto = "auto"

// Options are the choices of whoever installs the boards. The zero value is
// metric, ESC 2024 at home, weeks from Monday, boards for both data sources.
type Options struct {
	Units      string // metric, imperial or uk
	Scheme     string // classes of blood pressure: esc2024, esc2024-office, accaha or accaha-office
	WeekStart  string // monday or sunday
	Datasource string // prometheus, influxdb, both or auto

	// Exporter is the address by which a browser reaches the exporter, without a slash at
	// the end; empty for http://localhost:10054.
	Exporter string

	// Grafana is the address by which people open Grafana, for links in the alerts that Write
	// puts into files, without a slash at the end; empty for http://localhost:3000.
	Grafana string

	// Servers that Install makes data sources of, and that Write names in its files;
	// those without a URL are left to whoever runs Grafana.
	Prometheus, InfluxDB Server
}

// Server is a database as Grafana reaches it.
type Server struct {
	URL      string
	Database string // of InfluxDB; for 2.x the bucket
	User     string // of InfluxDB; may be empty for 2.x
	Password string // of InfluxDB; for 2.x the token
}

// user is the name that goes with the password. With a token InfluxDB 2 takes any,
// but without one Grafana sends no credentials at all, and every board is empty.
func (s Server) user() string {
	if s.User == "" && s.Password != "" {
		return anyUser
	}
	return s.User
}

const anyUser = "withings"

// String is the address alone.
func (s Server) String() string { return s.URL }

// GoString is the address alone.
func (s Server) GoString() string { return s.URL }

const both = "both"

// filled puts the defaults where nothing was said, and refuses what is unknown.
func (o Options) filled() (Options, error) {
	for _, choice := range []struct {
		name    string
		value   *string
		allowed []string
	}{
		{"units", &o.Units, []string{"metric", "imperial", "uk"}},
		{"scheme", &o.Scheme, []string{"esc2024", "esc2024-office", "accaha", "accaha-office"}},
		{"first day of the week", &o.WeekStart, []string{"monday", "sunday"}},
		{"data source", &o.Datasource, []string{both, Prometheus, InfluxDB, Auto}},
	} {
		if *choice.value == "" {
			*choice.value = choice.allowed[0]
		}
		if !slices.Contains(choice.allowed, *choice.value) {
			return o, hint.Wrap(fmt.Errorf("unknown %s %q", choice.name, *choice.value), "choose "+strings.Join(choice.allowed, ", "))
		}
	}
	return o, nil
}

// server is the one that a kind of data source asks.
func (o Options) server(kind string) Server {
	if kind == InfluxDB {
		return o.InfluxDB
	}
	return o.Prometheus
}

// Chosen settles Auto: it is those kinds of data sources whose server is named or that
// are there already, or both if neither is known.
func (o Options) Chosen(there ...string) Options {
	if o.Datasource != Auto {
		return o
	}
	o.Datasource = both
	known := slices.DeleteFunc(o.sources(), func(kind string) bool {
		return o.server(kind).URL == "" && !slices.Contains(there, kind)
	})
	if len(known) == 1 {
		o.Datasource = known[0]
	}
	return o
}

// sources lists the data sources that were chosen.
func (o Options) sources() []string {
	switch o.Datasource {
	case "", both:
		return []string{Prometheus, InfluxDB}
	case Auto:
		return o.Chosen().sources()
	}
	return []string{o.Datasource}
}

// Others lists the data sources that were not chosen.
func (o Options) Others() []string {
	mine := o.sources()
	return slices.DeleteFunc([]string{Prometheus, InfluxDB}, func(kind string) bool { return slices.Contains(mine, kind) })
}
