package rules

import "fmt"

// device is that devices of a type have been out of contact for a number of days, which
// a setting has. A device that has long been out of contact is forgotten.
func device(of silent) string {
	return fmt.Sprintf("%s{%%(who)s,type=%q} > %%(%s)s * 86400 < %%(forgottenDays)s * 86400", contact, of.kind, of.setting)
}

// theDevice is what a device is called in a text.
const theDevice = "{{ with $labels.model }}{{ . }}{{ else }}{{ $labels.type }}{{ end }}"

// deviceAlerts are about things that have gone quiet. Watches and mats are in contact
// by themselves; scales and monitors are when somebody uses them.
var deviceAlerts = []alert{
	{
		name: "WithingsWatchSilent", lasts: "1h", severity: "info", board: "exporter", person: true,
		is: device(silentWatch), about: ofDevice,
		summary: "{{ $labels.profile }}'s " + theDevice + " has had no contact with Withings for %(watchSilentDays)s days.",
		description: "Charge it, and open the Withings app on the phone that it belongs to, with Bluetooth on. If it is no longer in use, " +
			"remove it in the app or leave it out of this alert.",
		influx: silentDevice(silentWatch),
	},
	{
		name: "WithingsMatSilent", lasts: "1h", severity: "info", board: "exporter", person: true,
		is: device(silentMat), about: ofDevice,
		summary: "{{ $labels.profile }}'s " + theDevice + " has had no contact with Withings for %(matSilentDays)s days.",
		description: "Check whether it is plugged in and whether its Wi-Fi still works: open the Withings app and let it synchronise. If it " +
			"is no longer in use, remove it in the app or leave it out of this alert.",
		influx: silentDevice(silentMat),
	},
	{
		name: "WithingsScaleSilent", lasts: "1h", severity: "info", board: "exporter", person: true,
		is: device(silentScale), about: ofDevice,
		summary: "{{ $labels.profile }}'s " + theDevice + " has had no contact with Withings for %(scaleSilentDays)s days.",
		description: "If somebody did step on it, its batteries may be empty or it may have lost its Wi-Fi: open the Withings app and let it " +
			"synchronise.",
		influx: silentDevice(silentScale),
	},
	{
		name: "WithingsMonitorSilent", lasts: "1h", severity: "info", board: "exporter", person: true,
		is: device(silentMonitor), about: ofDevice,
		summary:     "{{ $labels.profile }}'s " + theDevice + " has had no contact with Withings for %(monitorSilentDays)s days.",
		description: "If somebody did use it, charge it, and open the Withings app and let it synchronise.",
		influx:      silentDevice(silentMonitor),
	},
	{
		name: "WithingsBatteryLow", lasts: "1h", severity: "info", board: "exporter", person: true,
		is: fmt.Sprintf(`max by (profile, device, type, model) (withings_device_info{%%(exporterSelector)s,%%(who)s})
and on (profile, device) (
  withings_device_battery_state{%%(exporterSelector)s,%%(who)s,state="low"} == 1
  and on (profile, job, instance) %s == 1
)`, readable),
		about:   ofDevice,
		after:   []string{"WithingsWatchSilent", "WithingsMatSilent", "WithingsScaleSilent", "WithingsMonitorSilent"},
		summary: "{{ $labels.profile }}'s " + theDevice + " has a low battery.",
		description: "Charge it or replace its batteries; below 30 %%, readings may soon stop. The alert ends when the device has reported the " +
			"new battery to Withings.",
		influx: lowBattery,
	},
}

// reading is that there has been no value of a row for a number of days, which a setting
// has, of people who used to have some.
func reading(name, setting string) string {
	return fmt.Sprintf("%s{%%(who)s,metric=%q} > %%(%s)s * 86400 < %%(forgottenDays)s * 86400", age, rowOf(name).Name, setting)
}

// readingAlerts are about people who have gone quiet.
var readingAlerts = []alert{
	{
		name: "WithingsNoWeight", lasts: "1h", severity: "info", board: "body", person: true,
		is: reading("weight_grams", "noWeightDays"), about: ofMetric, after: []string{"WithingsScaleSilent"},
		summary: "{{ $labels.profile }} has not weighed in for %(noWeightDays)s days.",
		description: "If that is wrong, open the Withings app: the scale may have taken {{ $labels.profile }} for somebody else, or the reading " +
			"may wait to be assigned.",
		influx: silentPerson("body", "weight_grams", "noWeightDays", silentScale),
	},
	{
		name: "WithingsNoBloodPressure", lasts: "1h", severity: "info", board: "heart", person: true,
		is: reading("systolic_blood_pressure_mmhg", "noPressureDays"), about: ofMetric, after: []string{"WithingsMonitorSilent"},
		summary: "{{ $labels.profile }} has not measured blood pressure for %(noPressureDays)s days.",
		description: "If that is wrong, open the Withings app and let the monitor synchronise; a reading may wait to be assigned to " +
			"{{ $labels.profile }}.",
		influx: silentPerson("heart", "systolic_blood_pressure_mmhg", "noPressureDays", silentMonitor),
	},
	{
		name: "WithingsNoActivity", lasts: "1h", severity: "info", board: "activity", person: true,
		is: reading("activity_steps", "noActivityDays"), about: ofMetric, after: []string{"WithingsWatchSilent"},
		summary: "There have been no steps of {{ $labels.profile }} for %(noActivityDays)s days.",
		description: "Open the Withings app and let the watch synchronise. If {{ $labels.profile }} does not wear it at present, leave them out " +
			"of this alert.",
		influx: silentPerson("activity", "steps", "noActivityDays", silentWatch),
	},
	{
		name: "WithingsNoSleep", lasts: "1h", severity: "info", board: "sleep", person: true,
		is: reading("sleep_end_timestamp_seconds", "noSleepDays"), about: ofMetric, after: []string{"WithingsMatSilent", "WithingsWatchSilent"},
		summary: "There has been no night of {{ $labels.profile }} for %(noSleepDays)s days.",
		description: "If {{ $labels.profile }} did sleep at home, open the Withings app and let the watch or the mat synchronise; check that the " +
			"watch is worn at night.",
		influx: silentPerson("sleep", "end_timestamp_seconds", "noSleepDays", silentMat, silentWatch),
	},
}
