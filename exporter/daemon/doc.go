// Package daemon polls every profile and serves the metrics until it is told to stop,
// for serve and demo: it starts and stops pollers and web server in order, reloads the
// configuration, adds profiles that have been authorised since, and fills the status
// page.
package daemon
