// Package rude is an HTTP server for tests that answers like real databases, proxies
// and broken networks, with all their errors. It does not depend on the program under
// test.
//
// A [Peer] answers every request with a [Behaviour]. It can be changed at any time,
// as if somebody had repaired the server:
//
//	p := rude.Server(t, rude.Influx2)                    // a polite InfluxDB 2.7
//	p.On("/api/v2/write", rude.Write("2.7: no organisation").Give)
//	… the program fails …
//	p.Set(rude.Influx2)                                  // repaired
//	… and everything must be there:
//	p.Sums().Differences(want)
//
// [Writes] and [Deletes] are tables of answers of real servers and proxies, one row
// per situation; a test can loop over them. [Answer.Give] gives the answer to every
// request, [Answer.Lines] only to writes with a certain line, like a database that
// rejects part of a write.
//
// The other behaviours belong to no particular server: answers that are endless, too
// slow, cut off, highly compressed or redirected, or that repeat the Authorization
// header ([EndlessBody], [Drip], [Truncated], [GzipBomb], [Redirect], [Echo] …). They
// cannot harm the machine: an endless answer stalls after [Enough] bytes.
//
// A peer counts requests ([Peer.Requests], [Peer.Bytes]) and what it sent
// ([Peer.Sent]), and keeps what a polite behaviour stored ([Peer.Points],
// [Peer.Sums]) and deleted ([Peer.Deletions]).
//
// [Server] and [TLS] listen on loopback. [Pipe] works in memory, so that a test in a
// synctest bubble controls the time; use it with [Peer.Client].
package rude
