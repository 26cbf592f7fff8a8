// Package simulator is the Withings cloud in one process: the sign-in page, the tokens and every data
// service, answered from invented people. It serves the demo and every test that needs the other side.
//
// It is written from the API reference alone and shares no code with the exporter, so that a wrong idea
// on one side cannot be confirmed by the same wrong idea on the other.
//
// A request passes these stations:
//
//	form + query ─► token ─► fault? ─► rate limit ─► scope ─► service ─► envelope ─► fault? ─► wire
//
// The people are a pure function of the seed and of time. Nothing is stored: a day of a person is computed
// when somebody asks for it, from a hash of seed, person and day, and kept for a while (block.go). So a new
// Cloud is instant, hundreds of people with twelve years of history are possible, and two clouds with one
// seed answer with the same bytes. What tests change afterwards (a deleted group, a revised night, a device
// that comes back after three weeks) lies over it in a ledger (event.go).
//
// The first three people can have a story besides (story.go), which ends in the week in which the Cloud starts: a
// fever, a goal nearly reached, a blood pressure on the edge. The demo tells it; without Options.Stories there is none.
//
// The clock is simulated: it starts at Options.Start and runs Options.Speed times as fast as the real one.
// Every record knows when it reached the server, and none is answered before that moment.
//
// What changes is announced to those who subscribed (announce.go): what arrives from the people's devices as the clock passes, and
// what a test changes. Deliver sends what is due by the simulated clock; Play does so until it is ended. Nobody else posts anything.
//
// Where the reference says that nobody knows what Withings does, Switches has a field for it; the zero value
// is the behaviour most likely. Where it says what goes wrong in practice, Fault has a kind for it.
//
// Only tests inject faults (fault.go, faultbody.go) and change what has been (event.go, truth.go). They are
// here and not among the kits of exporter/internal because they work on a request while the cloud holds it;
// nothing of them is linked into the program.
package simulator
