// Package command is what the commands share: settings, usage errors, exit codes
// and how errors are printed. Each command is a folder below, a package with its
// flags and one Run; none imports another.
package command
