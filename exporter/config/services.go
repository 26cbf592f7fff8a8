package config

import (
	"fmt"
	"slices"
	"strings"
)

// serviceHabits are words of people for what a service has.
var serviceHabits = map[string]string{
	"weight": "measure", "body": "measure", "scale": "measure", "blood-pressure": "measure", "pressure": "measure", "temperature": "measure",
	"steps": "activity", "calories": "activity", "workouts": "workout", "nights": "sleep", "ecg": "heart", "battery": "device",
}

// Services returns the names in a list whose items may themselves be separated by commas, in the order of the known
// ones and each once. No item gives no name. One that is not known is an error that names the nearest.
func Services(items, known []string) ([]string, error) {
	chosen := make(map[string]bool)
	for _, name := range parts(items) {
		at := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, name) })
		switch near := Nearest(name, known); {
		case at >= 0:
			chosen[known[at]] = true
		case slices.Contains(known, serviceHabits[strings.ToLower(name)]):
			return nil, &fault{fmt.Sprintf("unknown service %q", veil(clip(name))), fmt.Sprintf("it is part of %q", serviceHabits[strings.ToLower(name)])}
		case name == "":
			return nil, &fault{"a name is empty", "remove the extra comma or list item"}
		case near != "":
			return nil, &fault{fmt.Sprintf("unknown service %q", veil(clip(name))), fmt.Sprintf("did you mean %q?", near)}
		default:
			return nil, &fault{fmt.Sprintf("unknown service %q", veil(clip(name))), "choose from " + strings.Join(known, ", ")}
		}
	}
	return slices.DeleteFunc(slices.Clone(known), func(k string) bool { return !chosen[k] }), nil
}
