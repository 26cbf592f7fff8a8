// Package prom serves readings and the exporter's own metrics on /metrics.
//
// The readings of hundreds of people rarely change between two scrapes, so metric
// families are cached in the form the encoder needs, and one is rebuilt only when
// a value in it has changed. A family that was handed out is never modified:
// another scrape may still be reading it.
package prom
