// Package openmetrics writes years of readings to one file, for Prometheus or
// VictoriaMetrics. A scrape has no past values; an OpenMetrics file with timestamps
// does:
//
//	Batch ──► Spool.Put ──► records on disk ──► Write ──► sorted file ──► promtool, VictoriaMetrics
//
// # Spool
//
// Withings sends its history by service and span, newest first, over hours; the file
// needs it by family, series and time. A [Spool] keeps what has been read for one
// profile, even through crashes, and its ledger says how far that is. It is an
// [exporter.History], so years are imported into it as into a database.
//
// # File
//
// [Write] writes what the gauges would have shown of each record, at the time when
// they would first have shown all of it: a measure when it was taken, a night with
// its naps when it ended, a workout at its end, and a day, as day="yesterday", at the
// midnight after it. Not in the file are day="today", whose past is not known,
// devices and goals, which have no history, and the last three hours, which
// Prometheus keeps in memory and does not import.
//
// Records and samples are sorted on disk, in runs of bounded size, so memory
// does not grow with the years.
package openmetrics
