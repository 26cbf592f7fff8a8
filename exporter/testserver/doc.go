// Package testserver starts real servers for tests: InfluxDB 1.8 and 2.7,
// VictoriaMetrics and Prometheus, each on a free loopback port with its data where
// the test says. A server stops at the end of its test; on Linux also when the test
// program is killed. If the test fails, the log of the server is shown.
//
// A test can do what an administrator would: stop and start a server, drop its data,
// extend a retention period, revoke a permission. [TLS] and [Retention] are options
// for its start.
//
// The programs are searched for in PATH, then in the folder of .ci/servers. If one
// is missing, a test is skipped; with CI=true it fails.
//
// Functions and methods end the test on an error, so they must be called from the
// goroutine of the test.
package testserver
