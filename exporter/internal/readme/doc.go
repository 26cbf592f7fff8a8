// Package readme holds the README to what the program does: its tests read the
// fenced blocks in their order, write what is configuration, and paste what is a
// command into a shell, as a new user would. It has no other code.
package readme
