// Package backfill brings the whole history of profiles into a database or a
// file, the newest first, so that boards fill at once.
//
// A service is read page by page, each for what lies before the page before it:
// no place in a list is relied on, which would shift with every record that
// comes or goes meanwhile. What a target has acknowledged is marked as covered,
// a span of time, and is never asked for again, after whatever interruption.
// Pages are written while the next one is fetched.
package backfill
