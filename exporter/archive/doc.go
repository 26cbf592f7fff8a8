// Package archive reads the ZIP of CSV files that Withings lets every user
// download of their own data, as a source of history that needs neither an
// application nor a sign-in.
//
//	ZIP ──► layout by file name ──► columns by header ──► rows ──► Records
//
// Withings documents none of it, and header names differ by year, language and
// the units of the account. LAYOUTS.md lists what is known of each file and from
// how many sources. What is not known is not guessed. A column without a unit
// where several are possible, and a date or a number that can be read in two
// ways, are left out, counted and named in the [Report]. Whether it can depends on the
// whole file and on what the column counts: no metabolic rate is 1.356 kcal.
//
// # Times
//
// Sessions carry their offset from UTC. Everything else is local time without a
// zone, read in [Options].Zone; no zone is assumed. A local time that comes twice, in the hour the
// clocks are set back, is taken for the first of both and noted; one that never
// comes, in the hour they are set forward, says that the zone is not the right
// one, and its row is left out.
//
// Times are kept to the second, so that a reading has the same time here and in
// the API. Its value may differ: the archive rounds masses to two decimals and
// the API does not. If both are available, import the archive first, then the
// history from the API: its values replace these.
//
// # Bounds
//
// Entries are streamed and never held, whatever sizes the archive claims: an
// entry, the archive, one row and the number of entries each have a limit. Only
// the days are collected, since several files together make a day, and of them
// there are no more than the calendar has.
package archive
