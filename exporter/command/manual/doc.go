// Package manual turns a kong grammar into what people read: the help of a terminal, a
// man page, tables of Markdown, and the completions of a shell.
//
// It reads commands, arguments and flags. A flag in a group is described once, with the
// commands that have it; a flag without a group belongs to its command. A command may
// have a tag `example`, its arguments as they are typed. The placeholder of a value
// says what it is, for people and shells alike: FILE and DIR are paths, NAME and
// PROFILE people, WHERE the target of a history.
package manual
