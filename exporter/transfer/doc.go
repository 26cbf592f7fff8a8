// Package transfer moves the histories of profiles to InfluxDB or into an
// OpenMetrics file: it opens the target that --to names, has package backfill read
// what the target lacks, shows how far that is, and says what was moved.
package transfer
