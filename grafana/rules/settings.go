package rules

import (
	"fmt"
	"regexp"
	"slices"
	"sync"
)

// setting is something that whoever runs the rules may want to be different.
type setting struct {
	name  string
	value any // a number without a fraction, which jsonnet writes as it is, or a text
	about string
}

// settings are those of no single alert, in the order in which the mixin has them.
var settings = []setting{
	{name: "exporterSelector", value: `job!=""`, about: "The series of running exporters; imported history has no job."},
	{name: "grafanaUrl", value: "http://localhost:3000", about: "Where people open the dashboards that alerts link to."},
	{name: "health", value: false, about: "Whether there are alerts about health. They are not a diagnosis."},
	{name: "staleHours", value: 6, about: "How old what was last read of a person may be."},
	{name: "rateLimited", value: 3, about: "How many times Withings may say in an hour that there are too many requests."},
	{name: "influxLagMinutes", value: 60, about: "How long InfluxDB may lack something."},
	{name: "forgottenDays", value: 90, about: "After so many days, a person or a device is no longer expected to return, and the alert ends."},
	{name: "watchSilentDays", value: 3, about: "How long watches and trackers may be out of contact with Withings."},
	{name: "matSilentDays", value: 3, about: "The same for sleep mats."},
	{name: "scaleSilentDays", value: 14, about: "The same for scales, which are in contact when somebody steps on them."},
	{name: "monitorSilentDays", value: 14, about: "The same for blood pressure monitors."},
	{name: "noWeightDays", value: 14, about: "How long people who weigh in may not do so; not less than scaleSilentDays."},
	{name: "noPressureDays", value: 14, about: "The same for blood pressure, and monitorSilentDays."},
	{name: "noActivityDays", value: 3, about: "The same for steps, and watchSilentDays."},
	{name: "noSleepDays", value: 4, about: "The same for nights, and matSilentDays."},
	{name: "weightGainKilograms", value: 2, about: "How much weight may be gained in three days."},
	{name: "systolicMmhg", value: 135, about: "From where on the mean systolic pressure at home is high, by ESC 2024."},
	{name: "diastolicMmhg", value: 85, about: "The same for the diastolic pressure."},
	{name: "pressureReadings", value: 3, about: "Of how many readings in seven days that must at least be the mean."},
	{name: "oxygenPercent", value: 92, about: "Up to which mean of a day the oxygen saturation is low."},
	{name: "oxygenReadings", value: 2, about: "Of how many readings in a day that must at least be the mean."},
	{name: "feverCelsius", value: 38, about: "From where on a body temperature is a fever."},
}

// everybody is the selector of an alert about people, unless it is changed.
const everybody = `profile!=""`

// allSettings adds a selector for each alert about people.
func allSettings() []setting {
	all := slices.Clone(settings)
	for _, a := range allAlerts() {
		if a.selector() != "" {
			all = append(all, setting{name: a.selector(), value: everybody})
		}
	}
	return all
}

var placeholder = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`%\((\w+)\)s|%%`) })

// filled puts the defaults into a text.
func filled(text string) string {
	return placeholder().ReplaceAllStringFunc(text, func(found string) string {
		if found == "%%" {
			return "%"
		}
		name := placeholder().FindStringSubmatch(found)[1]
		all := allSettings()
		i := slices.IndexFunc(all, func(s setting) bool { return s.name == name })
		if i < 0 {
			panic(fmt.Sprintf("no setting is called %s", name))
		}
		return fmt.Sprint(all[i].value)
	})
}
