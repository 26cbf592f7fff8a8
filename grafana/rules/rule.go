package rules

import (
	"fmt"
	"slices"
	"strings"
)

// alert is one alert, for Prometheus and mostly also for Grafana with InfluxDB.
// Texts have settings in them; the selector of an alert is called %(who)s.
type alert struct {
	name     string
	is       string   // its condition, in PromQL
	about    []string // the labels that it has, but for those that explain
	after    []string // alerts that explain it
	lasts    string   // for how long the condition must hold
	severity string

	summary, description string

	board  string // the slug of the dashboard to look at
	person bool   // it is about people, some of whom may be left out
	influx *influx
}

// recording is a series that rules make of others.
type recording struct {
	name, is string
}

// group is what is evaluated together, one after the other.
type group struct {
	name       string
	interval   string // "" for that of the server
	recordings []recording
	alerts     []alert
}

// The labels by which things are told apart.
var (
	ofExporter = []string{"job", "instance"}
	ofReader   = []string{"profile", "job", "instance"} // a person, as one exporter reads them
	ofPerson   = []string{"profile"}
	ofDevice   = []string{"profile", "device", "type", "model"}
	ofMetric   = []string{"profile", "metric"}
)

// allAlerts are those of all groups.
func allAlerts() []alert {
	return slices.Concat(exporterAlerts, deviceAlerts, readingAlerts, healthAlerts)
}

func named(name string) alert {
	all := allAlerts()
	i := slices.IndexFunc(all, func(a alert) bool { return a.name == name })
	if i < 0 {
		panic("no alert is called " + name)
	}
	return all[i]
}

// selector is the name of the setting that says whom an alert is about.
func (a alert) selector() string {
	if !a.person {
		return ""
	}
	short := strings.TrimPrefix(a.name, "Withings")
	return strings.ToLower(short[:1]) + short[1:] + "Selector"
}

// whose puts the name of the selector into a text of the alert.
func (a alert) whose(text string) string {
	return strings.ReplaceAll(text, "%(who)s", "%("+a.selector()+")s")
}

// expression is the condition unless something explains it.
func (a alert) expression() string {
	all := []string{a.whose(a.is)}
	for _, name := range a.after {
		cause := named(name)
		all = append(all, fmt.Sprintf("unless on (%s) %s", strings.Join(common(a.about, cause.about), ", "), bracketed(cause.whose(cause.is))))
	}
	return strings.Join(all, "\n")
}

func common(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(label string) bool { return !slices.Contains(b, label) })
}

// bracketed is a condition within another one.
func bracketed(text string) string {
	if !strings.Contains(text, "\n") {
		return "(" + text + ")"
	}
	return "(\n" + indented(text) + "\n)"
}

func indented(text string) string { return "  " + strings.ReplaceAll(text, "\n", "\n  ") }

// annotation is a text for whoever is told of an alert.
type annotation struct{ name, text string }

// annotations are those in Prometheus; its templates are Go's, with urlquery.
func (a alert) annotations() []annotation {
	return []annotation{{"summary", a.summary}, {"description", a.description}, {"dashboard_url", a.link("%(grafanaUrl)s/", "prometheus")}}
}

// link opens the dashboard at the person; the base ends in a slash.
func (a alert) link(base, source string) string {
	link := fmt.Sprintf("%sd/withings-%s-%s", base, a.board, source)
	if slices.Contains(a.about, "profile") {
		link += "?var-profile={{ $labels.profile | urlquery }}"
	}
	return link
}

// alertsFile, healthFile and recordingFile are the groups of the three files for Prometheus.
func alertsFile() []group {
	return []group{{name: "withings-alerts", recordings: states, alerts: slices.Concat(exporterAlerts, deviceAlerts, readingAlerts)}}
}

func healthFile() []group {
	return []group{{name: "withings-health", interval: "5m", recordings: findings, alerts: healthAlerts}}
}

func recordingFile() []group {
	return []group{{name: "withings-trends", interval: "5m", recordings: trends()}}
}
