// Package boards describes the boards, each once, on the catalogue:
//
//	board ─► rows ─► panels ─► questions about catalogue rows
//	                              │
//	            promql.go ◄───────┴───────► influxql.go
//
// A panel names a row of the catalogue; the query in either language, the unit
// and the conversion to pounds or miles are derived from the row, so that the
// two sets of boards cannot drift apart. What comes out is plain dashboard JSON
// made of the types of Grafana's Foundation SDK.
//
// The boards are right for two kinds of data in one database: sparse samples of
// imported history, one at each moment of measuring, and live gauges, which
// repeat the latest reading at every scrape. promql.go says how.
//
// The program does not contain this package: types and methods of the SDK are
// more than a megabyte, and the boards, packed, are fifty kilobytes. It is run
// by the tests of package grafana, which keeps what it makes.
package boards
