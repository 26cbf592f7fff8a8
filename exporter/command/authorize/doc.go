// Package authorize is the command that has a person allow the application for one
// profile, by a browser or by pasting; it lists and revokes what is stored, too.
package authorize
