package boards

import (
	"slices"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// variables are the choices above a board: data source, people, and with
// Prometheus the exporter, and one that nobody sees (see midnight). People without any of the rows named are not offered,
// so that All does not mean a row of empty panels for each of them.
func variables(source Source, whose []string) []dashboard.VariableModel {
	all := []dashboard.VariableModel{{
		Type: dashboard.VariableTypeDatasource, Name: "datasource", Label: new("Data source"),
		Description: new("Where the readings are"), Query: &dashboard.StringOrMap{String: new(string(source))},
		Refresh: new(dashboard.VariableRefreshOnDashboardLoad), Multi: new(false), IncludeAll: new(false), Current: ours(source),
	}}
	if source == InfluxDB {
		return append(all, choice(source, "profile", "Person", "SHOW TAG VALUES FROM "+measurements(whose)+` WITH KEY = "profile"`, ""))
	}
	return append(all,
		choice(source, "profile", "Person", `label_values({__name__=~"`+metrics(whose)+`"}, profile)`, ""),
		// Imported history has no instance, so All must match none too.
		choice(source, "instance", "Exporter", `label_values(withings_exporter_build_info, instance)`, ".*"),
		midnight())
}

// ours is the data source that comes with the dashboards, at which they open. Where it
// is not there Grafana takes another one.
func ours(source Source) *dashboard.VariableOption {
	name := map[Source]string{Prometheus: "Withings Prometheus", InfluxDB: "Withings InfluxDB"}[source]
	return &dashboard.VariableOption{Selected: new(true), Text: dashboard.StringOrArrayOfString{String: new(name)},
		Value: dashboard.StringOrArrayOfString{String: new("withings-" + string(source))}}
}

// midnight is when days begin in the browser's zone, as seconds after midnight UTC:
// 1 to 86400, since Prometheus 2 takes no offset of 0. Grafana fills in the
// browser's clock, and Prometheus computes. Zones differ by quarters of an hour.
func midnight() dashboard.VariableModel {
	const begin = "$__to / 1000 - ${__to:date:H} * 3600 - ${__to:date:m} * 60 - ${__to:date:s}"
	const quarter = "((" + begin + " + 450) - (" + begin + " + 450) % 900 - 1) % 86400 + 1"
	return dashboard.VariableModel{
		Type: dashboard.VariableTypeQuery, Name: "midnight", Datasource: chosen(Prometheus), Hide: new(dashboard.VariableHideHideVariable),
		Query: &dashboard.StringOrMap{String: new("query_result(" + quarter + ")")}, Refresh: new(dashboard.VariableRefreshOnTimeRangeChanged),
		Regex:   new(`/^(?:\{\} )?([0-9]+)/`), // a number, or a series with a value and a time
		Current: &dashboard.VariableOption{Text: dashboard.StringOrArrayOfString{String: new("86400")}, Value: dashboard.StringOrArrayOfString{String: new("86400")}},
		Multi:   new(false), IncludeAll: new(false), Sort: new(dashboard.VariableSortDisabled),
		SkipUrlSync: new(true), // an address that is kept, or sent to somebody, has the midnight of another day or place
	}
}

// metrics is a pattern for the names of rows in Prometheus.
func metrics(rows []string) string {
	if len(rows) == 0 {
		return "withings_.+"
	}
	var names []string
	for _, row := range rows {
		names = append(names, mustRow(row).FullName())
	}
	return strings.Join(names, "|")
}

// measurements is a pattern for where InfluxDB has rows.
func measurements(rows []string) string {
	if len(rows) == 0 {
		return "/^withings_/"
	}
	var groups []string
	for _, row := range rows {
		if group := string(mustRow(row).Group); !slices.Contains(groups, group) {
			groups = append(groups, group)
		}
	}
	return "/^withings_(" + strings.Join(groups, "|") + ")$/"
}

// choice is a variable whose values the data source knows.
func choice(source Source, name, label, query, all string) dashboard.VariableModel {
	v := dashboard.VariableModel{
		Type: dashboard.VariableTypeQuery, Name: name, Label: new(label), Datasource: chosen(source),
		Query: &dashboard.StringOrMap{String: new(query)}, Refresh: new(dashboard.VariableRefreshOnTimeRangeChanged),
		Sort: new(dashboard.VariableSortAlphabeticalCaseInsensitiveAsc), Multi: new(true), IncludeAll: new(true),
	}
	if all != "" {
		v.AllValue = new(all)
	}
	return v
}
