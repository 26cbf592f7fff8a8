// Package proof holds the dashboards to numbers that were worked out by hand. It has
// tests only.
//
// A history (history_test.go) is what a few made-up people measured, in seven time
// zones: ramps, silent days, readings shortly before and after midnight, several
// workouts a day, nights seen by two devices, the running day. It is laid out
// (gauges_test.go, points_test.go) as Prometheus and InfluxDB would have it: imported,
// then scraped from an exporter that moved to another host, with a second exporter
// whose token died; or from one that is down. A real Prometheus and a real InfluxDB
// load it, and every query of every panel is put to them as Grafana does, with steps
// that begin at the browser's midnight (package queries).
//
// What must come out stands in a table for each dashboard (body_test.go and so on):
//
//	{"Weight", "7-day mean", h.mean("weight_grams", 7)},
//
// that is the title of the panel, the name of the line, and what it must show. The
// methods on the right (oracle_test.go) compute that from the readings in plain Go,
// never by a query. A line without an entry fails, and so does an entry without a
// line. Of the first day of a range only a part is shown, so it may be missing; if it is
// there, it is right. One dashboard of one person is looked at with
//
//	go test ./grafana/proof -run Right/influxdb/Vienna/sleep
//
// With WITHINGS_TEST_SCALE at its full length everybody is asked for everything, else
// some of the years and of the rows with everything are left out.
package proof
