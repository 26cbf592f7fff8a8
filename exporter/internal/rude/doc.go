// Package rude is an HTTP peer for tests that answers as databases, proxies and
// broken networks really do, which is seldom as a client hopes. It knows nothing of
// the program under test.
//
// A [Peer] answers every request with a [Behaviour], and can change it while it
// runs, as somebody who repairs a server does:
//
//	p := rude.Server(t, rude.Influx2)                    // a polite InfluxDB 2.7
//	p.On("/api/v2/write", rude.Write("2.7: no organisation").Give)
//	… the program fails …
//	p.Set(rude.Influx2)                                  // repaired
//	… and everything must be there:
//	p.Sums().Differences(want)
//
// [Writes] and [Deletes] are the tables of what real servers and proxies answer, one
// row a situation; a test that loops over them meets all of them. [Answer.Give]
// gives the answer to every request, [Answer.Lines] only to writes that have a line
// of some kind, as a database does that refuses a part.
//
// The other behaviours are those of no server in particular: answers that have no
// end, come too slowly, are cut, compressed too well, sent elsewhere, or repeat the
// Authorization header ([EndlessBody], [Drip], [Truncated], [GzipBomb], [Redirect],
// [Echo] …). None of them can hurt the machine: what is "endless" is [Enough] bytes
// and then silence.
//
// A peer counts what is asked ([Peer.Requests], [Peer.Bytes]), what it sent
// ([Peer.Sent]), and keeps what a polite behaviour stored ([Peer.Points],
// [Peer.Sums]) and deleted ([Peer.Deletions]).
//
// [Server] listens on loopback, [TLS] too, and [Pipe] in memory alone, so that a
// test in a synctest bubble has the time in its hand; use [Peer.Client] with it.
package rude
