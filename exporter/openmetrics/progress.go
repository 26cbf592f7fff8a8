package openmetrics

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"withings-exporter/exporter"
)

const (
	// ledgerVersion is the version key of a progress file; a reader refuses a
	// higher one, which a newer exporter wrote.
	ledgerVersion = 1
	// maxLedger is the largest progress file that is read, in bytes.
	maxLedger = 16 << 20
)

// ledger is the progress file of a spool.
type ledger struct {
	Version  int                        `json:"version"`
	Profile  string                     `json:"profile"`
	User     string                     `json:"user,omitempty"`
	Catalog  string                     `json:"catalog"` // which table the records were decoded by
	Length   int64                      `json:"length"`  // bytes of records that the progress speaks of
	Services map[exporter.Service]reach `json:"services"`
}

// reach is how far a service is safe.
type reach struct {
	exporter.Progress
	Covered exporter.Spans `json:"covered,omitempty"`
}

func newLedger(profile string) ledger {
	return ledger{
		Version: ledgerVersion, Profile: profile, Catalog: exporter.CatalogID(),
		Services: map[exporter.Service]reach{},
	}
}

// parseLedger reads the progress file of a profile.
func parseLedger(data []byte, profile string) (ledger, error) {
	var l ledger
	if err := json.Unmarshal(data, &l); err != nil {
		return l, fmt.Errorf("not a progress file: %w", err)
	}
	if l.Version < 1 || l.Version > ledgerVersion {
		return l, fmt.Errorf("version %d of the progress file is not known to this exporter (it knows 1 to %d)", l.Version, ledgerVersion)
	}
	if l.Profile != profile {
		return l, fmt.Errorf("it is the progress of profile %q, not of %q", l.Profile, profile)
	}
	if l.Length < 0 {
		return l, errors.New("not a progress file: its length is negative")
	}
	if l.Services == nil {
		l.Services = map[exporter.Service]reach{}
	}
	return l, nil
}

// with returns a ledger in which the reach of a service is another one.
func (l ledger) with(service exporter.Service, change func(*reach)) ledger {
	l.Services = maps.Clone(l.Services)
	r := l.Services[service]
	change(&r)
	l.Services[service] = r
	return l
}
