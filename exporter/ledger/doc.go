// Package ledger remembers how far the readings of one profile are safe in one
// place: a database, or the files of a history that is being imported.
//
// A ledger is a JSON file in the state directory. It has a cursor for each
// service, by which changes come, and the spans of the past that are safe. A
// target adds what it alone needs to know of a service, such as the points that a
// database rejected and the deletions that are pending there.
//
// The rules are the same for every target:
//
//   - What the ledger says was safe before it was saved, and saving replaces the
//     file as a whole.
//   - Two processes may share it: each change reads the file first, under a lock.
//   - A ledger without an owner is adopted. One of another person or another target
//     starts over, and so does the progress of another catalogue.
//   - A file that cannot be used is set aside and everything is downloaded again.
package ledger
