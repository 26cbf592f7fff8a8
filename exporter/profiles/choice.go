package profiles

import (
	"slices"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
)

// choose picks the wanted services that a token with these scopes allows. If the
// scopes are not known, or no service needs any of them, all are asked.
func choose(wanted []exporter.Service, granted []string) exporter.Choice {
	if len(wanted) == 0 {
		wanted = exporter.Services()
	}
	if !slices.ContainsFunc(exporter.Services(), func(s exporter.Service) bool { return slices.Contains(granted, s.Row().Scope) }) {
		return exporter.Choice{Asked: wanted}
	}
	choice := exporter.Choice{Sure: true}
	for _, service := range wanted {
		if slices.Contains(granted, service.Row().Scope) {
			choice.Asked = append(choice.Asked, service)
		} else {
			choice.Barred = append(choice.Barred, service)
		}
	}
	return choice
}

// chosen are the services that the settings name; none means all.
func chosen(s command.Settings) []exporter.Service {
	var all []exporter.Service
	for _, name := range s.Services {
		all = append(all, exporter.Service(name))
	}
	return all
}
