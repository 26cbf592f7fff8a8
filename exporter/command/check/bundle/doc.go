// Package bundle makes the archive that people attach to a bug report.
//
// Nothing in it may be secret, identify a person, or be a measured value. Two things
// ensure that. Every part is a struct of harmless facts: versions, counts, times,
// words from fixed lists; anything without a field stays out. Where free text is
// needed, such as an error or a line of check, it goes through a [Hider], which
// knows the secrets and names of this installation. Every finished part goes
// through it once more.
//
// A bundle is needed most when something is broken. A part that cannot be made
// says why, and the others are still there.
package bundle
