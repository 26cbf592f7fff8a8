package rules

import (
	"fmt"
	"strings"
)

// states are series that several alerts ask for.
var states = []recording{
	// Targets that are exporters, up or not: one that was seen to be an exporter
	// remains one for as long as Prometheus scrapes it.
	{name: "instance:withings_exporter:up", is: `up{%(exporterSelector)s}
and on (job, instance) (
  withings_exporter_build_info{%(exporterSelector)s}
  or last_over_time(instance:withings_exporter:up[7d])
)`},
	// 1 if an exporter reads everything of a person that it should, else 0.
	{name: readable, is: `withings_up{%(exporterSelector)s}
* on (profile, job, instance) withings_authorized{%(exporterSelector)s}
* on (profile, job, instance) (
  min by (profile, job, instance) (time() - withings_last_success_timestamp_seconds{service!="presence",%(exporterSelector)s})
  < bool %(staleHours)s * 3600
)`},
	{name: contact, is: fmt.Sprintf(`(
  time() - max by (profile, device) (withings_device_last_session_timestamp_seconds{%%(exporterSelector)s})
)
* on (profile, device) group_left (type, model) max by (profile, device, type, model) (
  withings_device_info{%%(exporterSelector)s}
  and on (profile, job, instance) %s == 1
)`, readable)},
	// What is shown of a day disappears when the day is over, so that it is looked for
	// in the past.
	{name: age, is: fmt.Sprintf(`time() - max by (profile, metric) (
  withings_measured_timestamp_seconds{%%(exporterSelector)s,position="",metric=~"%s"}
  or max_over_time(withings_measured_timestamp_seconds{%%(exporterSelector)s,metric="activity_steps"}[%%(forgottenDays)sd:1h])
)
and on (profile) %s == 1`, strings.Join([]string{"weight_grams", "systolic_blood_pressure_mmhg", "sleep_end_timestamp_seconds"}, "|"), readable)},
}

// The series of the states.
const (
	readable = "profile_instance:withings_readable:bool"
	contact  = "profile_device:withings_last_session:age_seconds"  // of people who are read
	age      = "profile_metric:withings_last_measured:age_seconds" // the same
)

// exporterAlerts are about exporters and what they are connected with.
var exporterAlerts = []alert{
	{
		name: "WithingsExporterMissing", lasts: "1h", severity: "critical", board: "exporter",
		is:      "absent(instance:withings_exporter:up)",
		summary: "No Withings exporter is being scraped.",
		description: "For an hour, no target has identified itself as a Withings exporter. Check whether it is running and whether the scrape " +
			"configuration has a job for it.",
	},
	{
		name: "WithingsExporterDown", lasts: "10m", severity: "critical", board: "exporter",
		is: "instance:withings_exporter:up == 0", about: ofExporter,
		summary: "The Withings exporter {{ $labels.instance }} cannot be scraped.",
		description: "For ten minutes Prometheus has had no answer from {{ $labels.instance }}. Check whether the process is running and what " +
			"its log says last; then whether the scrape configuration still has the right address.",
	},
	{
		name: "WithingsAuthorizationLost", lasts: "10m", severity: "critical", board: "exporter",
		is: "withings_authorized{%(exporterSelector)s} == 0", about: ofReader,
		summary: "Withings no longer allows {{ $labels.profile }}'s data to be read.",
		description: "Withings rejected the token of {{ $labels.profile }}, or there is none. Run `withings-exporter auth -- " + quotedProfile +
			"` and sign in; the running exporter picks up the new token by itself.",
	},
	{
		name: "WithingsRateLimited", lasts: "0m", severity: "warning", board: "exporter",
		is: "sum by (job, instance) (increase(withings_rate_limited_total{%(exporterSelector)s}[1h])) > %(rateLimited)s", about: ofExporter,
		after:   []string{"WithingsExporterDown"},
		summary: "Withings reports too many requests.",
		description: "In the last hour Withings answered {{ $value | humanize }} times with status 601. Increase --poll-interval or lower " +
			"--api.rate-limit, and check whether another program uses the same client id.",
	},
	{
		name: "WithingsPollFailing", lasts: "1h", severity: "warning", board: "exporter",
		is: "withings_up{%(exporterSelector)s} == 0", about: ofReader,
		after:   []string{"WithingsAuthorizationLost", "WithingsRateLimited"},
		summary: "Polls of {{ $labels.profile }} have been incomplete for an hour.",
		description: "At least one service of Withings does not answer for {{ $labels.profile }}. Run `withings-exporter check`, which tries " +
			"each service once and says what is wrong.",
	},
	{
		name: "WithingsAuthorizationExpiring", lasts: "10m", severity: "warning", board: "exporter",
		is:      "max by (profile, job, instance) (time() - withings_token_expiry_timestamp_seconds{%(exporterSelector)s}) > 1800",
		about:   ofReader,
		after:   []string{"WithingsAuthorizationLost", "WithingsRateLimited", "WithingsPollFailing"},
		summary: "The token of {{ $labels.profile }} has not been renewed.",
		description: "The access token expired {{ $value | humanizeDuration }} ago, and the exporter should have renewed it before that. Check " +
			"what the log says about renewing it, and whether its disk is full. If nothing helps, run `withings-exporter auth -- " + quotedProfile + "`.",
	},
	{
		name: "WithingsProfileStale", lasts: "15m", severity: "warning", board: "exporter",
		// Of one service withings_up tells. Some are asked once a day; of presence, notifications tell.
		is:      `min by (profile, job, instance) (time() - withings_last_success_timestamp_seconds{service!="presence",%(exporterSelector)s}) > %(staleHours)s * 3600`,
		about:   ofReader,
		after:   []string{"WithingsAuthorizationLost", "WithingsRateLimited", "WithingsPollFailing", "WithingsAuthorizationExpiring"},
		summary: "{{ $labels.profile }} was last read {{ $value | humanizeDuration }} ago.",
		description: "The exporter is running, but has not asked Withings about {{ $labels.profile }} for some time. Check what its log says " +
			"last, and run `withings-exporter check`.",
	},
	{
		name: "WithingsConfigReloadFailed", lasts: "5m", severity: "warning", board: "exporter",
		is: "withings_exporter_config_last_reload_successful{%(exporterSelector)s} == 0", about: ofExporter,
		after:   []string{"WithingsExporterDown"},
		summary: "The Withings exporter {{ $labels.instance }} could not reload its configuration.",
		description: "It goes on with the configuration of before. See what its log says is wrong with the new one, or run `withings-exporter check` " +
			"with the same flags; correct it and reload again, before a restart finds it.",
	},
	{
		name: "WithingsInfluxRefused", lasts: "0m", severity: "warning", board: "exporter",
		is: `sum by (job, instance) (increase(withings_influx_points_total{%(exporterSelector)s,result="refused"}[1h])) > 0`, about: ofExporter,
		after:   []string{"WithingsExporterDown"},
		summary: "InfluxDB rejects points.",
		description: "In the last hour InfluxDB rejected {{ $value | humanize }} points by name. See the exporter's log for the reason: usually " +
			"another program has written the same field with another type, or the retention is shorter than the history. The points are " +
			"tried again every hour and are written once the cause is gone.",
	},
	{
		name: "WithingsInfluxLag", lasts: "15m", severity: "warning", board: "exporter",
		is: "max by (job, instance) (withings_influx_lag_seconds{%(exporterSelector)s}) > %(influxLagMinutes)s * 60", about: ofExporter,
		after:   []string{"WithingsInfluxRefused"},
		summary: "InfluxDB is {{ $value | humanizeDuration }} behind.",
		description: "InfluxDB does not acknowledge what is written. Nothing is lost; it is written once the database accepts it. Check whether " +
			"InfluxDB is running, whether its disk is full and whether the token may still write; the exporter's log has its answer.",
	},
}

// quotedProfile is a person's name as a shell takes it.
const quotedProfile = `'{{ reReplaceAll "'" "'\\''" $labels.profile }}'`
