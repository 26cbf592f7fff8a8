// Package check is the command that tries once everything serve needs, and says
// what is wrong and what to do. It also asks whether a serve is alive, and writes
// the bundle for a report of a bug.
package check
