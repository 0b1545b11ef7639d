package main

import (
	"context"

	"filippo.io/age"

	"suitekeeper/store/backup"
)

// Restore restores a backup for a master key, and tells of its progress.
func Restore(ctx context.Context, folder, file string, masterKey []byte, progress func(records int)) error {
	r := &restore{folder: folder, file: file, progress: progress}
	_, err := r.run(ctx, func(backup.Lock) ([]age.Identity, error) {
		key, err := backup.FromMasterKey(masterKey)
		return []age.Identity{key}, err
	})
	return err
}
