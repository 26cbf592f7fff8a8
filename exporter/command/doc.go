// Package command is what the commands share: the settings that flags,
// environment and file become, errors of usage, exit codes, and how the program
// talks. Each command is a folder below, a package with its flags and one Run; none
// imports another.
package command
