package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
	"suitekeeper/store/sealed"
)

// What stands in the data folder.
const (
	dataFile        = "suitekeeper.db"
	keyFile         = "suitekeeper.key"
	adminTokenFile  = "admin.token" // the token that the server made when its configuration names none
	restoringFolder = "restoring"   // a restore that has not ended
)

// openDisk opens the store below a data folder, which seals what goes to disk.
// Closing the engine closes the disk. Wrap is what stands between both.
func openDisk(ctx context.Context, folder string, o boltstore.Options, keys sealed.KeyOptions,
	wrap func(store.Engine) store.Engine) (*boltstore.DB, *sealed.Engine, error) {
	// At the end of a restore its folder is empty.
	if err := os.Remove(filepath.Join(folder, restoringFolder)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, withHint(fmt.Errorf("a restore into %s has not ended", folder), "give the same 'suitekeeper restore' again")
	}
	o.Path, keys.Path = filepath.Join(folder, dataFile), filepath.Join(folder, keyFile)
	disk, err := boltstore.Open(ctx, o)
	if err != nil {
		return nil, nil, explainStore(folder, err)
	}
	engine, err := sealed.Open(ctx, wrap(disk), keys)
	if err != nil {
		return nil, nil, errors.Join(explainStore(folder, err), disk.Close())
	}
	return disk, engine, nil
}

// openStoppedDisk opens the data folder of a server that does not run, for
// reading. It returns fs.ErrNotExist when nothing was ever stored there, and
// boltstore.ErrLocked while a server runs.
func openStoppedDisk(ctx context.Context, cfg Config) (*boltstore.DB, *sealed.Engine, error) {
	for _, name := range []string{dataFile, keyFile} { // opening would make a missing one
		if _, err := os.Stat(filepath.Join(cfg.Data, name)); err != nil {
			return nil, nil, cannotRead(filepath.Join(cfg.Data, name), err)
		}
	}
	return openDisk(ctx, cfg.Data, boltstore.Options{LockTimeout: lockPatience}, sealed.KeyOptions{MasterKey: cfg.MasterKeyBytes()},
		func(e store.Engine) store.Engine { return readOnly{e} })
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
	case errors.Is(err, sealed.ErrDamaged):
		return withHint(fmt.Errorf("%s: %w", filepath.Join(folder, dataFile), err), "%s", restoreHint+saveHint)
	}
	return err
}
