// Package statedir keeps small JSON files of profiles in the state directory. A crash,
// a power cut or a full disk leaves either the old content or the new one, never half
// of it.
//
// A file is named <escaped profile>.<kind>.json. The escape is one-to-one and
// uses characters every file system has, in lower case only, so that "Mum" and
// "mum" are two files even on a disk that ignores case. The content also names the
// profile, which is checked when the file is read.
//
// A file that several processes replace is locked first, by Lock or TryLock. Every
// wait ends, even if another process keeps the lock, the disk hangs, or a named pipe
// is in place of the file.
//
// Folders have mode 0700 and files 0600, since they hold tokens and health data.
package statedir
