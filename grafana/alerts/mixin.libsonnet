// Made of grafana/rules by: go test ./grafana -run Generated -update
// Dashboards and rules as a monitoring mixin. Change what is in _config with +:: in your own file:
// (import 'mixin.libsonnet') + { _config+:: { noWeightDays: 7 } }
{
  _config+:: {
    // The series of running exporters; imported history has no job.
    exporterSelector: 'job!=""',
    // Where people open the dashboards that alerts link to.
    grafanaUrl: 'http://localhost:3000',
    // Whether there are alerts about health. They are not a diagnosis.
    health: false,
    // How old what was last read of a person may be.
    staleHours: 6,
    // How many times Withings may say in an hour that there are too many requests.
    rateLimited: 3,
    // How long InfluxDB may lack something.
    influxLagMinutes: 60,
    // After so many days, a person or a device is no longer expected to return, and the alert ends.
    forgottenDays: 90,
    // How long watches and trackers may be out of contact with Withings.
    watchSilentDays: 3,
    // The same for sleep mats.
    matSilentDays: 3,
    // The same for scales, which are in contact when somebody steps on them.
    scaleSilentDays: 14,
    // The same for blood pressure monitors.
    monitorSilentDays: 14,
    // How long people who weigh in may not do so; not less than scaleSilentDays.
    noWeightDays: 14,
    // The same for blood pressure, and monitorSilentDays.
    noPressureDays: 14,
    // The same for steps, and watchSilentDays.
    noActivityDays: 3,
    // The same for nights, and matSilentDays.
    noSleepDays: 4,
    // How much weight may be gained in three days.
    weightGainKilograms: 2,
    // From where on the mean systolic pressure at home is high, by ESC 2024.
    systolicMmhg: 135,
    // The same for the diastolic pressure.
    diastolicMmhg: 85,
    // Of how many readings in seven days that must at least be the mean.
    pressureReadings: 3,
    // Up to which mean of a day the oxygen saturation is low.
    oxygenPercent: 92,
    // Of how many readings in a day that must at least be the mean.
    oxygenReadings: 2,
    // From where on a body temperature is a fever.
    feverCelsius: 38,

    // Whom and what the alerts are about. To leave somebody out: 'profile!~"Ben|Carla"';
    // a device: 'profile!="",device!="1cb14c62"'; to switch an alert off: 'profile=""'.
    watchSilentSelector: 'profile!=""',
    matSilentSelector: 'profile!=""',
    scaleSilentSelector: 'profile!=""',
    monitorSilentSelector: 'profile!=""',
    batteryLowSelector: 'profile!=""',
    noWeightSelector: 'profile!=""',
    noBloodPressureSelector: 'profile!=""',
    noActivitySelector: 'profile!=""',
    noSleepSelector: 'profile!=""',
    fastWeightGainSelector: 'profile!=""',
    highBloodPressureSelector: 'profile!=""',
    atrialFibrillationSelector: 'profile!=""',
    lowOxygenSelector: 'profile!=""',
    feverSelector: 'profile!=""',
  },

  grafanaDashboardFolder:: 'Withings',

  grafanaDashboards+:: {
    'withings-activity.json': import '../dashboards/prometheus/activity.json',
    'withings-body.json': import '../dashboards/prometheus/body.json',
    'withings-composition.json': import '../dashboards/prometheus/composition.json',
    'withings-doctor.json': import '../dashboards/prometheus/doctor.json',
    'withings-exporter.json': import '../dashboards/prometheus/exporter.json',
    'withings-heart.json': import '../dashboards/prometheus/heart.json',
    'withings-longview.json': import '../dashboards/prometheus/longview.json',
    'withings-minutes.json': import '../dashboards/prometheus/minutes.json',
    'withings-overview.json': import '../dashboards/prometheus/overview.json',
    'withings-signals.json': import '../dashboards/prometheus/signals.json',
    'withings-sleep.json': import '../dashboards/prometheus/sleep.json',
    'withings-together.json': import '../dashboards/prometheus/together.json',
  },

  prometheusAlerts+:: {
    groups+: [
      {
        name: 'withings-alerts',
        rules: [
          {
            record: 'instance:withings_exporter:up',
            expr: |||
              up{%(exporterSelector)s}
              and on (job, instance) (
                withings_exporter_build_info{%(exporterSelector)s}
                or last_over_time(instance:withings_exporter:up[7d])
              )
            ||| % $._config,
          },
          {
            record: 'profile_instance:withings_readable:bool',
            expr: |||
              withings_up{%(exporterSelector)s}
              * on (profile, job, instance) withings_authorized{%(exporterSelector)s}
              * on (profile, job, instance) (
                min by (profile, job, instance) (time() - withings_last_success_timestamp_seconds{service!="presence",%(exporterSelector)s})
                < bool %(staleHours)s * 3600
              )
            ||| % $._config,
          },
          {
            record: 'profile_device:withings_last_session:age_seconds',
            expr: |||
              (
                time() - max by (profile, device) (withings_device_last_session_timestamp_seconds{%(exporterSelector)s})
              )
              * on (profile, device) group_left (type, model) max by (profile, device, type, model) (
                withings_device_info{%(exporterSelector)s}
                and on (profile, job, instance) profile_instance:withings_readable:bool == 1
              )
            ||| % $._config,
          },
          {
            record: 'profile_metric:withings_last_measured:age_seconds',
            expr: |||
              time() - max by (profile, metric) (
                withings_measured_timestamp_seconds{%(exporterSelector)s,position="",metric=~"weight_grams|systolic_blood_pressure_mmhg|sleep_end_timestamp_seconds"}
                or max_over_time(withings_measured_timestamp_seconds{%(exporterSelector)s,metric="activity_steps"}[%(forgottenDays)sd:1h])
              )
              and on (profile) profile_instance:withings_readable:bool == 1
            ||| % $._config,
          },
          {
            alert: 'WithingsExporterMissing', 'for': '1h',
            expr: 'absent(instance:withings_exporter:up)',
            labels: { severity: 'critical' },
            annotations: {
              summary: 'No Withings exporter is being scraped.',
              description: 'For an hour, no target has identified itself as a Withings exporter. Check whether it is running and whether the scrape configuration has a job for it.',
              dashboard_url: '%(grafanaUrl)s/d/withings-exporter-prometheus' % $._config,
            },
          },
          {
            alert: 'WithingsExporterDown', 'for': '10m',
            expr: 'instance:withings_exporter:up == 0',
            labels: { severity: 'critical' },
            annotations: {
              summary: 'The Withings exporter {{ $labels.instance }} cannot be scraped.',
              description: 'For ten minutes Prometheus has had no answer from {{ $labels.instance }}. Check whether the process is running and what its log says last; then whether the scrape configuration still has the right address.',
              dashboard_url: '%(grafanaUrl)s/d/withings-exporter-prometheus' % $._config,
            },
          },
          {
            alert: 'WithingsAuthorizationLost', 'for': '10m',
            expr: 'withings_authorized{%(exporterSelector)s} == 0' % $._config,
            labels: { severity: 'critical' },
            annotations: {
              summary: 'Withings no longer allows {{ $labels.profile }}\'s data to be read.',
              description: 'Withings rejected the token of {{ $labels.profile }}, or there is none. Run `withings-exporter auth -- \'{{ reReplaceAll "\'" "\'\\\\\'\'" $labels.profile }}\'` and sign in; the running exporter picks up the new token by itself.',
              dashboard_url: '%(grafanaUrl)s/d/withings-exporter-prometheus?var-profile={{ $labels.profile | urlquery }}' % $._config,
            },
          },
          {
            alert: 'WithingsRateLimited',
            expr: |||
              sum by (job, instance) (increase(withings_rate_limited_total{%(exporterSelector)s}[1h])) > %(rateLimited)s
              unless on (job, instance) (instance:withings_exporter:up == 0)
            ||| % $._config,
            labels: { severity: 'warning' },
            annotations: {
              summary: 'Withings reports too many requests.',
              description: 'In the last hour Withings answered {{ $value | humanize }} times with status 601. Increase --poll-interval or lower --api.rate-limit, and check whether another program uses the same client id.',
              dashboard_url: '%(grafanaUrl)s/d/withings-exporter-prometheus' % $._config,
            },
          },
          {
            alert: 'WithingsPollFailing', 'for': '1h',
            expr: |||
              withings_up{%(exporterSelector)s} == 0
              unless on (profile, job, instance) (withings_authorized{%(exporterSelector)s} == 0)
              unless on (job, instance) (sum by (job, instance) (increase(withings_rate_limited_total{%(exporterSelector)s}[1h])) > %(rateLimited)s)
            ||| % $._config,
            labels: { severity: 'warning' },
            annotations: {
              summary: 'Polls of {{ $labels.profile }} have been incomplete for an hour.',
              description: 'At least one service of Withings does not answer for {{ $labels.profile }}. Run `withings-exporter check`, which tries each service once and says what is wrong.',
              dashboard_url: '%(grafanaUrl)s/d/withings-exporter-prometheus?var-profile={{ $labels.profile | urlquery }}' % $._config,
            },
          },
          {
            alert: 'WithingsAuthorizationExpiring', 'for': '10m',
            expr: |||
              max by (profile, job, instance) (time() - withings_token_expiry_timestamp_seconds{%(exporterSelector)s}) > 1800
              unless on (profile, job, instance) (withings_authorized{%(exporterSelector)s} == 0)
              unless on (job, instance) (sum by (job, instance) (increase(withings_rate_limited_total{%(exporterSelector)s}[1h])) > %(rateLimited)s)
              unless on (profile, job, instance) (withings_up{%(exporterSelector)s} == 0)
            ||| % $._config,
            labels: { severity: 'warning' },
            annotations: {
              summary: 'The token of {{ $labels.profile }} has not been renewed.',
              description: 'The access token expired {{ $value | humanizeDuration }} ago, and the exporter should have renewed it before that. Check what the log says about renewing it, and whether its disk is full. If nothing helps, run `withings-exporter auth -- \'{{ reReplaceAll "\'" "\'\\\\\'\'" $labels.profile }}\'`.',
              dashboard_url: '%(grafanaUrl)s/d/withings-exporter-prometheus?var-profile={{ $labels.profile | urlquery }}' % $._config,
            },
          },
          {
            alert: 'WithingsProfileStale', 'for': '15m',
            expr: |||
              min by (profile, job, instance) (time() - withings_last_success_timestamp_seconds{service!="presence",%(exporterSelector)s}) > %(staleHours)s * 3600
              unless on (profile, job, instance) (withings_authorized{%(exporterSelector)s} == 0)
              unless on (job, instance) (sum by (job, instance) (increase(withings_rate_limited_total{%(exporterSelector)s}[1h])) > %(rateLimited)s)
              unless on (profile, job, instance) (withings_up{%(exporterSelector)s} == 0)
              unless on (profile, job, instance) (max by (profile, job, instance) (time() - withings_token_expiry_timestamp_seconds{%(exporterSelector)s}) > 1800)
            ||| % $._config,
            labels: { severity: 'warning' },
            annotations: {
              summary: '{{ $labels.profile }} was last read {{ $value | humanizeDuration }} ago.',
              description: 'The exporter is running, but has not asked Withings about {{ $labels.profile }} for some time. Check what its log says last, and run `withings-exporter check`.',
              dashboard_url: '%(grafanaUrl)s/d/withings-exporter-prometheus?var-profile={{ $labels.profile | urlquery }}' % $._config,
            },
          },
          {
            alert: 'WithingsConfigReloadFailed', 'for': '5m',
            expr: |||
              withings_exporter_config_last_reload_successful{%(exporterSelector)s} == 0
              unless on (job, instance) (instance:withings_exporter:up == 0)
            ||| % $._config,
            labels: { severity: 'warning' },
            annotations: {
              summary: 'The Withings exporter {{ $labels.instance }} could not reload its configuration.',
              description: 'It goes on with the configuration of before. See what its log says is wrong with the new one, or run `withings-exporter check` with the same flags; correct it and reload again, before a restart finds it.',
              dashboard_url: '%(grafanaUrl)s/d/withings-exporter-prometheus' % $._config,
            },
          },
          {
            alert: 'WithingsInfluxRefused',
            expr: |||
              sum by (job, instance) (increase(withings_influx_points_total{%(exporterSelector)s,result="refused"}[1h])) > 0
              unless on (job, instance) (instance:withings_exporter:up == 0)
            ||| % $._config,
            labels: { severity: 'warning' },
            annotations: {
              summary: 'InfluxDB rejects points.',
              description: 'In the last hour InfluxDB rejected {{ $value | humanize }} points by name. See the exporter\'s log for the reason: usually another program has written the same field with another type, or the retention is shorter than the history. The points are tried again every hour and are written once the cause is gone.',
              dashboard_url: '%(grafanaUrl)s/d/withings-exporter-prometheus' % $._config,
            },
          },
          {
            alert: 'WithingsInfluxLag', 'for': '15m',
            expr: |||
              max by (job, instance) (withings_influx_lag_seconds{%(exporterSelector)s}) > %(influxLagMinutes)s * 60
              unless on (job, instance) (sum by (job, instance) (increase(withings_influx_points_total{%(exporterSelector)s,result="refused"}[1h])) > 0)
            ||| % $._config,
            labels: { severity: 'warning' },
            annotations: {
              summary: 'InfluxDB is {{ $value | humanizeDuration }} behind.',
              description: 'InfluxDB does not acknowledge what is written. Nothing is lost; it is written once the database accepts it. Check whether InfluxDB is running, whether its disk is full and whether the token may still write; the exporter\'s log has its answer.',
              dashboard_url: '%(grafanaUrl)s/d/withings-exporter-prometheus' % $._config,
            },
          },
          {
            alert: 'WithingsWatchSilent', 'for': '1h',
            expr: 'profile_device:withings_last_session:age_seconds{%(watchSilentSelector)s,type="Activity Tracker"} > %(watchSilentDays)s * 86400 < %(forgottenDays)s * 86400' % $._config,
            labels: { severity: 'info' },
            annotations: {
              summary: '{{ $labels.profile }}\'s {{ with $labels.model }}{{ . }}{{ else }}{{ $labels.type }}{{ end }} has had no contact with Withings for %(watchSilentDays)s days.' % $._config,
              description: 'Charge it, and open the Withings app on the phone that it belongs to, with Bluetooth on. If it is no longer in use, remove it in the app or leave it out of this alert.',
              dashboard_url: '%(grafanaUrl)s/d/withings-exporter-prometheus?var-profile={{ $labels.profile | urlquery }}' % $._config,
            },
          },
          {
            alert: 'WithingsMatSilent', 'for': '1h',
            expr: 'profile_device:withings_last_session:age_seconds{%(matSilentSelector)s,type="Sleep Monitor"} > %(matSilentDays)s * 86400 < %(forgottenDays)s * 86400' % $._config,
            labels: { severity: 'info' },
            annotations: {
              summary: '{{ $labels.profile }}\'s {{ with $labels.model }}{{ . }}{{ else }}{{ $labels.type }}{{ end }} has had no contact with Withings for %(matSilentDays)s days.' % $._config,
              description: 'Check whether it is plugged in and whether its Wi-Fi still works: open the Withings app and let it synchronise. If it is no longer in use, remove it in the app or leave it out of this alert.',
              dashboard_url: '%(grafanaUrl)s/d/withings-exporter-prometheus?var-profile={{ $labels.profile | urlquery }}' % $._config,
            },
          },
          {
            alert: 'WithingsScaleSilent', 'for': '1h',
            expr: 'profile_device:withings_last_session:age_seconds{%(scaleSilentSelector)s,type="Scale"} > %(scaleSilentDays)s * 86400 < %(forgottenDays)s * 86400' % $._config,
            labels: { severity: 'info' },
            annotations: {
              summary: '{{ $labels.profile }}\'s {{ with $labels.model }}{{ . }}{{ else }}{{ $labels.type }}{{ end }} has had no contact with Withings for %(scaleSilentDays)s days.' % $._config,
              description: 'If somebody did step on it, its batteries may be empty or it may have lost its Wi-Fi: open the Withings app and let it synchronise.',
              dashboard_url: '%(grafanaUrl)s/d/withings-exporter-prometheus?var-profile={{ $labels.profile | urlquery }}' % $._config,
            },
          },
          {
            alert: 'WithingsMonitorSilent', 'for': '1h',
            expr: 'profile_device:withings_last_session:age_seconds{%(monitorSilentSelector)s,type="Blood Pressure Monitor"} > %(monitorSilentDays)s * 86400 < %(forgottenDays)s * 86400' % $._config,
            labels: { severity: 'info' },
            annotations: {
              summary: '{{ $labels.profile }}\'s {{ with $labels.model }}{{ . }}{{ else }}{{ $labels.type }}{{ end }} has had no contact with Withings for %(monitorSilentDays)s days.' % $._config,
              description: 'If somebody did use it, charge it, and open the Withings app and let it synchronise.',
              dashboard_url: '%(grafanaUrl)s/d/withings-exporter-prometheus?var-profile={{ $labels.profile | urlquery }}' % $._config,
            },
          },
          {
            alert: 'WithingsBatteryLow', 'for': '1h',
            expr: |||
              max by (profile, device, type, model) (withings_device_info{%(exporterSelector)s,%(batteryLowSelector)s})
              and on (profile, device) (
                withings_device_battery_state{%(exporterSelector)s,%(batteryLowSelector)s,state="low"} == 1
                and on (profile, job, instance) profile_instance:withings_readable:bool == 1
              )
              unless on (profile, device, type, model) (profile_device:withings_last_session:age_seconds{%(watchSilentSelector)s,type="Activity Tracker"} > %(watchSilentDays)s * 86400 < %(forgottenDays)s * 86400)
              unless on (profile, device, type, model) (profile_device:withings_last_session:age_seconds{%(matSilentSelector)s,type="Sleep Monitor"} > %(matSilentDays)s * 86400 < %(forgottenDays)s * 86400)
              unless on (profile, device, type, model) (profile_device:withings_last_session:age_seconds{%(scaleSilentSelector)s,type="Scale"} > %(scaleSilentDays)s * 86400 < %(forgottenDays)s * 86400)
              unless on (profile, device, type, model) (profile_device:withings_last_session:age_seconds{%(monitorSilentSelector)s,type="Blood Pressure Monitor"} > %(monitorSilentDays)s * 86400 < %(forgottenDays)s * 86400)
            ||| % $._config,
            labels: { severity: 'info' },
            annotations: {
              summary: '{{ $labels.profile }}\'s {{ with $labels.model }}{{ . }}{{ else }}{{ $labels.type }}{{ end }} has a low battery.',
              description: 'Charge it or replace its batteries; below 30 %%, readings may soon stop. The alert ends when the device has reported the new battery to Withings.' % $._config,
              dashboard_url: '%(grafanaUrl)s/d/withings-exporter-prometheus?var-profile={{ $labels.profile | urlquery }}' % $._config,
            },
          },
          {
            alert: 'WithingsNoWeight', 'for': '1h',
            expr: |||
              profile_metric:withings_last_measured:age_seconds{%(noWeightSelector)s,metric="weight_grams"} > %(noWeightDays)s * 86400 < %(forgottenDays)s * 86400
              unless on (profile) (profile_device:withings_last_session:age_seconds{%(scaleSilentSelector)s,type="Scale"} > %(scaleSilentDays)s * 86400 < %(forgottenDays)s * 86400)
            ||| % $._config,
            labels: { severity: 'info' },
            annotations: {
              summary: '{{ $labels.profile }} has not weighed in for %(noWeightDays)s days.' % $._config,
              description: 'If that is wrong, open the Withings app: the scale may have taken {{ $labels.profile }} for somebody else, or the reading may wait to be assigned.',
              dashboard_url: '%(grafanaUrl)s/d/withings-body-prometheus?var-profile={{ $labels.profile | urlquery }}' % $._config,
            },
          },
          {
            alert: 'WithingsNoBloodPressure', 'for': '1h',
            expr: |||
              profile_metric:withings_last_measured:age_seconds{%(noBloodPressureSelector)s,metric="systolic_blood_pressure_mmhg"} > %(noPressureDays)s * 86400 < %(forgottenDays)s * 86400
              unless on (profile) (profile_device:withings_last_session:age_seconds{%(monitorSilentSelector)s,type="Blood Pressure Monitor"} > %(monitorSilentDays)s * 86400 < %(forgottenDays)s * 86400)
            ||| % $._config,
            labels: { severity: 'info' },
            annotations: {
              summary: '{{ $labels.profile }} has not measured blood pressure for %(noPressureDays)s days.' % $._config,
              description: 'If that is wrong, open the Withings app and let the monitor synchronise; a reading may wait to be assigned to {{ $labels.profile }}.',
              dashboard_url: '%(grafanaUrl)s/d/withings-heart-prometheus?var-profile={{ $labels.profile | urlquery }}' % $._config,
            },
          },
          {
            alert: 'WithingsNoActivity', 'for': '1h',
            expr: |||
              profile_metric:withings_last_measured:age_seconds{%(noActivitySelector)s,metric="activity_steps"} > %(noActivityDays)s * 86400 < %(forgottenDays)s * 86400
              unless on (profile) (profile_device:withings_last_session:age_seconds{%(watchSilentSelector)s,type="Activity Tracker"} > %(watchSilentDays)s * 86400 < %(forgottenDays)s * 86400)
            ||| % $._config,
            labels: { severity: 'info' },
            annotations: {
              summary: 'There have been no steps of {{ $labels.profile }} for %(noActivityDays)s days.' % $._config,
              description: 'Open the Withings app and let the watch synchronise. If {{ $labels.profile }} does not wear it at present, leave them out of this alert.',
              dashboard_url: '%(grafanaUrl)s/d/withings-activity-prometheus?var-profile={{ $labels.profile | urlquery }}' % $._config,
            },
          },
          {
            alert: 'WithingsNoSleep', 'for': '1h',
            expr: |||
              profile_metric:withings_last_measured:age_seconds{%(noSleepSelector)s,metric="sleep_end_timestamp_seconds"} > %(noSleepDays)s * 86400 < %(forgottenDays)s * 86400
              unless on (profile) (profile_device:withings_last_session:age_seconds{%(matSilentSelector)s,type="Sleep Monitor"} > %(matSilentDays)s * 86400 < %(forgottenDays)s * 86400)
              unless on (profile) (profile_device:withings_last_session:age_seconds{%(watchSilentSelector)s,type="Activity Tracker"} > %(watchSilentDays)s * 86400 < %(forgottenDays)s * 86400)
            ||| % $._config,
            labels: { severity: 'info' },
            annotations: {
              summary: 'There has been no night of {{ $labels.profile }} for %(noSleepDays)s days.' % $._config,
              description: 'If {{ $labels.profile }} did sleep at home, open the Withings app and let the watch or the mat synchronise; check that the watch is worn at night.',
              dashboard_url: '%(grafanaUrl)s/d/withings-sleep-prometheus?var-profile={{ $labels.profile | urlquery }}' % $._config,
            },
          },
        ],
      },
    ] + (if !$._config.health then [] else [
      {
        name: 'withings-health',
        interval: '5m',
        rules: [
          {
            record: 'profile:withings_weight_grams:gain3d',
            expr: |||
              last_over_time((max by (profile) (last_over_time(withings_weight_grams{position=""}[1d] offset -1d) and on (profile, job, instance) topk by (profile) (1, last_over_time(withings_measured_timestamp_seconds{metric="weight_grams",position=""}[1d] offset -1d) > time() or on (profile, job, instance) (max_over_time((last_over_time(withings_weight_grams{position="",instance=""}[15m]) * 0 + time())[1d:15m] offset -1d) > time()) - 900)))[1d23h59m59s:1d])
              - min_over_time((max by (profile) (last_over_time(withings_weight_grams{position=""}[1d] offset -1d) and on (profile, job, instance) topk by (profile) (1, last_over_time(withings_measured_timestamp_seconds{metric="weight_grams",position=""}[1d] offset -1d) > time() or on (profile, job, instance) (max_over_time((last_over_time(withings_weight_grams{position="",instance=""}[15m]) * 0 + time())[1d:15m] offset -1d) > time()) - 900)))[3d23h59m59s:1d])
            |||,
          },
          { record: 'profile:withings_systolic_blood_pressure_mmhg:readings7d', expr: 'avg by (profile) (max by (profile, recorded) (last_over_time((withings_systolic_blood_pressure_mmhg{position=""} * on (profile, job, instance) group_left (recorded) count_values by (profile, job, instance) ("recorded", (withings_measured_timestamp_seconds{metric="systolic_blood_pressure_mmhg",position=""} or on (profile, job, instance) timestamp(withings_systolic_blood_pressure_mmhg{position="",instance=""}))))[7d:5m]) and on (profile, job, instance, recorded) (last_over_time(((withings_measured_timestamp_seconds{metric="systolic_blood_pressure_mmhg",position=""} or on (profile, job, instance) timestamp(withings_systolic_blood_pressure_mmhg{position="",instance=""})) * on (profile, job, instance) group_left (recorded) count_values by (profile, job, instance) ("recorded", (withings_measured_timestamp_seconds{metric="systolic_blood_pressure_mmhg",position=""} or on (profile, job, instance) timestamp(withings_systolic_blood_pressure_mmhg{position="",instance=""}))))[7d:5m]) > time() - 604800)))' },
          { record: 'profile:withings_diastolic_blood_pressure_mmhg:readings7d', expr: 'avg by (profile) (max by (profile, recorded) (last_over_time((withings_diastolic_blood_pressure_mmhg{position=""} * on (profile, job, instance) group_left (recorded) count_values by (profile, job, instance) ("recorded", (withings_measured_timestamp_seconds{metric="diastolic_blood_pressure_mmhg",position=""} or on (profile, job, instance) timestamp(withings_diastolic_blood_pressure_mmhg{position="",instance=""}))))[7d:5m]) and on (profile, job, instance, recorded) (last_over_time(((withings_measured_timestamp_seconds{metric="diastolic_blood_pressure_mmhg",position=""} or on (profile, job, instance) timestamp(withings_diastolic_blood_pressure_mmhg{position="",instance=""})) * on (profile, job, instance) group_left (recorded) count_values by (profile, job, instance) ("recorded", (withings_measured_timestamp_seconds{metric="diastolic_blood_pressure_mmhg",position=""} or on (profile, job, instance) timestamp(withings_diastolic_blood_pressure_mmhg{position="",instance=""}))))[7d:5m]) > time() - 604800)))' },
          { record: 'profile:withings_systolic_blood_pressure_mmhg:count7d', expr: 'count by (profile) (max by (profile, recorded) (last_over_time((withings_systolic_blood_pressure_mmhg{position=""} * on (profile, job, instance) group_left (recorded) count_values by (profile, job, instance) ("recorded", (withings_measured_timestamp_seconds{metric="systolic_blood_pressure_mmhg",position=""} or on (profile, job, instance) timestamp(withings_systolic_blood_pressure_mmhg{position="",instance=""}))))[7d:5m]) and on (profile, job, instance, recorded) (last_over_time(((withings_measured_timestamp_seconds{metric="systolic_blood_pressure_mmhg",position=""} or on (profile, job, instance) timestamp(withings_systolic_blood_pressure_mmhg{position="",instance=""})) * on (profile, job, instance) group_left (recorded) count_values by (profile, job, instance) ("recorded", (withings_measured_timestamp_seconds{metric="systolic_blood_pressure_mmhg",position=""} or on (profile, job, instance) timestamp(withings_systolic_blood_pressure_mmhg{position="",instance=""}))))[7d:5m]) > time() - 604800)))' },
          { record: 'profile:withings_ecg_atrial_fibrillation_class:newest7d', expr: 'max by (profile) (last_over_time(withings_ecg_atrial_fibrillation_class{position=""}[7d]) and on (profile, job, instance) topk by (profile) (1, last_over_time(withings_measured_timestamp_seconds{metric="ecg_atrial_fibrillation_class",position=""}[7d]) > (time() - 604800) or on (profile, job, instance) (max_over_time((last_over_time(withings_ecg_atrial_fibrillation_class{position="",instance=""}[15m]) * 0 + time())[7d:15m]) > (time() - 604800)) - 900))' },
          { record: 'profile:withings_ppg_atrial_fibrillation_class:newest7d', expr: 'max by (profile) (last_over_time(withings_ppg_atrial_fibrillation_class{position=""}[7d]) and on (profile, job, instance) topk by (profile) (1, last_over_time(withings_measured_timestamp_seconds{metric="ppg_atrial_fibrillation_class",position=""}[7d]) > (time() - 604800) or on (profile, job, instance) (max_over_time((last_over_time(withings_ppg_atrial_fibrillation_class{position="",instance=""}[15m]) * 0 + time())[7d:15m]) > (time() - 604800)) - 900))' },
          { record: 'profile:withings_spo2_ratio:readings1d', expr: 'avg by (profile) (max by (profile, recorded) (last_over_time((withings_spo2_ratio{position=""} * on (profile, job, instance) group_left (recorded) count_values by (profile, job, instance) ("recorded", (withings_measured_timestamp_seconds{metric="spo2_ratio",position=""} or on (profile, job, instance) timestamp(withings_spo2_ratio{position="",instance=""}))))[1d:5m]) and on (profile, job, instance, recorded) (last_over_time(((withings_measured_timestamp_seconds{metric="spo2_ratio",position=""} or on (profile, job, instance) timestamp(withings_spo2_ratio{position="",instance=""})) * on (profile, job, instance) group_left (recorded) count_values by (profile, job, instance) ("recorded", (withings_measured_timestamp_seconds{metric="spo2_ratio",position=""} or on (profile, job, instance) timestamp(withings_spo2_ratio{position="",instance=""}))))[1d:5m]) > time() - 86400)))' },
          { record: 'profile:withings_spo2_ratio:count1d', expr: 'count by (profile) (max by (profile, recorded) (last_over_time((withings_spo2_ratio{position=""} * on (profile, job, instance) group_left (recorded) count_values by (profile, job, instance) ("recorded", (withings_measured_timestamp_seconds{metric="spo2_ratio",position=""} or on (profile, job, instance) timestamp(withings_spo2_ratio{position="",instance=""}))))[1d:5m]) and on (profile, job, instance, recorded) (last_over_time(((withings_measured_timestamp_seconds{metric="spo2_ratio",position=""} or on (profile, job, instance) timestamp(withings_spo2_ratio{position="",instance=""})) * on (profile, job, instance) group_left (recorded) count_values by (profile, job, instance) ("recorded", (withings_measured_timestamp_seconds{metric="spo2_ratio",position=""} or on (profile, job, instance) timestamp(withings_spo2_ratio{position="",instance=""}))))[1d:5m]) > time() - 86400)))' },
          { record: 'profile:withings_body_temperature_celsius:max1d', expr: 'max by (profile) (max by (profile, recorded) (last_over_time((withings_body_temperature_celsius{position=""} * on (profile, job, instance) group_left (recorded) count_values by (profile, job, instance) ("recorded", (withings_measured_timestamp_seconds{metric="body_temperature_celsius",position=""} or on (profile, job, instance) timestamp(withings_body_temperature_celsius{position="",instance=""}))))[1d:5m]) and on (profile, job, instance, recorded) (last_over_time(((withings_measured_timestamp_seconds{metric="body_temperature_celsius",position=""} or on (profile, job, instance) timestamp(withings_body_temperature_celsius{position="",instance=""})) * on (profile, job, instance) group_left (recorded) count_values by (profile, job, instance) ("recorded", (withings_measured_timestamp_seconds{metric="body_temperature_celsius",position=""} or on (profile, job, instance) timestamp(withings_body_temperature_celsius{position="",instance=""}))))[1d:5m]) > time() - 86400)))' },
          {
            alert: 'WithingsFastWeightGain',
            expr: 'profile:withings_weight_grams:gain3d{%(fastWeightGainSelector)s} / 1000 > %(weightGainKilograms)s' % $._config,
            labels: { severity: 'warning' },
            annotations: {
              summary: '{{ $labels.profile }} has gained {{ printf "%%.1f" $value }} kg in three days.' % $._config,
              description: 'Weight that rises so fast may be water. Whoever has a weak heart should call their doctor or nurse; see the weigh-ins, since clothes and somebody else on the scale count as well. This is not a diagnosis.',
              dashboard_url: '%(grafanaUrl)s/d/withings-body-prometheus?var-profile={{ $labels.profile | urlquery }}' % $._config,
            },
          },
          {
            alert: 'WithingsHighBloodPressure',
            expr: |||
              (
                label_replace(
                  round(profile:withings_systolic_blood_pressure_mmhg:readings7d{%(highBloodPressureSelector)s}) >= %(systolicMmhg)s,
                  "pressure", "upper", "", ""
                )
                or on (profile) label_replace(
                  round(profile:withings_diastolic_blood_pressure_mmhg:readings7d{%(highBloodPressureSelector)s}) >= %(diastolicMmhg)s,
                  "pressure", "lower", "", ""
                )
              )
              and on (profile) profile:withings_systolic_blood_pressure_mmhg:count7d >= %(pressureReadings)s
            ||| % $._config,
            labels: { severity: 'warning' },
            annotations: {
              summary: '{{ $labels.profile }}\'s mean {{ $labels.pressure }} blood pressure of seven days is {{ $value }} mmHg.',
              description: 'At home, a mean from %(systolicMmhg)s/%(diastolicMmhg)s on is high by ESC 2024. Check how it was measured, go on measuring in the morning and in the evening, and show a doctor the dashboard. This is not a diagnosis.' % $._config,
              dashboard_url: '%(grafanaUrl)s/d/withings-doctor-prometheus?var-profile={{ $labels.profile | urlquery }}' % $._config,
            },
          },
          {
            alert: 'WithingsAtrialFibrillation',
            expr: |||
              label_replace((
                profile:withings_ecg_atrial_fibrillation_class:newest7d{%(atrialFibrillationSelector)s} == 1
                or profile:withings_ecg_atrial_fibrillation_class:newest7d{%(atrialFibrillationSelector)s} == 11
                or profile:withings_ecg_atrial_fibrillation_class:newest7d{%(atrialFibrillationSelector)s} == 12
              ), "where", "ECG", "", "")
              or on (profile) label_replace((
                profile:withings_ppg_atrial_fibrillation_class:newest7d{%(atrialFibrillationSelector)s} == 1
                or profile:withings_ppg_atrial_fibrillation_class:newest7d{%(atrialFibrillationSelector)s} == 11
                or profile:withings_ppg_atrial_fibrillation_class:newest7d{%(atrialFibrillationSelector)s} == 12
              ), "where", "background check", "", "")
            ||| % $._config,
            labels: { severity: 'warning' },
            annotations: {
              summary: '{{ $labels.profile }}\'s last {{ $labels.where }} shows signs of atrial fibrillation.',
              description: 'Open the Withings app, see the recording, and have a doctor look at it; record another ECG at rest. This is not a diagnosis.',
              dashboard_url: '%(grafanaUrl)s/d/withings-heart-prometheus?var-profile={{ $labels.profile | urlquery }}' % $._config,
            },
          },
          {
            alert: 'WithingsLowOxygen',
            expr: |||
              profile:withings_spo2_ratio:readings1d{%(lowOxygenSelector)s} <= %(oxygenPercent)s / 100
              and on (profile) profile:withings_spo2_ratio:count1d >= %(oxygenReadings)s
            ||| % $._config,
            labels: { severity: 'warning' },
            annotations: {
              summary: '{{ $labels.profile }}\'s mean oxygen saturation of a day is {{ $value | humanizePercentage }}.',
              description: 'Check that the watch is tight and the hand warm, and measure again at rest. Whoever is short of breath needs help at once, whatever a watch says. This is not a diagnosis.',
              dashboard_url: '%(grafanaUrl)s/d/withings-heart-prometheus?var-profile={{ $labels.profile | urlquery }}' % $._config,
            },
          },
          {
            alert: 'WithingsFever',
            expr: 'profile:withings_body_temperature_celsius:max1d{%(feverSelector)s} >= %(feverCelsius)s' % $._config,
            labels: { severity: 'info' },
            annotations: {
              summary: '{{ $labels.profile }} had a temperature of {{ printf "%%.1f" $value }} °C within a day.' % $._config,
              description: 'Check it again in some hours, and call a doctor if it stays or if {{ $labels.profile }} feels very ill. This is not a diagnosis.',
              dashboard_url: '%(grafanaUrl)s/d/withings-body-prometheus?var-profile={{ $labels.profile | urlquery }}' % $._config,
            },
          },
        ],
      },
    ]),
  },

  prometheusRules+:: {
    groups+: [
      {
        name: 'withings-trends',
        interval: '5m',
        rules: [
          { record: 'profile:withings_weight_grams:mean7d', expr: 'avg_over_time((max by (profile) (last_over_time(withings_weight_grams{position=""}[1d] offset -1d) and on (profile, job, instance) topk by (profile) (1, last_over_time(withings_measured_timestamp_seconds{metric="weight_grams",position=""}[1d] offset -1d) > time() or on (profile, job, instance) (max_over_time((last_over_time(withings_weight_grams{position="",instance=""}[15m]) * 0 + time())[1d:15m] offset -1d) > time()) - 900)))[6d23h59m59s:1d])' },
          { record: 'profile:withings_weight_grams:mean14d', expr: 'avg_over_time((max by (profile) (last_over_time(withings_weight_grams{position=""}[1d] offset -1d) and on (profile, job, instance) topk by (profile) (1, last_over_time(withings_measured_timestamp_seconds{metric="weight_grams",position=""}[1d] offset -1d) > time() or on (profile, job, instance) (max_over_time((last_over_time(withings_weight_grams{position="",instance=""}[15m]) * 0 + time())[1d:15m] offset -1d) > time()) - 900)))[13d23h59m59s:1d])' },
          { record: 'profile:withings_weight_grams:mean30d', expr: 'avg_over_time((max by (profile) (last_over_time(withings_weight_grams{position=""}[1d] offset -1d) and on (profile, job, instance) topk by (profile) (1, last_over_time(withings_measured_timestamp_seconds{metric="weight_grams",position=""}[1d] offset -1d) > time() or on (profile, job, instance) (max_over_time((last_over_time(withings_weight_grams{position="",instance=""}[15m]) * 0 + time())[1d:15m] offset -1d) > time()) - 900)))[29d23h59m59s:1d])' },
          { record: 'profile:withings_weight_grams:change7d', expr: 'profile:withings_weight_grams:mean7d - avg_over_time((max by (profile) (last_over_time(withings_weight_grams{position=""}[1d] offset -1d) and on (profile, job, instance) topk by (profile) (1, last_over_time(withings_measured_timestamp_seconds{metric="weight_grams",position=""}[1d] offset -1d) > time() or on (profile, job, instance) (max_over_time((last_over_time(withings_weight_grams{position="",instance=""}[15m]) * 0 + time())[1d:15m] offset -1d) > time()) - 900)))[6d23h59m59s:1d] offset 7d)' },
          { record: 'profile:withings_fat_ratio:mean30d', expr: 'avg_over_time((max by (profile) (last_over_time(withings_fat_ratio{position=""}[1d] offset -1d) and on (profile, job, instance) topk by (profile) (1, last_over_time(withings_measured_timestamp_seconds{metric="fat_ratio",position=""}[1d] offset -1d) > time() or on (profile, job, instance) (max_over_time((last_over_time(withings_fat_ratio{position="",instance=""}[15m]) * 0 + time())[1d:15m] offset -1d) > time()) - 900)))[29d23h59m59s:1d])' },
          { record: 'profile:withings_systolic_blood_pressure_mmhg:mean7d', expr: 'avg_over_time((max by (profile) (last_over_time(withings_systolic_blood_pressure_mmhg{position=""}[1d] offset -1d) and on (profile, job, instance) topk by (profile) (1, last_over_time(withings_measured_timestamp_seconds{metric="systolic_blood_pressure_mmhg",position=""}[1d] offset -1d) > time() or on (profile, job, instance) (max_over_time((last_over_time(withings_systolic_blood_pressure_mmhg{position="",instance=""}[15m]) * 0 + time())[1d:15m] offset -1d) > time()) - 900)))[6d23h59m59s:1d])' },
          { record: 'profile:withings_systolic_blood_pressure_mmhg:mean30d', expr: 'avg_over_time((max by (profile) (last_over_time(withings_systolic_blood_pressure_mmhg{position=""}[1d] offset -1d) and on (profile, job, instance) topk by (profile) (1, last_over_time(withings_measured_timestamp_seconds{metric="systolic_blood_pressure_mmhg",position=""}[1d] offset -1d) > time() or on (profile, job, instance) (max_over_time((last_over_time(withings_systolic_blood_pressure_mmhg{position="",instance=""}[15m]) * 0 + time())[1d:15m] offset -1d) > time()) - 900)))[29d23h59m59s:1d])' },
          { record: 'profile:withings_diastolic_blood_pressure_mmhg:mean7d', expr: 'avg_over_time((max by (profile) (last_over_time(withings_diastolic_blood_pressure_mmhg{position=""}[1d] offset -1d) and on (profile, job, instance) topk by (profile) (1, last_over_time(withings_measured_timestamp_seconds{metric="diastolic_blood_pressure_mmhg",position=""}[1d] offset -1d) > time() or on (profile, job, instance) (max_over_time((last_over_time(withings_diastolic_blood_pressure_mmhg{position="",instance=""}[15m]) * 0 + time())[1d:15m] offset -1d) > time()) - 900)))[6d23h59m59s:1d])' },
          { record: 'profile:withings_diastolic_blood_pressure_mmhg:mean30d', expr: 'avg_over_time((max by (profile) (last_over_time(withings_diastolic_blood_pressure_mmhg{position=""}[1d] offset -1d) and on (profile, job, instance) topk by (profile) (1, last_over_time(withings_measured_timestamp_seconds{metric="diastolic_blood_pressure_mmhg",position=""}[1d] offset -1d) > time() or on (profile, job, instance) (max_over_time((last_over_time(withings_diastolic_blood_pressure_mmhg{position="",instance=""}[15m]) * 0 + time())[1d:15m] offset -1d) > time()) - 900)))[29d23h59m59s:1d])' },
          { record: 'profile:withings_activity_steps:mean7d', expr: 'avg_over_time((max by (profile) (last_over_time(withings_activity_steps{day="yesterday"}[1d] offset -36h) and on (profile, job, instance) topk by (profile) (1, last_over_time(withings_measured_timestamp_seconds{metric="activity_steps",day="yesterday"}[1d] offset -36h) > (time() + 43200) or on (profile, job, instance) (max_over_time((last_over_time(withings_activity_steps{day="yesterday",instance=""}[15m]) * 0 + time())[1d:15m] offset -36h) > (time() + 43200)) - 900)))[6d23h59m59s:1d] offset 1d)' },
          { record: 'profile:withings_sleep_total_seconds:mean7d', expr: 'avg_over_time((max by (profile) (last_over_time(withings_sleep_total_seconds[1d] offset -1d) and on (profile, job, instance) topk by (profile) (1, last_over_time(withings_measured_timestamp_seconds{metric="sleep_total_seconds"}[1d] offset -1d) > time() or on (profile, job, instance) (max_over_time((last_over_time(withings_sleep_total_seconds{instance=""}[15m]) * 0 + time())[1d:15m] offset -1d) > time()) - 900)))[6d23h59m59s:1d])' },
        ],
      },
    ],
  },
}
