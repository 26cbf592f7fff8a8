package bundle

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"withings-exporter/exporter"
)

// stateFile is what may be known of a state file, or of the file that remembers
// what InfluxDB has: both have services with a progress.
type stateFile struct {
	Version  int                         `json:"version"`
	Profile  string                      `json:"profile"`
	User     string                      `json:"user"`
	Catalog  string                      `json:"catalog"`
	Timezone string                      `json:"timezone"`
	Target   string                      `json:"target"`
	Services map[string]*json.RawMessage `json:"services"`
}

type stateService struct {
	exporter.Progress
	Records []stateRecord              `json:"records"`
	Covered exporter.Spans             `json:"covered"`
	Written map[string]json.RawMessage `json:"written"`
}

type stateRecord struct {
	ID       string    `json:"id"`
	Date     string    `json:"date"`
	End      time.Time `json:"end"`
	Readings []struct {
		Metric string   `json:"metric"`
		Labels []string `json:"labels"`
	} `json:"readings"`
}

// State tells how far each service of a state file has been read, and which
// metrics it has since when and until when; never a value.
func State(w io.Writer, data []byte, mask *Mask, now time.Time) {
	var f stateFile
	if problem := decode(data, &f); problem != "" {
		fmt.Fprintln(w, "  damaged:", problem)
		return
	}
	if f.User != "" && f.User != "demo account" {
		mask.ID("user", f.User)
	}
	fmt.Fprintf(w, "  version %d, of %s, %s, time zone %s, read by %s\n", f.Version,
		mask.Name("profile", f.Profile), whose(f.User, mask), zone(f.Timezone), catalogue(f.Catalog))
	for _, name := range slices.Sorted(maps.Keys(f.Services)) {
		service := serviceName(name)
		if f.Services[name] == nil {
			fmt.Fprintf(w, "  %s: nothing\n", service)
			continue
		}
		var s stateService
		if problem := decode(*f.Services[name], &s); problem != "" {
			fmt.Fprintf(w, "  %s: damaged: %s\n", service, problem)
			continue
		}
		s.tell(w, service, mask, now)
	}
}

func whose(user string, mask *Mask) string {
	switch user {
	case "":
		return "of nobody yet"
	case "demo account":
		return "Withings' demo account"
	}
	return mask.ID("user", user)
}

// serviceName is the name of a service that the exporter has.
func serviceName(name string) string {
	if slices.Contains(exporter.Services(), exporter.Service(name)) {
		return name
	}
	return "[unknown service]"
}

func catalogue(id string) string {
	switch id {
	case "":
		return "no catalogue"
	case exporter.CatalogID():
		return "the catalogue of this version"
	}
	return "the catalogue of another version"
}

// zone is a time zone if it is one.
func zone(name string) string {
	if name == "" {
		return "not known"
	}
	if _, err := time.LoadLocation(name); err != nil {
		return "[unknown to this machine]"
	}
	return name
}

// tell writes cursors and metrics of a service.
func (s *stateService) tell(w io.Writer, service string, mask *Mask, now time.Time) {
	progress := s.Progress
	fmt.Fprintf(w, "  %s: %d records, last success %s\n", service, len(s.Records), when(progress.Success, now))
	fmt.Fprintf(w, "    cursors: changes until %s, window read again %s, past read back to %s, past complete %t\n",
		when(progress.Updated, now), when(progress.Reread, now), when(progress.Back, now), progress.Done)
	if len(s.Covered) > 0 || len(s.Written) > 0 {
		fmt.Fprintf(w, "    written: %d records of the last weeks; safe:", len(s.Written))
		for _, span := range s.Covered {
			fmt.Fprintf(w, " %s to %s", span.From.UTC().Format(time.DateOnly), span.To.UTC().Format(time.DateOnly))
		}
		fmt.Fprintln(w)
	}
	if service == string(exporter.Device) {
		for _, r := range s.Records {
			fmt.Fprintf(w, "    %s, seen %s\n", mask.ID("device", r.ID), when(r.End, now))
			hideDevice(r, mask)
		}
	}
	for _, row := range s.metrics() {
		fmt.Fprintln(w, "    "+row)
	}
}

var hashLike = regexp.MustCompile(`^[0-9a-fA-F]{20,}$`)

// hideDevice hides what a device's labels may tell, its hash for one.
func hideDevice(r stateRecord, mask *Mask) {
	for _, reading := range r.Readings {
		for _, label := range reading.Labels {
			if hashLike.MatchString(label) || label == r.ID {
				mask.ID("device", label)
			}
		}
	}
}

// metrics lists what there is of each metric.
func (s *stateService) metrics() []string {
	type seen struct {
		count          int
		oldest, newest time.Time
		series         map[string]bool
	}
	all := map[string]*seen{}
	for _, r := range s.Records {
		for _, reading := range r.Readings {
			name := "[unknown metric]"
			if exporter.ByName(reading.Metric) != nil {
				name = reading.Metric
			}
			m := all[name]
			if m == nil {
				m = &seen{oldest: r.End, newest: r.End, series: map[string]bool{}}
				all[name] = m
			}
			m.count++
			m.series[strings.Join(reading.Labels, "\x00")] = true
			if r.End.Before(m.oldest) {
				m.oldest = r.End
			}
			if r.End.After(m.newest) {
				m.newest = r.End
			}
		}
	}
	var rows []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		m := all[name]
		rows = append(rows, fmt.Sprintf("%-44s %4d readings, %d series, %s to %s", name, m.count, len(m.series),
			m.oldest.UTC().Format(time.RFC3339), m.newest.UTC().Format(time.RFC3339)))
	}
	return rows
}
