// Package stage sets up what tests of several packages begin with: a Stage is a
// simulated Withings on loopback whose clock stands still, a History one whose people
// have years behind them, a World the exporter and a Withings in a bubble of false
// time.
package stage
