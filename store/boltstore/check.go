package boltstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"

	"suitekeeper/store/durable"
)

// markerPath is the file beside the data file that says that a commit failed
// and that the data file must be checked.
func markerPath(path string) string { return path + ".check" }

// fail stops the DB for good: the calls that wait and all later ones get an
// error. The marker is written first, because the process may end as soon as
// Failed is closed, and only if the disk still lets us.
func (db *DB) fail(cause error) {
	note := fmt.Sprintf("%s: %v\nThe next start checks the data file and removes this note.\n",
		time.Now().UTC().Format(time.RFC3339), cause)
	_ = os.WriteFile(markerPath(db.path), []byte(note), 0o600)
	_ = durable.SyncDir(filepath.Dir(db.path))

	db.mu.Lock()
	db.err = cause
	waiting, err := db.queue, db.failure()
	db.queue = nil
	db.mu.Unlock()
	close(db.failed)
	db.finish(waiting, err)
}

// prepare makes sure that the open file is ours and whole, and tidies up
// beside it.
func prepare(ctx context.Context, b *bbolt.DB, path string) error {
	if err := checkSize(b, path); err != nil {
		return err
	}
	if err := checkIfMarked(ctx, b, path); err != nil {
		return err
	}
	if err := durable.RemoveLeftovers(path); err != nil {
		return fmt.Errorf("tidy up beside %s: %w", path, err)
	}
	// Whoever made the file may have crashed before its name was flushed.
	return durable.SyncDir(filepath.Dir(path))
}

// checkSize finds a file that was cut short, which bbolt would notice only when
// it reads there, by crashing.
func checkSize(b *bbolt.DB, path string) error {
	return guarded(path, func() error {
		return b.View(func(tx *bbolt.Tx) error {
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			if info.Size() < tx.Size() {
				return damaged(path, fmt.Sprintf("it has %d bytes of %d", info.Size(), tx.Size()))
			}
			if tx.Bucket(bucketName) == nil {
				return damaged(path, "it was not made by suitekeeper")
			}
			return nil
		})
	})
}

// checkIfMarked checks the whole file if a commit failed since the last check.
func checkIfMarked(ctx context.Context, b *bbolt.DB, path string) error {
	marker := markerPath(path)
	if _, err := os.Stat(marker); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	if err := walk(ctx, b, path); err != nil {
		return err
	}
	if err := checkPages(ctx, b, path); err != nil {
		return err
	}
	return os.Remove(marker)
}

// walk reads every page of the tree. It goes before checkPages, where bbolt
// reads in a goroutine of its own, in which a fault would end the process.
func walk(ctx context.Context, b *bbolt.DB, path string) error {
	return guarded(path, func() error {
		return b.View(func(tx *bbolt.Tx) error {
			r := reader{ctx: ctx, bucket: tx.Bucket(bucketName)}
			for _, err := range r.Scan(nil, nil, false) {
				if err != nil {
					return fmt.Errorf("check %s: %w", path, err)
				}
			}
			return nil
		})
	})
}

// checkPages lets bbolt check that every page is used once or free, and that
// all keys are in order.
func checkPages(ctx context.Context, b *bbolt.DB, path string) error {
	tx, err := b.Begin(false)
	if err != nil {
		return fmt.Errorf("check %s: %w", path, err)
	}
	result := make(chan error, 1)
	go func() { // the check cannot be interrupted and must be read to its end
		var first error
		for err := range tx.Check() {
			first = cmp.Or(first, err)
		}
		tx.Rollback()
		result <- first
	}()
	select {
	case err := <-result:
		if err != nil {
			return damaged(path, err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("check %s: %w", path, ctx.Err())
	}
}
