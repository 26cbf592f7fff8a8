package prom

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
)

// profileLabel has the name of the profile, as a label and as the parameter that chooses profiles.
const profileLabel = "profile"

// refusal is why a scrape gets nothing.
type refusal struct {
	status int // of HTTP
	text   string
}

// chosen are the profiles that a query names, by name; nil if it names none, for all profiles and what is not of profiles. A
// query that cannot be read might have named one, so it does not get everything.
func (h *handler) chosen(query string) ([]Profile, *refusal) {
	if query == "" {
		return nil, nil
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, "The query of this address is malformed. Name a profile as in ?profile=Anna, with special characters escaped."}
	}
	names, given := values[profileLabel]
	if !given {
		return nil, nil
	}
	slices.Sort(names)
	names = slices.Compact(names)
	all := make([]Profile, len(names))
	for _, p := range h.g.profiles() {
		if i, found := slices.BinarySearch(names, p.State.Profile()); found {
			all[i] = p
		}
	}
	for i, p := range all {
		if p.State == nil {
			return nil, &refusal{http.StatusNotFound, fmt.Sprintf("No profile is called %q here. Give the name as the label profile has it.", clip(names[i]))}
		}
	}
	return all, nil
}

// clip shortens a name that somebody sent.
func clip(name string) string {
	const most = 100
	if len(name) > most {
		name = strings.ToValidUTF8(name[:most], "") + "…"
	}
	return name
}

// partsOf are those of some profiles, which are sorted by name.
func (g *Gatherer) partsOf(profiles []Profile) []part {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.people.some(profiles, g.now())
}

// some returns the parts of some profiles, whatever there is of others.
func (all *people) some(profiles []Profile, now time.Time) []part {
	parts := make([]part, len(profiles))
	for i, p := range profiles {
		parts[i] = all.refresh(p, now).part
	}
	return parts
}

// of are the families with what they have of some profiles, which are sorted by name; without those that have nothing.
func of(profiles []Profile, families []*dto.MetricFamily) (all []*dto.MetricFamily) {
	for _, f := range families {
		var theirs []*dto.Metric
		for _, m := range f.Metric {
			if isOf(profiles, m.Label) {
				theirs = append(theirs, m)
			}
		}
		if len(theirs) > 0 {
			all = append(all, &dto.MetricFamily{Name: f.Name, Help: f.Help, Type: f.Type, Metric: theirs})
		}
	}
	return all
}

// isOf reports whether labels are of one of the profiles.
func isOf(profiles []Profile, labels []*dto.LabelPair) bool {
	return slices.ContainsFunc(labels, func(l *dto.LabelPair) bool {
		_, found := slices.BinarySearchFunc(profiles, l.GetValue(), func(p Profile, name string) int { return strings.Compare(p.State.Profile(), name) })
		return found && l.GetName() == profileLabel
	})
}
