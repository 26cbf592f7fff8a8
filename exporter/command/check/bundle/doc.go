// Package bundle makes the archive that people attach to a bug report.
//
// Nothing in it may be secret, tell who somebody is, or be a measured value. Two
// things see to that. Every part is a struct of facts that may be told: versions,
// counts, moments, words from fixed lists. What is in no struct is not told. And
// where text has to be told, because it is an error or a verdict of check, it
// goes through a [Hider], which knows the secrets and names of this installation;
// so does every finished part once more.
//
// A bundle is needed most when something is broken. A part that cannot be made
// says why, and the others are still there.
package bundle
