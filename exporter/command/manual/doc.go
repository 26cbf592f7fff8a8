// Package manual says what a kong grammar says, in the forms people read it: the
// help of a terminal, a man page, tables of Markdown, and what a shell completes.
//
// Of the grammar it takes commands, arguments and flags. A flag that stands in a
// group is told once, with the commands that have it; a flag without one belongs
// to its command. A command may have a tag `example`, its arguments as they are
// typed. What a value is, is in its placeholder, for people and shells alike:
// FILE and DIR are paths, NAME and PROFILE people, WHERE a target of a history.
package manual
