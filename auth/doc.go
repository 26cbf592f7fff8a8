// Package auth obtains, keeps and renews the tokens of one profile.
//
// # The life of a token
//
// A person allows the application on Withings' page, once. The browser returns with a
// code that is valid for 30 seconds and works once; [App.Exchange] turns it into a
// pair: an access token, valid for three hours, and a refresh token, valid for a year.
// [Store.Save] puts the pair into the profile's token file. From then on no person is
// needed.
//
// A renewal gives a new pair. The old refresh token then works for another eight
// hours, or until the new access token is first used, whichever comes first. So a
// process that uses a new access token before the new refresh token is safe on the
// disk may lose the authorisation in a crash, and two that renew at the same time
// invalidate each other's tokens. [Source.Token] therefore takes these steps:
//
//	memory     return the access token in memory if it has minutes left
//	file       another process, or a new authorisation, may have written a newer one
//	turn       one renewal at a time in this process; the others wait for its outcome
//	lock       one at a time on this machine, by a lock file next to the token file
//	file       read again: the process that had the lock may have renewed the token
//	refresh    some minutes before the expiry, spread so that profiles do not renew together
//	save       temporary file, sync, rename, sync of the folder; with the pair it replaces
//	return     only now
//
// Three things can go wrong without a person being needed:
//
// The answer is lost, or the process is killed before the save. The file still has the
// old pair, whose refresh token works for eight hours, since nobody has received the
// new access token. For the same reason a refresh in progress is not cancelled at once
// when the program is stopped: it gets a few seconds for its answer to be saved.
//
// The save fails. The old pair stays in the file and the old access token in use; the
// new pair waits in memory, and the next call of Token begins with saving it.
//
// Withings rejects the newest refresh token. The file keeps the pair before it until
// [Source.Used] says that the newest access token has worked; if that pair is younger
// than eight hours, its refresh token is tried, once.
//
// If that is rejected, too, only a person can help: Token fails with
// [ErrNeedsAuthorization], which names the command, and Withings is not asked again for
// this profile until the content of the token file changes.
//
// Everything else (no network, a web page, a timeout, the rate limit) is temporary: the
// old access token is used while it is valid, and renewing is tried again after a
// pause.
//
// Secrets appear only in the token file and in the bodies of requests: not in errors,
// not in logs, and not when a value of this package is printed.
package auth
