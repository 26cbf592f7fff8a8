// The boards and rules of this folder as a monitoring mixin: the very files, so
// that nothing is kept twice.
{
  grafanaDashboardFolder:: 'Withings',

  grafanaDashboards+:: {
    'withings-activity.json': import '../dashboards/prometheus/activity.json',
    'withings-body.json': import '../dashboards/prometheus/body.json',
    'withings-composition.json': import '../dashboards/prometheus/composition.json',
    'withings-exporter.json': import '../dashboards/prometheus/exporter.json',
    'withings-heart.json': import '../dashboards/prometheus/heart.json',
    'withings-longview.json': import '../dashboards/prometheus/longview.json',
    'withings-overview.json': import '../dashboards/prometheus/overview.json',
    'withings-sleep.json': import '../dashboards/prometheus/sleep.json',
  },

  prometheusAlerts+:: std.parseYaml(importstr 'withings.alerts.yaml'),

  prometheusRules+:: std.parseYaml(importstr 'withings.recording.yaml'),
}
