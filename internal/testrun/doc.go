// Package testrun is what the tests of all packages share: how long the long ones
// run, and what they need of the machine. A test that lacks what it needs is
// skipped, or fails where the variable CI is "true".
//
// The go command shows nothing of a package that passes. This package is the last
// one that "go test ./..." comes to: its own test tells the terminal what was
// skipped and why.
package testrun
