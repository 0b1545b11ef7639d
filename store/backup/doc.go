// Package backup writes what a store holds into one file, and reads it again.
//
// A backup is taken above the engine, from one snapshot, while the store is in
// use. It holds the records themselves and nothing of the engine, so that it
// can be loaded into a store of another engine, of another data key, or of a
// later version of the program. Whoever can open it needs nothing else to
// restore everything.
//
// # Keys
//
// A backup is always encrypted, with age (https://age-encryption.org): for
// recipients, whose identities can be kept away from the server; with a
// passphrase; or with the master key of the server, which age sees as the
// passphrase that is its 32 bytes in base64. The age tool opens it, too.
//
// A passphrase or master key also proves that the backup was made by somebody
// who has it. A recipient's key does not: it is public.
//
// # The file
//
// Inside of age's format, which shows every change and every missing byte, is
// the line
//
//	suitekeeper backup 1
//
// and behind it, compressed with gzip, the records in ascending order of their
// keys. Of each the length of the key, the key, the length of the value, and the
// value; the lengths as unsigned varints. A key of length 0 ends the records.
// Behind it stands the [Manifest] in JSON: a backup without it is not whole.
package backup

import "errors"

// Errors of reading a backup. Those of the file or connection that it is read
// from are returned as they are.
var (
	// ErrNotBackup says that the file is something else.
	ErrNotBackup = errors.New("not a backup of suitekeeper")
	// ErrNewer says that a newer program made the backup.
	ErrNewer = errors.New("the backup was made by a newer suitekeeper than this one")
	// ErrKey says that no key that was given opens the backup. It may also be
	// that the beginning of the file was changed.
	ErrKey = errors.New("no key that was given opens the backup")
	// ErrDamaged says that the backup was changed, or cut short. What was read
	// of it before is not to be used.
	ErrDamaged = errors.New("the backup is damaged or not whole")
	// ErrNotEmpty says that the store that a backup was to be loaded into holds
	// something.
	ErrNotEmpty = errors.New("the store is not empty")
)
