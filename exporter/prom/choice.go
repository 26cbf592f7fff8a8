package prom

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"

	"withings-exporter/exporter/spelling"
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
	people := h.g.profiles()
	all := make([]Profile, len(names))
	for _, p := range people {
		if i, found := slices.BinarySearch(names, p.State.Profile()); found {
			all[i] = p
		}
	}
	if slices.ContainsFunc(all, isMissing) {
		all = spelt(people, names, all)
	}
	if i := slices.IndexFunc(all, isMissing); i >= 0 {
		return nil, missing(people, names[i])
	}
	slices.SortFunc(all, func(a, b Profile) int { return strings.Compare(nameOf(a), nameOf(b)) })
	return slices.CompactFunc(all, func(a, b Profile) bool { return a.State == b.State }), nil
}

func isMissing(p Profile) bool { return p.State == nil }
func nameOf(p Profile) string  { return p.State.Profile() }

// spelt fills in the profiles that are missing but for the spelling of their names.
func spelt(people []Profile, names []string, all []Profile) []Profile {
	known := make(map[string]Profile, len(people))
	for _, p := range people {
		known[spelling.Of(nameOf(p))] = p
	}
	for i, name := range names {
		if isMissing(all[i]) {
			all[i] = known[spelling.Of(name)]
		}
	}
	return all
}

// missing is what is said when a profile is asked for that is not there. Whoever asks may be meant to see one person only, so
// other names are not listed.
func missing(people []Profile, name string) *refusal {
	known := make([]string, len(people))
	for i, p := range people {
		known[i] = nameOf(p)
	}
	advice := "Give the name as the label profile has it."
	if like := spelling.SameButCase(name, known); like != "" {
		advice = fmt.Sprintf("Did you mean %q?", like)
	}
	return &refusal{http.StatusNotFound, fmt.Sprintf("No profile is called %q here. %s", spelling.Clip(name, 100), advice)}
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
