package notify

import (
	"maps"
	"slices"

	"withings-exporter/exporter"
)

// The categories with a meaning of their own; the others announce news of services, see exporter.ServiceRow.Announced.
const (
	profileChanged = 46 // the person deleted the account, ended the authorisation or changed something
	gotIn          = 50 // somebody got in bed
	gotOut         = 51 // somebody got out of bed
	inflated       = 52 // a mat finished its first inflation
	unlinked       = 53 // a device without an account was connected
)

// categories are all that Withings is known to send, with what people call their news.
var categories = map[int]string{
	1: "weight and body composition", 2: "temperature", 4: "blood pressure, pulse and oxygen", 16: "activity and workouts",
	44: "sleep", profileChanged: "the account", gotIn: "getting in bed", gotOut: "getting out of bed", inflated: "a mat that was set up",
	unlinked: "a device without an account", 54: "an ECG", 55: "a failed ECG", 58: "glucose",
	61: "a stethoscope recording", 62: "heart rate variability", 63: "urine",
}

// Categories lists every known category in order.
func Categories() []int { return slices.Sorted(maps.Keys(categories)) }

// Words are what the news of a category are about, as in "sleep"; "" for an unknown one.
func Words(category int) string { return categories[category] }

// Services lists the services of which a category announces news.
func Services(category int) []exporter.Service {
	var all []exporter.Service
	for _, service := range exporter.Services() {
		if slices.Contains(service.Row().Announced, category) {
			all = append(all, service)
		}
	}
	return all
}

// userInfo is the scope of the account's own category.
const userInfo = "user.info"

// Wanted lists the categories that announce news of services, in order, and the account's own if its scope is that of one of
// the services.
func Wanted(services []exporter.Service) []int {
	var all []int
	for _, service := range services {
		all = append(all, service.Row().Announced...)
		if service.Row().Scope == userInfo {
			all = append(all, profileChanged)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// announced lists those of the services all of whose categories are confirmed. An uncertain one that is missing does not
// count, unless there is no other.
func announced(services []exporter.Service, confirmed map[int]bool) []exporter.Service {
	var all []exporter.Service
	for _, service := range services {
		categories := service.Row().Announced
		some := slices.ContainsFunc(categories, func(c int) bool { return confirmed[c] })
		lacks := slices.ContainsFunc(categories, func(c int) bool { return !confirmed[c] && !exporter.Uncertain(c) })
		if some && !lacks {
			all = append(all, service)
		}
	}
	return all
}
