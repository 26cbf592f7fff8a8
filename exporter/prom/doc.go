// Package prom shows what is known on /metrics.
//
// The readings of hundreds of people rarely change between two scrapes, so
// their families are kept as they are handed to the encoder, and a family is
// made again only when a value in it changed. A family that was handed out is
// never written to again: another scrape may still be reading it.
package prom
