// Package backfill imports the whole history of profiles into a database or a file,
// the newest first, so that dashboards fill at once.
//
// A service is read page by page, each page older than the one before. Positions in a
// list are not relied on, since they shift when records are added or removed. What a
// target has acknowledged is marked as covered, as a span of time, and never requested
// again. Pages are written while the next one is fetched.
package backfill
