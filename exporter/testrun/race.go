//go:build race

package testrun

// racing tells whether the race detector watches.
const racing = true
