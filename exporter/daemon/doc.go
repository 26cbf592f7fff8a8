// Package daemon polls every profile and serves what is known until it is told to
// stop, as serve and demo do: it starts and ends pollers and pages in order, reads
// the configuration again, welcomes profiles that have been authorised since, and
// fills the status page.
package daemon
