// Package app puts the parts together into the commands of the program. It
// knows which part hands what to which, and nothing of how any of them works.
package app
