// Package stage has fixtures that tests of several packages use. A Stage is a
// simulated Withings on loopback with a clock that stands still; a History is one
// whose people have years of data; a World is the exporter and a simulated Withings
// in a synctest bubble. A Door, or a Proxy on loopback, is how Withings' notifications get
// to that exporter.
package stage
