//go:build !race

package testrun

const racing = false
