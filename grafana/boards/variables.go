package boards

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// variables are the choices above a board: data source, people, and with
// Prometheus the exporter.
func variables(source Source) []dashboard.VariableModel {
	all := []dashboard.VariableModel{{
		Type: dashboard.VariableTypeDatasource, Name: "datasource", Label: new("Data source"),
		Description: new("Where the readings are"), Query: &dashboard.StringOrMap{String: new(string(source))},
		Refresh: new(dashboard.VariableRefreshOnDashboardLoad), Multi: new(false), IncludeAll: new(false),
	}}
	if source == InfluxDB {
		return append(all, choice(source, "profile", "Person", `SHOW TAG VALUES FROM /^withings_/ WITH KEY = "profile"`, ""))
	}
	return append(all,
		choice(source, "profile", "Person", `label_values({__name__=~"withings_.+"}, profile)`, ""),
		// Imported history has no instance, so All must match none too.
		choice(source, "instance", "Exporter", `label_values(withings_exporter_build_info, instance)`, ".*"))
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
