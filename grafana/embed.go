package grafana

import "embed"

// The rules and provisioning files as they are in the repository; tests of the
// rules are left out.
//
//go:embed alerts/withings.alerts.yaml alerts/withings.health.yaml alerts/withings.recording.yaml alerts/mixin.libsonnet provisioning
var files embed.FS
