// Package grafana installs dashboards and alert rules in a Grafana: as files with
// what provisioning needs, or through Grafana's HTTP API.
//
//	boards (Go) ─► go test -update ─┬─► dashboards/…json     for people
//	                                └─► boards.json.gz       for the program
//	boards.json.gz + alerts/ + provisioning/ ─► Write, Install
//
// The boards are described in package boards, which the program does not
// contain; see there why. Here they are data: each board with the defaults, and
// for each choice (units, classes of blood pressure, first day of week) the
// places where the board differs. Choices differ in different places, so that
// they can be combined; a test renders all combinations and compares.
package grafana
