// Package testserver starts the real servers that tests compare with: InfluxDB
// 1.8 and 2.7, VictoriaMetrics and Prometheus, each on a free loopback port with
// its data where the test says. A server ends with its test, and when the test
// program is killed, on Linux also then. What it logs is shown when the test
// failed.
//
// A test changes a server as its owner would: it stops and starts it, drops what it
// holds, makes a retention period longer, takes a permission away. [TLS] and
// [Retention] say how it begins.
//
// The programs are looked for in PATH, then in the folder where .ci/servers
// puts them. Where one is missing a test is skipped, and fails where CI=true.
//
// Functions and methods end the test when something goes wrong, so they are
// called from the goroutine of the test.
package testserver
