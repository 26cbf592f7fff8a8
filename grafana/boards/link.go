package boards

import (
	"fmt"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// link is where a click leads.
type link struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

// to is another dashboard about the same person and time.
func (b build) to(slug string) string { return b.person(slug) + "&${__url_time_range}" }

// during is another dashboard about the same person and a time of its own; from
// and until are milliseconds, or what Grafana fills in: ${__data.fields.Start}.
func (b build) during(slug, from, until string) string {
	return b.person(slug) + "&from=" + from + "&to=" + until
}

// around is another dashboard about the same person, from the noon before the day that
// was clicked to its own: a night.
func (b build) around(slug string) string {
	return b.person(slug) + fmt.Sprintf("&time=${__value.time}&time.window=%d", hoursOfDay*secondsInHour*millisInSecond)
}

// person is another dashboard about the person whose row this is.
func (b build) person(slug string) string {
	return b.whoever(slug, "${profile:percentencode}")
}

// whoever is another dashboard about somebody, from the same data source.
func (b build) whoever(slug, who string) string {
	url := "/d/" + uid(slug, b.source) + "?${datasource:queryparam}&var-profile=" + who
	if b.source == Prometheus {
		url += "&${instance:queryparam}"
	}
	return url
}

// linked leads from whatever is clicked in a panel.
func linked(p panel, title, url string) panel {
	p.clicks = append(p.clicks, link{title, url})
	return p
}

// titled leads from the corner of a panel.
func titled(p panel, title, url string) panel {
	p.links = append(p.links, link{title, url})
	return p
}

// replaced are links about other people.
func replaced(links []link, who *strings.Replacer) []link {
	var all []link
	for _, l := range links {
		all = append(all, link{l.Title, who.Replace(l.URL)})
	}
	return all
}

// dashboardLinks are links as the Foundation SDK has them.
func dashboardLinks(links []link) []dashboard.DashboardLink {
	var all []dashboard.DashboardLink
	for _, l := range links {
		all = append(all, dashboard.DashboardLink{Title: l.Title, Type: dashboard.DashboardLinkTypeLink, Url: new(l.URL), Tags: []string{}})
	}
	return all
}
