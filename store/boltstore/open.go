package boltstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"suitekeeper/store/durable"
)

// Errors of Open. Both name the file and what can be done.
var (
	// ErrLocked says that another process has the file open.
	ErrLocked = errors.New("data file is in use")
	// ErrDamaged says that the file is not what it was when it was last
	// written. Nothing was changed. The process may hold the file's lock until
	// it ends.
	ErrDamaged = errors.New("data file is damaged")
)

// ErrReadOnly says that the file was opened for reading. Nothing was done.
var ErrReadOnly = errors.New("data file is only read")

// bucketName is the one bucket that everything is in.
var bucketName = []byte("store")

// minSize is less than any data file has: two pages tell where the others are.
const minSize = 2 * 4096

// unknownHolder stands for who has the file locked when the kernel does not
// tell.
const unknownHolder = "another suitekeeper"

// lockRetry is the pause between two attempts to lock the file.
const lockRetry = 50 * time.Millisecond

// Open opens the data file, or makes it where there is none. It waits a
// bounded time for another process to let go of it, and then returns
// ErrLocked. It reads the structure of the whole file first, which takes some
// tenths of a second for a million records, and returns ErrDamaged when it is
// not sound: what is open has all records that were put. Options.CheckLater
// says when that is left to Check. ctx bounds all of this.
func Open(ctx context.Context, o Options) (*DB, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if !o.ReadOnly {
		if err := create(o.Path); err != nil {
			return nil, fmt.Errorf("make data file %s: %w", o.Path, err)
		}
	}
	if o.Path, err = resolved(o.Path); err != nil {
		return nil, err
	}
	b, err := openLocked(ctx, o)
	if err != nil {
		return nil, err
	}
	db := &DB{
		bolt:       b.DB,
		file:       b.file,
		path:       o.Path,
		readOnly:   o.ReadOnly,
		maxPending: o.MaxPending,
		onCommit:   o.OnCommit,
		vouches:    o.CheckLater,
		unread:     !b.read,
		keys:       b.keys,
		failed:     make(chan struct{}),
		arrived:    make(chan struct{}, 1),
	}
	db.beginnings.stuck = make(chan struct{})
	db.beginnings.saw(int64(b.commit))
	db.unsettled.ended = make(chan struct{})
	if o.ReadOnly {
		db.left, err = readJournal(o.Path+JournalSuffix, db.position())
	} else {
		err = db.prepare(o)
	}
	if err != nil && db.beginnings.damage == nil { // or bbolt would wait for locks that it held when it panicked
		err = errors.Join(err, b.Close())
	}
	if err != nil {
		return nil, err
	}
	return db, nil
}

// prepare makes an open file ready for updates.
func (db *DB) prepare(o Options) error {
	if bounded {
		db.bolt.AllocSize = 0 // so that MaxSize is what a commit may need, and no more
	}
	if err := tidy(o.Path); err != nil {
		return err
	}
	var err error
	if db.room, err = newRoom(db.file, o); err != nil {
		return err
	}
	left, err := readJournal(o.Path+JournalSuffix, db.position())
	if err != nil {
		return err
	}
	if len(left) > 0 {
		if err := db.put(layer{changes: left}, true); err != nil {
			return fmt.Errorf("put the journal into %s: %w", o.Path, err)
		}
	}
	if db.journal, err = openJournal(o.Path+JournalSuffix, db.position()); err != nil {
		return err
	}
	db.recovered = len(left)
	return nil
}

// opened is a file that bbolt has opened.
type opened struct {
	*bbolt.DB
	file   *os.File // bbolt's
	keys   keySum   // of the keys in it
	commit uint64   // the newest
	read   bool     // whether all of its structure was
}

// tidy cleans up beside the open file.
func tidy(path string) error {
	for _, file := range [...]string{path, path + voucherSuffix, path + JournalSuffix} {
		if err := durable.RemoveLeftovers(file); err != nil {
			return fmt.Errorf("tidy up beside %s: %w", path, err)
		}
	}
	// Whoever made the file may have crashed before its name was flushed.
	return durable.SyncDir(filepath.Dir(path))
}

// create makes an empty data file unless there is a file already.
func create(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := durable.MkdirAll(filepath.Dir(path)); err != nil {
		return err
	}
	err := durable.Create(path, func(temp string) error {
		// Its length needs no flush of its own, whose error bbolt would not wrap:
		// all of the file is flushed in the end.
		b, err := bbolt.Open(temp, 0o600, &bbolt.Options{NoGrowSync: true})
		if err != nil {
			return err
		}
		err = b.Update(func(tx *bbolt.Tx) error {
			_, err := tx.CreateBucket(bucketName)
			return err
		})
		return errors.Join(err, b.Close())
	})
	if errors.Is(err, fs.ErrExist) {
		return nil // another process made it
	}
	return err
}

// resolved returns what file a path that is a link leads to. What belongs to the
// file is beside it, by whatever name it is opened.
func resolved(path string) (string, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return "", err
	}
	if info.Mode()&fs.ModeSymlink == 0 {
		return path, nil
	}
	return filepath.EvalSymlinks(path)
}

// openLocked opens an existing file and waits for its lock.
func openLocked(ctx context.Context, o Options) (opened, error) {
	deadline := time.NewTimer(o.LockTimeout)
	defer deadline.Stop()
	retry := time.NewTicker(lockRetry)
	defer retry.Stop()
	for {
		b, err := openBolt(ctx, o)
		if !errors.Is(err, bolterrors.ErrTimeout) {
			return b, err
		}
		select {
		case <-retry.C:
		case <-deadline.C:
			return b, fmt.Errorf("%w: %s, by %s; stop it, or choose another data folder", ErrLocked, o.Path, holder(o.Path))
		case <-ctx.Done():
			return b, fmt.Errorf("wait for the lock of %s: %w", o.Path, ctx.Err())
		}
	}
}

// openBolt opens the file if nobody has it open.
func openBolt(ctx context.Context, o Options) (b opened, err error) {
	info, err := os.Stat(o.Path)
	if err != nil {
		return b, err
	}
	if info.Size() < minSize { // bbolt would make a new store of an empty file
		return b, damaged(o.Path, fmt.Sprintf("it has only %d bytes", info.Size()))
	}
	err = guarded(o.Path, func() (err error) {
		b.DB, err = bbolt.Open(o.Path, 0o600, &bbolt.Options{
			ReadOnly:        o.ReadOnly,
			Timeout:         1, // one attempt; openLocked waits
			FreelistType:    bbolt.FreelistMapType,
			InitialMmapSize: mapSize(o.addresses, info.Size()),
			NoStatistics:    true,
			OpenFile: func(_ string, flag int, _ os.FileMode) (*os.File, error) {
				err := b.openFile(ctx, o, flag)
				return b.file, err
			},
		})
		return err
	})
	switch {
	case err == nil:
		return b, nil
	case errors.Is(err, ErrDamaged):
		return b, err
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return b, damaged(o.Path, err)
	}
	return b, fmt.Errorf("open %s: %w", o.Path, err)
}

// openFile opens the file for bbolt, which maps and trusts it from then on. So
// it is inspected first, once nobody else can write to it.
func (b *opened) openFile(ctx context.Context, o Options, flag int) error {
	f, err := os.OpenFile(o.Path, flag&^os.O_CREATE, 0)
	if err != nil {
		return err
	}
	if err = lock(f, o.ReadOnly); err == nil {
		err = b.check(ctx, f, o.CheckLater)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	b.file = f
	return nil
}

// mapSize returns how much address space to reserve. bbolt must wait for every
// view to end before it can map more, and no view can begin meanwhile; what is
// reserved early costs nothing, except on Windows, where the file would be
// made as large.
func mapSize(reserve, fileSize int64) int {
	if runtime.GOOS == "windows" || strconv.IntSize < 64 {
		return 0
	}
	return int(max(reserve, 2*fileSize))
}
