// Package skipped has one test, which says at the end of "go test ./..." what was
// skipped and why. It is here because the go command comes to this package last.
package skipped
