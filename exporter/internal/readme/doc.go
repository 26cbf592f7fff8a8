// Package readme tests the README and the pages of exporter/docs: its tests read the
// fenced blocks in order, write the configuration to files and paste the commands into
// a shell, like a new user. It has no other code.
package readme
