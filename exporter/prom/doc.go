// Package prom serves readings and the exporter's own metrics on /metrics.
//
// The readings of thousands of people rarely change between two scrapes. Of each
// profile a compact part is kept (part.go), which is written again when something in
// it has changed. A scrape copies the parts into a page, family by family (page.go),
// and sends it in pieces (outlet.go); pieces that were compressed before are sent as
// they are. Formats that few ask for are left to Prometheus' library, which must give
// the same for the others.
package prom
