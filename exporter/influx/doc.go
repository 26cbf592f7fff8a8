// Package influx keeps every reading of a profile in InfluxDB, or in a server
// that speaks its version 2 write interface: InfluxDB 1.8 and later,
// VictoriaMetrics.
//
// A record becomes points at the moment it was taken, so that writing it again
// changes nothing. What Withings changes afterwards overwrites. A night whose
// start has moved would leave a second point behind, a record that has vanished
// its only one, and so the ledger, a file beside the state, remembers where the
// points of the last weeks are. It notes that before they are written, whatever
// the moment of a crash.
//
// The ledger also has the cursor of each service. It moves only when the server
// has acknowledged what came before, which only the 204 of a write does. Nothing is
// queued here: whoever reads from Withings asks it again for what was not
// acknowledged. A point that the server names and does not take is listed as
// refused and tried again; a delete that is not possible now is pending. A database
// that lost what it had acknowledged is filled again.
package influx
