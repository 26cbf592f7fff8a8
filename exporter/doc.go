// Package exporter is the core: what is known of each person, and when Withings is
// asked for it. It knows neither HTTP nor the JSON of Withings, nor where the values
// go.
//
//	Withings ──► Fetcher ──► Batch ──► State.Apply ──► State.Snapshot ──► /metrics
//	                ▲          │            │ ▲
//	             Poller        ▼            ▼ │
//	                      Sink.Put      state file
//
// # From an answer to a gauge
//
// Withings has its data in records: a measure group, a day, a night, a workout, a
// device. A [Fetcher] reads the records of one [Service], finds the catalogue row of
// each value by its origin (service and key), converts the value to the row's unit
// and passes on a [Batch] of [Record]. Everything about a metric (name, unit, help,
// labels, InfluxDB field) is in its row in catalog.go, from which METRICS.md is
// generated. Everything about a service (how much of it is kept and shown, how far
// back it is read) is in its row in service.go; the functions that such a row names
// are in the file of the service.
//
// [State.Apply] takes batches in any order, and the same one more than once. Records
// are told apart by id. A later version replaces an earlier one, and one without
// readings removes it; values of a damaged record that cannot be read stay as they
// were. A batch that is complete for a span removes the records that it lacks there.
// Only records that a gauge can need are kept: the latest measures of each series
// and a few more, the days and nights of some weeks, the newest workouts. If one is
// removed that hid older ones, the past is read again.
//
// A single answer removes nothing. The poller asks a second time, and only what both
// answers lack is removed, if it is not more than half of what the state or the sink
// has in the span. More than half is a [Doubt]: it is believed after a day.
//
// [State.Snapshot] is what is shown at a moment. Latest means measured latest. Since
// records are kept, not gauges, today becomes yesterday at midnight without asking
// Withings.
//
// # When Withings is asked
//
// The [Poller] has one goroutine for each profile. A poll asks the services that are due
// for what is new: the devices each time, and others mostly after a device was in contact
// with Withings, then for what is missing of the past, newest first, and saves the
// state. A failure is noted in the profile's [Status] and stops neither the other
// services nor the other profiles. Nothing is asked for a profile without a token.
// Minutes come in windows of a day, of which nobody tells what has changed: they are
// asked for when the days and nights that they belong to are new or changed, and every
// hour for the last day.
//
// # Where else readings go
//
// A [Sink], such as package influx, gets every record, including late and corrected
// ones, completed by a [Completer]. It remembers how far it has come. While it is as
// far as the gauges, it gets what is read for them; after an outage the poller asks
// Withings again from the sink's own cursor, so nothing is queued. A [History] is a
// sink that years are imported into, span by span: package backfill reads them from
// Withings, package archive from a downloaded archive, and package openmetrics turns
// them into a file.
package exporter
