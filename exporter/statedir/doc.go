// Package statedir keeps small JSON files of profiles in the state directory:
// so that a crash, a power cut or a full disk leaves either the old content or
// the new one, and never half of it.
//
// A file is named <escaped profile>.<kind>.json. The escape is one-to-one and
// uses characters every file system has, in lower case only, so that "Mum" and
// "mum" stay two files on a disk that does not tell cases apart. The name of a
// file is a place, not a proof: the content carries the profile too, and
// whoever reads it checks that.
//
// Whoever replaces what others replace too takes a lock first, by Lock or
// TryLock: no wait is without an end, whether another process keeps the lock, a
// disk hangs, or a named pipe is where the file should be.
//
// Folders have mode 0700 and files 0600, for they hold tokens and health data.
package statedir
