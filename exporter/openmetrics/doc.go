// Package openmetrics makes one file of years of readings, for those who keep
// their numbers in Prometheus or VictoriaMetrics. A scrape has no past values; an
// OpenMetrics file with timestamps does:
//
//	Batch ──► Spool.Put ──► records on disk ──► Write ──► sorted file ──► promtool, VictoriaMetrics
//
// # Spool
//
// Withings hands out its history by service and stretch of time, newest first,
// over hours, and the file needs it by family, series and time. A [Spool] keeps
// what has come of one profile, through crashes and interruptions, and its ledger
// says how far that is. It is an [exporter.History], so years are imported into it
// in the same way as into a database.
//
// # File
//
// [Write] shows of each record what the gauges would have shown, at the moment
// at which they would first have shown all of it: a measure when it was taken,
// a night when it ended, with its naps; a workout at its end; a day, as
// day="yesterday", at the midnight after it. The past of day="today" is not
// known, and devices and goals have no history: none of them are in the file.
// Neither is anything of the last three hours, which Prometheus keeps in memory
// and does not take from outside.
//
// Records and samples are sorted on disk, in runs of bounded size, so memory
// does not grow with the years.
package openmetrics
