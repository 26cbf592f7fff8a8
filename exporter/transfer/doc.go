// Package transfer moves the histories of profiles to InfluxDB or into an
// OpenMetrics file: it opens the target that --to names, has package backfill read
// what the target lacks, shows the progress, and reports what was written.
package transfer
