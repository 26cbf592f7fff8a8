package profiles

import (
	"slices"

	"withings-exporter/exporter"
	"withings-exporter/exporter/command"
)

// choose picks the wanted services that a token with these scopes allows. If the
// scopes are not known, or no service needs any of them, all are chosen. What only
// notifications tell is left out without them.
func choose(wanted []exporter.Service, granted []string, notified bool) exporter.Choice {
	known := exporter.Services()
	if !notified {
		known = exporter.Asked()
	}
	named := len(wanted) > 0
	if !named {
		wanted = known
	}
	choice := exporter.Choice{Sure: slices.ContainsFunc(known, func(s exporter.Service) bool { return slices.Contains(granted, s.Row().Scope) })}
	for _, service := range wanted {
		switch row := service.Row(); {
		case !slices.Contains(known, service):
		case choice.Sure && !slices.Contains(granted, row.Scope):
			choice.Barred = append(choice.Barred, service)
		case row.Told:
			choice.Told = append(choice.Told, service)
		default:
			choice.Asked = append(choice.Asked, service)
		}
	}
	if named {
		choice.Named = choice.Asked
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
