// Package testrun is what the tests of all packages share: how long the long ones
// run, what they need of the machine, free addresses and small disks. A test that
// lacks what it needs is skipped; where the variable CI is "true" it fails, unless it
// lacks the rights of root.
//
// The go command shows nothing of a package that passes. What was skipped, and why,
// is told by grafana/skipped, the last package that "go test ./..." comes to.
//
// It is not below internal since the tests of auth, grafana and main use it too.
package testrun
