// Package bundle makes the archive that people attach to a report of a bug.
//
// Nothing in it may be secret or tell who somebody is or how they fare. Two
// things see to that, each alone enough for what it covers. Every part is made
// of what is known to be harmless: words from fixed lists, counts, moments,
// kinds of values; what is not on a list is left out, not what is on one. And a
// [Mask], which has been told every secret, name and number that could be
// found, goes over the finished text of all parts, in the forms in which such a
// thing can be written.
//
// A bundle is needed when things are broken. A part that cannot be made is a
// line that says why, and the others are there.
package bundle
