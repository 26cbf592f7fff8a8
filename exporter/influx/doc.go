// Package influx keeps every reading of a profile in InfluxDB, or in a server
// that speaks its version 2 write interface: InfluxDB 1.8 and later,
// VictoriaMetrics.
//
// The points of a record have the time at which it was taken, so writing it again
// changes nothing, and a correction overwrites. But a night whose start moves would
// leave a second point behind, and a deleted record its only one. So the ledger, a
// file beside the state, remembers where the points of the last weeks are; it notes
// that before they are written, in case of a crash.
//
// The ledger also has the cursor of each service. It moves only when the server has
// acknowledged what came before, which only the 204 of a write does. Nothing is
// queued: Withings is asked again for what was not acknowledged. A point that the
// server rejects by name is listed as refused and tried again; a delete that is not
// possible now is pending. A database that lost what it had acknowledged is filled
// again.
package influx
