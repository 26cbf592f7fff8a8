package bundle

import (
	"encoding/json"
	"regexp"
	"slices"
	"sync"
	"time"

	"withings-exporter/exporter"
)

// Token is what a bundle contains about a token file. It is decoded from the file;
// anything without a field here stays out.
type Token struct {
	Version     int       `json:"version"`
	Profile     string    `json:"profile"`
	Application string    `json:"client_id"`
	User        string    `json:"user_id,omitempty"`
	Scope       string    `json:"scope"` // "[other]" for one that the exporter does not ask for
	Access      hidden    `json:"access_token,omitempty"`
	Refresh     hidden    `json:"refresh_token,omitempty"`
	Issued      time.Time `json:"issued,omitzero"`
	Expiry      time.Time `json:"expiry,omitzero"`
	Previous    struct {
		Access  hidden `json:"access_token,omitempty"`
		Refresh hidden `json:"refresh_token,omitempty"`
	} `json:"previous"`
}

// hidden is a secret; it is encoded as a placeholder.
type hidden string

// MarshalJSON only says that there is a secret.
func (hidden) MarshalJSON() ([]byte, error) { return []byte(`"[secret]"`), nil }

var (
	scopes = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^, ]+`) })
	scope  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^user\.(info|metrics|activity|sleepevents)$`) })
)

// token describes a token file; the hider learns its secrets.
func token(data []byte, h *Hider) (*Token, string) {
	var t Token
	if problem := decode(data, &t); problem != "" {
		return nil, problem
	}
	for _, secret := range []hidden{t.Access, t.Refresh, t.Previous.Access, t.Previous.Refresh} {
		h.Secret(string(secret))
	}
	t.Profile, t.Application, t.User = h.Name("profile", t.Profile), h.Application(t.Application), h.Name("user", t.User)
	t.Scope = scopes().ReplaceAllStringFunc(t.Scope, func(s string) string {
		if scope().MatchString(s) {
			return s
		}
		return "[other]"
	})
	return &t, ""
}

// Notify is what a bundle contains about the file with the secret address for notifications.
type Notify struct {
	Version int    `json:"version"`
	Profile string `json:"profile"`
	User    string `json:"user,omitempty"`
	Secret  hidden `json:"secret,omitempty"`
}

// notify describes such a file; the hider learns its secret.
func notify(data []byte, h *Hider) (*Notify, string) {
	var n Notify
	if problem := decode(data, &n); problem != "" {
		return nil, problem
	}
	h.Secret(string(n.Secret))
	n.Profile, n.User = h.Name("profile", n.Profile), h.Name("user", n.User)
	return &n, ""
}

// State is what a bundle contains about a state file, or of one that remembers what is
// safe elsewhere: both have services with a progress. It is decoded from the file.
type State struct {
	Version  int                 `json:"version"`
	Profile  string              `json:"profile"`
	User     string              `json:"user,omitempty"`
	Timezone string              `json:"timezone,omitempty"`
	Catalog  string              `json:"catalog"`
	Services map[string]*Service `json:"services"`
}

// Service is what a bundle contains about one service in such a file.
type Service struct {
	exporter.Progress
	Records []record           `json:"records,omitempty"` // as they are decoded; only counted
	Count   int                `json:"record_count,omitempty"`
	Metrics map[string]*Metric `json:"metrics,omitempty"`
	Covered exporter.Spans     `json:"covered,omitempty"`
	Open    exporter.Spans     `json:"open,omitempty"`
	Written count              `json:"written,omitempty"`
	Pending count              `json:"pending,omitempty"`
	Refused count              `json:"refused,omitempty"`
}

// record is what is read of a record in a state file.
type record struct {
	End      time.Time `json:"end"`
	Readings []struct {
		Metric string `json:"metric"`
	} `json:"readings"`
}

// Metric is what a bundle contains about the readings of one metric: never a value.
type Metric struct {
	Readings int       `json:"readings"`
	Oldest   time.Time `json:"oldest"`
	Newest   time.Time `json:"newest"`
}

// count is the number of elements of a list or map.
type count int

// UnmarshalJSON counts the elements.
func (c *count) UnmarshalJSON(data []byte) error {
	var list []json.RawMessage
	var byKey map[string]json.RawMessage
	err := json.Unmarshal(data, &list)
	if err != nil {
		err = json.Unmarshal(data, &byKey)
	}
	*c = count(len(list) + len(byKey))
	return err
}

// state describes a state file, or the ledger of InfluxDB or of a history file.
func state(data []byte, h *Hider) (*State, string) {
	var s State
	if problem := decode(data, &s); problem != "" {
		return nil, problem
	}
	s.Profile, s.Timezone = h.Name("profile", s.Profile), zone(s.Timezone)
	if s.User != "demo account" {
		s.User = h.Name("user", s.User)
	}
	if s.Catalog != exporter.CatalogID() {
		s.Catalog = "another version's"
	}
	for name, service := range s.Services {
		if !slices.Contains(exporter.Services(), exporter.Service(name)) {
			delete(s.Services, name)
			s.Services["[unknown service]"] = service
		}
		if service != nil {
			service.Count, service.Metrics, service.Records = len(service.Records), metrics(service.Records), nil
		}
	}
	return &s, ""
}

// metrics counts the readings of each metric.
func metrics(records []record) map[string]*Metric {
	all := map[string]*Metric{}
	for _, r := range records {
		for _, reading := range r.Readings {
			name := reading.Metric
			if exporter.ByName(name) == nil {
				name = "[unknown metric]"
			}
			m := all[name]
			if m == nil {
				m = &Metric{Oldest: r.End, Newest: r.End}
				all[name] = m
			}
			m.Readings++
			m.Oldest, m.Newest = exporter.Earlier(m.Oldest, r.End), exporter.Later(m.Newest, r.End)
		}
	}
	return all
}

// zone returns the name of a time zone if it is known.
func zone(name string) string {
	if _, err := time.LoadLocation(name); err != nil {
		return "[unknown time zone]"
	}
	return name
}
