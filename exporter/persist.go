package exporter

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"withings-exporter/exporter/hint"
)

// stateVersion is the version of a saved state; a higher one was written by a newer
// exporter and is rejected.
const stateVersion = 1

type stateJSON struct {
	stateHead
	Services map[Service]*serviceJSON `json:"services"`
	stateTail
}

type stateHead struct {
	Version  int    `json:"version"`
	Profile  string `json:"profile"`
	User     string `json:"user,omitempty"`
	Catalog  string `json:"catalog"` // which table the records were decoded by
	Timezone string `json:"timezone,omitempty"`
}

type stateTail struct {
	Learned learned `json:"learned,omitzero"`
}

type serviceJSON struct {
	Progress
	Records []recordJSON `json:"records,omitempty"`
}

type recordJSON struct {
	ID       string        `json:"id"`
	Date     string        `json:"date,omitempty"`
	Start    time.Time     `json:"start"`
	End      time.Time     `json:"end"`
	Modified time.Time     `json:"modified,omitzero"`
	Readings []readingJSON `json:"readings"`
	Damaged  bool          `json:"damaged,omitempty"`
	Zone     string        `json:"zone,omitempty"` // where a night began, for the midnight of its date
}

type readingJSON struct {
	Metric string   `json:"metric"`
	Labels []string `json:"labels,omitempty"`
	Value  Decimal  `json:"value"`
}

// reading finds the row of a saved reading; false when the catalogue has none that
// fits.
func (w *readingJSON) reading(service Service) (Reading, bool) {
	m := ByName(w.Metric)
	if m == nil || m.Service != service || len(w.Labels) > len(m.Labels) {
		return Reading{}, false
	}
	return Reading{Metric: m, Labels: LabelValues(w.Labels...), Value: w.Value}, true
}

// Restore fills a new state with what MarshalJSON wrote for the same profile; after
// an error it is unchanged. If the catalogue has changed since, the records stay
// and everything is read again, so that new rows get their past.
func (s *State) Restore(data []byte) error {
	var w stateJSON
	err := json.Unmarshal(data, &w)
	switch {
	case w.Version > stateVersion: // also where the rest has another form
		return hint.Newer(w.Version, stateVersion)
	case err != nil:
		return fmt.Errorf("not a state file: %w", err)
	case w.Version < 1:
		return errors.New("not a state file: it has no version")
	}
	if w.Profile != s.profile {
		return fmt.Errorf("the state file is of profile %q, not of %q", w.Profile, s.profile)
	}
	services := map[Service]*serviceState{}
	for _, name := range Services() {
		held, err := restored(name, w.Services[name], w.Catalog == CatalogID())
		if err != nil {
			return fmt.Errorf("service %s: %w", name, err)
		}
		services[name] = held
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.services = services
	s.timezone, s.zone = "", time.UTC
	if zone := zoneNamed(w.Timezone); zone != nil {
		s.timezone, s.zone = w.Timezone, zone
	}
	s.user, s.learned = w.User, w.Learned.restored()
	s.version++
	return nil
}

// restored reads the saved state of a service, which may be nil. Its progress
// counts only if the catalogue is the same and has a row for every reading.
func restored(service Service, in *serviceJSON, sameCatalog bool) (*serviceState, error) {
	held, row := &serviceState{}, service.Row()
	if in == nil {
		return held, nil
	}
	whole := sameCatalog
	var records []Record
	for _, rec := range in.Records {
		r, known, err := rec.record(service)
		if err != nil {
			return nil, fmt.Errorf("record %q: %w", rec.ID, err)
		}
		whole = whole && known
		if !sameCatalog && row.relayed && r.ID == r.Date {
			r.ID += Relayed // an earlier version of the exporter may have saved a relayed row with that id
		}
		if !r.void() {
			records = append(records, r)
		}
	}
	held.held = packed(row.keep(records))
	held.progress = Progress{Success: in.Success, Checked: in.Checked}
	if whole || row.Minutes { // whose past is read only on request
		held.progress = in.Progress
		held.progress.Wanted = Spans(nil).AddAll(in.Wanted) // in order, whatever the file has
	}
	return held, nil
}

// record reads a saved record; whole is false when the catalogue no longer has
// a row for one of its readings.
func (w *recordJSON) record(service Service) (r Record, whole bool, err error) {
	r = Record{Service: service, ID: w.ID, Date: w.Date, Start: w.Start.UTC(), End: w.End.UTC(), Modified: w.Modified.UTC(), Damaged: w.Damaged}
	for _, t := range []time.Time{r.Start, r.End, r.Modified} {
		if t.Year() < 0 || t.Year() > 9999 { // could not be saved again
			return r, false, fmt.Errorf("its time %s is out of range", t)
		}
	}
	if zone := zoneNamed(w.Zone); zone != nil {
		r.Start = r.Start.In(zone)
	}
	whole = true
	for i := range w.Readings {
		reading, known := w.Readings[i].reading(service)
		if !known {
			whole = false
			continue
		}
		r.Readings = append(r.Readings, reading)
	}
	return r, whole, nil
}

// zones keeps the time zones that records and people name, since looking one up reads a file and takes some kilobytes.
var zones sync.Map

// zoneNamed is a time zone by name; nil for an unknown name.
func zoneNamed(name string) *time.Location {
	if name == "" {
		return nil
	}
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	zones.Store(name, zone)
	return zone
}

// CatalogID identifies the catalogue: when a row would decode differently, the id
// changes and everything is read again.
func CatalogID() string { return catalogID() }

var catalogID = sync.OnceValue(func() string {
	h := fnv.New64a()
	for _, m := range Catalog() {
		fmt.Fprintln(h, m.Name, m.Service, m.Key, m.Power, m.Factor, m.Present, m.Labels, m.States)
	}
	return fmt.Sprintf("%016x", h.Sum64())
})
