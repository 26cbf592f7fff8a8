// Package check is the command that tries everything serve needs, once, and says
// what is wrong and what to do. It can also ask whether serve is alive, and write a
// bundle for a bug report.
package check
