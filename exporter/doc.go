// Package exporter is the domain: what is known of each person, and when it is
// asked for. It knows neither HTTP nor the JSON of Withings, nor where the
// values go.
//
//	Withings ──► Fetcher ──► Batch ──► State.Apply ──► State.Snapshot ──► /metrics
//	                ▲          │            │ ▲
//	             Poller        ▼            ▼ │
//	                      Sink.Put      state file
//
// # The way of a value
//
// Withings keeps what it knows in records: a measure group, a day, a night, a
// workout, a device. A [Fetcher] reads the records of one [Service], finds the
// row of the catalogue for each value by its origin (service and key), brings
// the value into the row's unit and hands over a [Batch] of [Record]. Nothing
// else is told about metrics anywhere: names, units, help, labels and
// InfluxDB fields are all columns of the one table in catalog.go, and METRICS.md
// is written from it. What is particular about a service (how much of it is kept,
// what shows of it, how far back it is read, what a date comes to) is its row in
// service.go; the functions that such a row names are in the file of the service.
//
// [State.Apply] takes batches in any order and as often as they come. A record
// is known by its id; a later version takes the place of an earlier one, a
// version without readings takes it back, what cannot be read of a damaged one
// stays as it was, and a batch that says it is the whole of a span takes away
// what the span no longer has. Kept are only the records a gauge can need: for
// measures the latest of each series and a few more, the days and nights of some
// weeks, the newest workouts. When one that covered older ones goes, the past is
// read once more, since the older ones were not kept.
//
// Nothing vanishes by a single answer. The poller lets a batch say that it is the
// whole of a span only when what it takes away is left out of a second answer,
// too, and is not more than half of what the state or the sink knows of the span.
// More than that is a [Doubt]: it is kept for a day, and then believed.
//
// [State.Snapshot] is what is to be shown at a moment. Latest means measured
// latest. The records are kept, not the gauges, so a day that was today is
// yesterday after midnight without asking anybody.
//
// # When Withings is asked
//
// The [Poller] has one goroutine for each profile. A poll asks every service
// for what is new, then for what is missing of the past, newest first; what it
// has learned is saved after each poll. What fails is noted in the profile's
// [Status] and keeps back neither the other services nor the other profiles. A
// profile without a token is not asked for at all until there is one.
//
// # Where else readings go
//
// A [Sink], such as package influx, is given every record, late and corrected
// ones included. It remembers by itself how far it has come, and takes along
// what is read for the gauges as long as it is as far as they are. After an
// outage the poller asks Withings once more from the sink's own cursor: nothing
// is queued for it, however long it was away. What it is told of a date is
// complete, see [Completer]: the one row of a day that counts, and the naps beside the
// sessions of a night. A [History] is a sink that years
// are brought into, span by span; package backfill does that, package
// openmetrics keeps them until they are a file, and package archive reads them
// from what people download.
package exporter
