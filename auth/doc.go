// Package auth obtains, keeps and renews the tokens of one profile.
//
// # The life of a token
//
// A person allows the application on Withings' page, once. The browser comes
// back with a code that lives 30 seconds and works once; [App.Exchange] turns
// it into a pair: an access token, good for three hours, and a refresh token,
// good for a year. [Store.Save] puts the pair into the profile's token file.
// From then on no person is needed, as long as every step below is kept.
//
// Renewing gives a new pair, and the old one begins to die: its refresh token
// works for another eight hours, or until the new access token is used for the
// first time, whichever comes first. So whoever uses a new access token before
// the new refresh token is safe on the disk loses the authorisation if it
// crashes; and two that renew at the same time invalidate each other's tokens.
// [Source.Token] therefore goes this way:
//
//	memory     the access token at hand, if it has minutes left
//	file       another process, or a new authorisation, may have left a newer one
//	turn       one renewal at a time in this process, the others wait for its outcome
//	lock       and one at a time on this machine, by a lock file next to the token file
//	file       once more, for the one who had the lock before may have renewed
//	refresh    some minutes before the expiry, spread so that profiles do not renew together
//	save       temporary file, sync, rename, sync of the folder; with the pair it replaces
//	hand out   only now
//
// Three accidents can happen on the way, and none needs a person:
//
// The answer is lost, or the process is killed before the save. The file still
// holds the pair that was there before, whose refresh token keeps working for
// eight hours because nobody can have used an access token nobody received.
// Nothing has to be written beforehand for that: not touching the file until
// the answer is in hand is what keeps the way back open. For the same reason a
// refresh that is on its way is not given up at once when the program is
// stopped; it is given a few seconds for its answer to be saved.
//
// The save fails. The old pair stays in the file and the old access token in
// use; the new pair waits in memory, and the next call of Token begins with
// saving it.
//
// Withings refuses the newest refresh token. The file keeps the pair before it
// until [Source.Used] tells that the newest access token has worked, and if
// that pair is younger than eight hours its refresh token is tried, once.
//
// When that is refused too, only a person can help: Token fails with
// [ErrNeedsAuthorization], which names the command, and Withings is not called
// again for this profile until the token file has a new content.
//
// Everything else (no network, a page of HTML, a time limit, the rate limit)
// passes: the old access token is handed out while it is good, and renewing is
// tried again after a pause.
//
// Secrets appear in the token file and in the bodies of requests, and nowhere
// else: not in errors, not in logs, and not when a value of this package is printed.
package auth
