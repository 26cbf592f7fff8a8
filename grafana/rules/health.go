package rules

import (
	"fmt"
	"strings"
)

// findings are what the alerts about health compare with a threshold.
var findings = healthRecordings()

func healthRecordings() []recording {
	weight, systolic, diastolic := rowOf("weight_grams"), rowOf("systolic_blood_pressure_mmhg"), rowOf("diastolic_blood_pressure_mmhg")
	oxygen, temperature := rowOf("spo2_ratio"), rowOf("body_temperature_celsius")
	of := func(function string, r row, days int) string {
		return fmt.Sprintf("%s by (profile) (%s)", function, r.each(days))
	}
	return []recording{
		// The last weigh-in of today or yesterday against the lowest of four days.
		{"profile:withings_weight_grams:gain3d", weight.over("last_over_time", 2, 0) + "\n- " + weight.over("min_over_time", 4, 0)},
		{"profile:withings_systolic_blood_pressure_mmhg:readings7d", of("avg", systolic, 7)},
		{"profile:withings_diastolic_blood_pressure_mmhg:readings7d", of("avg", diastolic, 7)},
		{"profile:withings_systolic_blood_pressure_mmhg:count7d", of("count", systolic, 7)},
		{"profile:withings_ecg_atrial_fibrillation_class:newest7d", rowOf("ecg_atrial_fibrillation_class").recent(7)},
		{"profile:withings_ppg_atrial_fibrillation_class:newest7d", rowOf("ppg_atrial_fibrillation_class").recent(7)},
		{"profile:withings_spo2_ratio:readings1d", of("avg", oxygen, 1)},
		{"profile:withings_spo2_ratio:count1d", of("count", oxygen, 1)},
		{"profile:withings_body_temperature_celsius:max1d", of("max", temperature, 1)},
	}
}

// notADiagnosis ends what alerts about health say.
const notADiagnosis = " This is not a diagnosis."

// positive are the classes of an ECG that mean atrial fibrillation: found, and found with
// a normal and with a high heart rate.
var positive = []int{1, 11, 12}

// found looks for one of these classes.
func found(name, where string) string {
	var all []string
	for _, class := range positive {
		all = append(all, fmt.Sprintf("profile:%s:newest7d{%%(who)s} == %d", rowOf(name).FullName(), class))
	}
	return fmt.Sprintf("label_replace((\n  %s\n), \"where\", %q, \"\", \"\")", strings.Join(all, "\n  or "), where)
}

// healthAlerts compare readings with thresholds of guidelines, which README.md names.
var healthAlerts = []alert{
	{
		name: "WithingsFastWeightGain", lasts: "0m", severity: "warning", board: "body", person: true, about: ofPerson,
		is:      "profile:withings_weight_grams:gain3d{%(who)s} / 1000 > %(weightGainKilograms)s",
		summary: `{{ $labels.profile }} has gained {{ printf "%%.1f" $value }} kg in three days.`,
		description: "Weight that rises so fast may be water. Whoever has a weak heart should call their doctor or nurse; see the weigh-ins, since " +
			"clothes and somebody else on the scale count as well." + notADiagnosis,
		influx: fastWeightGain,
	},
	{
		name: "WithingsHighBloodPressure", lasts: "0m", severity: "warning", board: "doctor", person: true, about: ofPerson,
		is: `(
  label_replace(
    round(profile:withings_systolic_blood_pressure_mmhg:readings7d{%(who)s}) >= %(systolicMmhg)s,
    "pressure", "upper", "", ""
  )
  or on (profile) label_replace(
    round(profile:withings_diastolic_blood_pressure_mmhg:readings7d{%(who)s}) >= %(diastolicMmhg)s,
    "pressure", "lower", "", ""
  )
)
and on (profile) profile:withings_systolic_blood_pressure_mmhg:count7d >= %(pressureReadings)s`,
		summary: "{{ $labels.profile }}'s mean {{ $labels.pressure }} blood pressure of seven days is {{ $value }} mmHg.",
		description: "At home, a mean from %(systolicMmhg)s/%(diastolicMmhg)s on is high by ESC 2024. Check how it was measured, go on measuring in " +
			"the morning and in the evening, and show a doctor the dashboard." + notADiagnosis,
		influx: highBloodPressure,
	},
	{
		name: "WithingsAtrialFibrillation", lasts: "0m", severity: "warning", board: "heart", person: true, about: ofPerson,
		is: found("ecg_atrial_fibrillation_class", "ECG") + "\nor on (profile) " +
			found("ppg_atrial_fibrillation_class", "background check"),
		summary:     "{{ $labels.profile }}'s last {{ $labels.where }} shows signs of atrial fibrillation.",
		description: "Open the Withings app, see the recording, and have a doctor look at it; record another ECG at rest." + notADiagnosis,
		influx:      atrialFibrillation,
	},
	{
		name: "WithingsLowOxygen", lasts: "0m", severity: "warning", board: "heart", person: true, about: ofPerson,
		is: `profile:withings_spo2_ratio:readings1d{%(who)s} <= %(oxygenPercent)s / 100
and on (profile) profile:withings_spo2_ratio:count1d >= %(oxygenReadings)s`,
		summary: "{{ $labels.profile }}'s mean oxygen saturation of a day is {{ $value | humanizePercentage }}.",
		description: "Check that the watch is tight and the hand warm, and measure again at rest. Whoever is short of breath needs help at " +
			"once, whatever a watch says." + notADiagnosis,
		influx: lowOxygen,
	},
	{
		name: "WithingsFever", lasts: "0m", severity: "info", board: "body", person: true, about: ofPerson,
		is:          "profile:withings_body_temperature_celsius:max1d{%(who)s} >= %(feverCelsius)s",
		summary:     `{{ $labels.profile }} had a temperature of {{ printf "%%.1f" $value }} °C within a day.`,
		description: "Check it again in some hours, and call a doctor if it stays or if {{ $labels.profile }} feels very ill." + notADiagnosis,
		influx:      fever,
	},
}
