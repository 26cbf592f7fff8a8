package exporter

import (
	"slices"
	"testing"
)

func TestEveryServiceHasAWholeRow(t *testing.T) {
	names := map[Service]bool{}
	for i := range services {
		switch w := &services[i]; {
		case w.Name == "" || names[w.Name]:
			t.Errorf("row %d has no name of its own: %q", i, w.Name)
		case w.Noun == "" || w.Scope == "" || w.keep == nil || w.show == nil:
			t.Errorf("%s lacks a noun, a scope, what is kept or what shows", w.Name)
		case w.Current && (w.Past != RecentOnly || w.ByDate()):
			t.Errorf("%s is told only as it is now, and its row speaks of the past", w.Name)
		case w.Told && (w.Current || w.Past != RecentOnly || slices.Contains(Asked(), w.Name) || slices.Contains(Historic(), w.Name)):
			t.Errorf("%s is told by notifications alone, and its row speaks of asking Withings", w.Name)
		case w.Together && !w.ByDate():
			t.Errorf("records of %s show together by date, and a sink is not told so", w.Name)
		}
		names[services[i].Name] = true
	}
}

// TestACategoryOfNotificationsNeedsOneScope holds the rows to section "notify" of Withings' reference, where every category is
// listed under one scope.
func TestACategoryOfNotificationsNeedsOneScope(t *testing.T) {
	scopes := map[int]string{1: metrics, 2: metrics, 4: metrics, 16: activity, 44: activity, 54: metrics, 55: metrics, 58: metrics,
		50: "user.sleepevents", 51: "user.sleepevents", 61: metrics, 62: activity, 63: metrics}
	for i := range services {
		for _, category := range services[i].Announced {
			if want, known := scopes[category]; !known || services[i].Scope != want {
				t.Errorf("category %d announces %s, which needs %q; the category needs %q", category, services[i].Name, services[i].Scope, want)
			}
		}
	}
}

func TestEveryMetricIsOfAServiceAndEveryServiceHasMetrics(t *testing.T) {
	fed := map[Service]bool{}
	for _, m := range Catalog() {
		if fed[m.Service] = true; !slices.Contains(Services(), m.Service) {
			t.Errorf("%s is of service %q, which is not in the table", m.Name, m.Service)
		}
	}
	for _, service := range Services() {
		if !fed[service] {
			t.Errorf("no metric is of service %s", service)
		}
	}
}
