package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
	"suitekeeper/store/sealed"
)

// What stands in the data folder.
const (
	dataFile        = "suitekeeper.db"
	keyFile         = "suitekeeper.key"
	reserveFile     = "suitekeeper.reserve" // room on the disk for when it is full
	adminTokenFile  = "admin.token"         // the token that the server made when its configuration names none
	restoringFolder = "restoring"           // a restore that has not ended
	lostAndFound    = "lost+found"          // which some file systems put into their uppermost folder
)

// errNotRestored says that a data folder is not whole yet.
var errNotRestored = errors.New("a restore has not ended")

// openDisk opens the store below a data folder, which seals what goes to disk.
// Closing the engine closes the disk. It makes both files where there is neither.
func openDisk(ctx context.Context, folder string, o boltstore.Options, keys sealed.KeyOptions) (*boltstore.DB, *sealed.Engine, error) {
	o.Path, keys.Path = filepath.Join(folder, dataFile), filepath.Join(folder, keyFile)
	if err := mustBelongTogether(folder); err != nil {
		return nil, nil, err
	}
	if !o.ReadOnly {
		forgetRestore(folder)
	}
	disk, err := boltstore.Open(ctx, o)
	if err != nil {
		return nil, nil, explainStore(folder, err)
	}
	engine, err := sealed.Open(ctx, disk, keys)
	if err != nil {
		return nil, nil, errors.Join(explainStore(folder, err), disk.Close())
	}
	return disk, engine, nil
}

// mustBelongTogether refuses a folder in which a restore has not ended, and one
// that has lost its data file: a new one would hide that.
func mustBelongTogether(folder string) error {
	if exists(filepath.Join(folder, restoringFolder, dataFile)) {
		return withHint(fmt.Errorf("%w in %s", errNotRestored, folder), "give the same 'suitekeeper restore' again")
	}
	if exists(filepath.Join(folder, keyFile)) && !exists(filepath.Join(folder, dataFile)) {
		return withHint(fmt.Errorf("%s is missing, which %s belongs to", filepath.Join(folder, dataFile), keyFile),
			"put it back, or %s; to begin with nothing, move %s away, too", restoreHint, keyFile)
	}
	return nil
}

// forgetRestore removes what a restore leaves that ended, and was killed before
// it had tidied up.
func forgetRestore(folder string) {
	for _, name := range []string{keyFile, ""} {
		_ = os.Remove(filepath.Join(folder, restoringFolder, name)) // mostly there is none
	}
}

// openStoppedDisk opens the data folder of a server that does not run, for
// reading. It returns fs.ErrNotExist when nothing was ever stored there, and
// boltstore.ErrLocked while a server runs.
func openStoppedDisk(ctx context.Context, cfg Config) (*boltstore.DB, *sealed.Engine, error) {
	if path := filepath.Join(cfg.Data, dataFile); !exists(path) {
		return nil, nil, cannotRead(path, fs.ErrNotExist)
	}
	return openDisk(ctx, cfg.Data, boltstore.Options{LockTimeout: lockPatience, ReadOnly: true},
		sealed.KeyOptions{MasterKey: cfg.MasterKeyBytes(), ReadOnly: true})
}

const (
	restoreHint = "put the newest backup in its place: move the folder away, then 'suitekeeper restore BACKUP'"
	saveHint    = "; without a backup, 'suitekeeper backup --skip-damaged --data DIR FILE' saves all that can still be read"
)

// explainStore adds to the errors of the store in a data folder what to do about
// them. Other errors, and none, it returns as they are.
func explainStore(folder string, err error) error {
	switch {
	case errors.Is(err, sealed.ErrNotWrapped):
		return withHint(err, "to have it wrapped by the master key of the configuration: 'suitekeeper keys wrap', with the same --config and --data")
	case errors.Is(err, sealed.ErrMasterKey):
		return withHint(err, "compare master_key (master_key_file, %s, or the credential %s of systemd); a backup can be restored under another master key",
			variableName(envPrefix, "master_key"), masterKeyCredential)
	case errors.Is(err, sealed.ErrKeyLost), errors.Is(err, sealed.ErrWrongKey), errors.Is(err, boltstore.ErrDamaged):
		return withHint(err, restoreHint)
	case errors.Is(err, store.ErrFull), errors.Is(err, syscall.ENOSPC):
		return withHint(err, "make room on the disk of %s, or raise the quota of this user", shellWord(folder))
	case errors.Is(err, syscall.EROFS):
		return withHint(err, "the file system of %s can only be read: after an error the kernel makes it so, and dmesg tells; "+
			"check it (fsck), then mount it to be written", shellWord(folder))
	case errors.Is(err, syscall.EIO):
		return withHint(err, "the disk of %s fails: dmesg tells how; mend or replace it, take a backup while it can be read, "+
			"or put the newest one on another disk", shellWord(folder))
	case errors.Is(err, sealed.ErrDamaged):
		return withHint(fmt.Errorf("%s: %w", filepath.Join(folder, dataFile), err), "%s", restoreHint+saveHint)
	}
	return err
}
