package boltstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"go.etcd.io/bbolt"
)

// check reads the structure of the file: all of it, or only where it begins when
// it is vouched for and there will be time later.
func (b *opened) check(ctx context.Context, f *os.File, later bool) error {
	if later && vouched(f) {
		found, err := inspect(ctx, f, (*inspection).ends)
		if err != nil {
			return err
		}
		if b.keys, b.commit = found.recorded, found.commit; b.keys != 0 {
			return withdraw(f)
		}
	}
	found, err := inspect(ctx, f, (*inspection).ahead)
	if err != nil {
		return err
	}
	b.keys, b.commit, b.read = found.keys, found.commit, true
	if !later {
		return nil
	}
	if vouchOpen(f) != nil { // the disk is full, say: the next Open reads everything
		return withdraw(f)
	}
	return nil
}

// inspect inspects a file that nobody writes to. What is wrong with it is
// ErrDamaged.
func inspect(ctx context.Context, f *os.File, how func(*inspection) (summary, error)) (summary, error) {
	m, err := newestMeta(f)
	if err != nil {
		return summary{}, blame(f, err)
	}
	x, err := newInspection(ctx, f, m)
	if err != nil {
		return summary{}, blame(f, err)
	}
	found, err := how(x)
	found.commit = m.commit
	return found, blame(f, err)
}

// ahead is all of an inspection, with the kernel told to read ahead of it.
func (x *inspection) ahead() (found summary, err error) {
	ctx, cancel := context.WithCancel(x.ctx)
	var reading sync.WaitGroup
	reading.Go(func() { readAhead(ctx, x.file, int64(x.meta.pages)*int64(x.meta.pageSize)) })
	found, err = x.all()
	cancel()
	reading.Wait()
	return found, err
}

// blame makes ErrDamaged of what an inspection found.
func blame(f *os.File, err error) error {
	if why := flaw(""); errors.As(err, &why) {
		return damaged(f.Name(), why)
	}
	return err
}

// A Check rests checkRest times as long as it reads, so that those who use the
// store hardly notice; it does so after checkTurn of reading.
const (
	checkRest = 1
	checkTurn = 5 * time.Millisecond
)

// Check reads the structure of the whole file, if Open has put that off (see
// Options.CheckLater), while the DB is in use. When it is not sound, Check
// returns ErrDamaged, and the DB takes no further updates.
func (db *DB) Check(ctx context.Context) error {
	if !db.unread {
		return nil
	}
	if err := db.enter(); err != nil {
		return err
	}
	defer db.active.Done()
	if err := db.inspectSnapshot(ctx); err != nil {
		db.failIfDamaged(err)
		return fmt.Errorf("check the data file: %w", err)
	}
	db.vouch(vouchOpen)
	return nil
}

func (db *DB) inspectSnapshot(ctx context.Context) error {
	tx, m, err := db.snapshot(ctx)
	if err != nil {
		return err
	}
	defer db.end(tx)
	x, err := newInspection(ctx, db.file, m)
	if err != nil {
		return blame(db.file, err)
	}
	x.rest = restful(ctx)
	_, err = x.all()
	return blame(db.file, err)
}

// snapshot begins a transaction, which keeps its pages from being written
// anew, and finds where they are. In the first two pages its commit is until
// the second commit after it.
func (db *DB) snapshot(ctx context.Context) (tx *bbolt.Tx, m meta, err error) {
	for ctx.Err() == nil {
		tx, _, err := db.begin(false)
		if err != nil {
			return nil, meta{}, err
		}
		m, err := metaOf(db.file, int64(db.bolt.Info().PageSize), uint64(tx.ID()))
		if err == nil && m.pageSize > 0 {
			return tx, m, nil
		}
		db.end(tx)
		if err != nil {
			return nil, meta{}, err
		}
	}
	return nil, meta{}, ctx.Err()
}

// metaOf returns the meta page of a commit, an empty one if it is there no more.
func metaOf(file io.ReaderAt, pageSize int64, commit uint64) (meta, error) {
	m, err := readMeta(file, int64(commit%2)*pageSize, commit%2)
	if err != nil || m.commit != commit {
		return meta{}, err
	}
	return m, nil
}

// restful returns a function that waits when it has not for some time.
func restful(ctx context.Context) func() error {
	began := time.Now()
	return func() error {
		took := time.Since(began)
		if took < checkTurn {
			return ctx.Err()
		}
		select {
		case <-time.After(checkRest * took):
			began = time.Now()
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
