// Package authorize is the command auth: it has a person allow the application for
// one profile, by a browser or by pasting; it also lists and revokes stored tokens.
package authorize
