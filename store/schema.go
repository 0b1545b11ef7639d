package store

import (
	"context"
	"errors"
	"fmt"
)

// ErrSchemaNewer says that the store was written by a newer program than this
// one. Nothing was changed.
var ErrSchemaNewer = errors.New("schema of the store is newer than this program")

// Migration is one step of the schema.
type Migration struct {
	To   int    // the version that the step leads to, from 1 upwards
	Name string // what it does, for people

	// Run changes the data, in as many updates as it needs. The version is
	// committed after it, so a crash in between makes it run again: Run must
	// be idempotent.
	Run func(ctx context.Context, e Engine) error
}

// Migrate brings the store to the version of the last migration, which is 0
// when there is none. The migrations stand in the order of their versions; it
// runs those that the store has not had yet, each followed by a commit of its
// version, so that a later call resumes behind the last one that ended well.
// Before each it calls progress, which may be nil.
//
// An empty store gets the last version at once. A store with data but without
// a version has version 0. When the store is newer than the last migration,
// Migrate changes nothing and returns ErrSchemaNewer.
func Migrate(ctx context.Context, e Engine, migrations []Migration, progress func(Migration)) error {
	newest, err := newestVersion(migrations)
	if err != nil {
		return err
	}
	version, empty, err := schemaVersion(ctx, e)
	switch {
	case err != nil:
		return fmt.Errorf("read the schema version: %w", err)
	case empty:
		return setSchemaVersion(ctx, e, 0, newest)
	case version > newest:
		return fmt.Errorf("%w: the store has version %d, this program knows versions up to %d; "+
			"start the newer program again, or restore a backup that was made before the upgrade",
			ErrSchemaNewer, version, newest)
	}
	for _, m := range migrations {
		if m.To <= version {
			continue
		}
		if err := migrate(ctx, e, version, m, progress); err != nil {
			return fmt.Errorf("migrate the store from version %d to %d (%s): %w", version, m.To, m.Name, err)
		}
		version = m.To
	}
	return nil
}

func migrate(ctx context.Context, e Engine, from int, m Migration, progress func(Migration)) error {
	if progress != nil {
		progress(m)
	}
	if err := m.Run(ctx, e); err != nil {
		return err
	}
	return setSchemaVersion(ctx, e, from, m.To)
}

func newestVersion(migrations []Migration) (int, error) {
	newest := 0
	for _, m := range migrations {
		if m.To <= newest || m.Run == nil {
			return 0, fmt.Errorf("migration %d (%s) has no function, or does not come after version %d", m.To, m.Name, newest)
		}
		newest = m.To
	}
	return newest, nil
}

// The version record is a collection of one, so that it is sealed, listed and
// backed up as all other data are.
var (
	schema     = NewCollection("schema", JSON[int]())
	versionKey = []byte("version")
)

// SchemaVersion returns the version that Migrate brought the store to, which is
// 0 for a store that has none.
func SchemaVersion(r Reader) (int, error) {
	version, err := schema.Get(r, versionKey)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return version, err
}

// schemaVersion reads the version, and whether the store holds nothing at all.
func schemaVersion(ctx context.Context, e Engine) (version int, empty bool, err error) {
	err = e.View(ctx, func(r Reader) error {
		var err error
		version, err = schema.Get(r, versionKey)
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		empty = true
		for _, err := range r.Scan(nil, nil, false) {
			empty = false
			return err
		}
		return nil
	})
	return version, empty, err
}

// setSchemaVersion refuses when the version is no longer the one that the
// caller started from: then somebody else is migrating the same store.
func setSchemaVersion(ctx context.Context, e Engine, from, to int) error {
	return e.Update(ctx, func(w Writer) error {
		now, err := schema.Get(w, versionKey)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if now != from {
			return fmt.Errorf("schema version changed from %d to %d meanwhile: another program migrates this store", from, now)
		}
		return schema.Put(w, versionKey, to)
	})
}
