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
// not sound: what is open has all records that were put. ctx bounds all of this.
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
	b, found, err := openLocked(ctx, o)
	if err != nil {
		return nil, err
	}
	if !o.ReadOnly {
		if err := tidy(o.Path); err != nil {
			b.Close()
			return nil, err
		}
	}
	db := &DB{
		bolt:       b,
		path:       o.Path,
		readOnly:   o.ReadOnly,
		maxPending: o.MaxPending,
		onCommit:   o.OnCommit,
		keys:       found.keys,
		failed:     make(chan struct{}),
		arrived:    make(chan struct{}, 1),
	}
	db.beginnings.saw(int64(found.commit))
	return db, nil
}

// tidy cleans up beside the open file.
func tidy(path string) error {
	if err := durable.RemoveLeftovers(path); err != nil {
		return fmt.Errorf("tidy up beside %s: %w", path, err)
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
		b, err := bbolt.Open(temp, 0o600, nil)
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

// openLocked opens an existing file and waits for its lock. It returns what is
// in the file, too.
func openLocked(ctx context.Context, o Options) (*bbolt.DB, summary, error) {
	deadline := time.NewTimer(o.LockTimeout)
	defer deadline.Stop()
	retry := time.NewTicker(lockRetry)
	defer retry.Stop()
	for {
		b, found, err := openBolt(ctx, o.Path, o.ReadOnly)
		if !errors.Is(err, bolterrors.ErrTimeout) {
			return b, found, err
		}
		select {
		case <-retry.C:
		case <-deadline.C:
			return nil, summary{}, fmt.Errorf("%w: %s, by %s; stop it, or choose another data folder", ErrLocked, o.Path, holder(o.Path))
		case <-ctx.Done():
			return nil, summary{}, fmt.Errorf("wait for the lock of %s: %w", o.Path, ctx.Err())
		}
	}
}

// openBolt opens the file if nobody has it open.
func openBolt(ctx context.Context, path string, readOnly bool) (*bbolt.DB, summary, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, summary{}, err
	}
	if info.Size() < minSize { // bbolt would make a new store of an empty file
		return nil, summary{}, damaged(path, fmt.Sprintf("it has only %d bytes", info.Size()))
	}
	var b *bbolt.DB
	var found summary
	err = guarded(path, func() (err error) {
		b, err = bbolt.Open(path, 0o600, &bbolt.Options{
			ReadOnly:        readOnly,
			Timeout:         1, // one attempt; openLocked waits
			FreelistType:    bbolt.FreelistMapType,
			InitialMmapSize: mapSize(info.Size()),
			NoStatistics:    true,
			OpenFile: func(path string, flag int, _ os.FileMode) (f *os.File, err error) {
				f, found, err = openForBolt(ctx, path, flag, readOnly)
				return f, err
			},
		})
		return err
	})
	switch {
	case err == nil:
		return b, found, nil
	case errors.Is(err, ErrDamaged):
		return nil, summary{}, err
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return nil, summary{}, damaged(path, err)
	}
	return nil, summary{}, fmt.Errorf("open %s: %w", path, err)
}

// openForBolt opens the file for bbolt, which maps and trusts it from then on.
// So it is inspected first, once nobody else can write to it.
func openForBolt(ctx context.Context, path string, flag int, readOnly bool) (*os.File, summary, error) {
	f, err := os.OpenFile(path, flag&^os.O_CREATE, 0)
	if err != nil {
		return nil, summary{}, err
	}
	var found summary
	if err = lock(f, readOnly); err == nil {
		found, err = check(ctx, f)
	}
	if err != nil {
		f.Close()
		return nil, summary{}, err
	}
	return f, found, nil
}

// check returns what is in a file that is sound.
func check(ctx context.Context, f *os.File) (summary, error) {
	info, err := f.Stat()
	if err != nil {
		return summary{}, err
	}
	found, err := inspect(ctx, f, info.Size())
	if why := flaw(""); errors.As(err, &why) {
		return summary{}, damaged(f.Name(), why)
	}
	return found, err
}

// mapSize returns how much address space to reserve. bbolt must wait for every
// view to end before it can map more, and no view can begin meanwhile; what is
// reserved early costs nothing, except on Windows, where the file would be
// made as large.
func mapSize(fileSize int64) int {
	const reserve = 8 << 30
	if runtime.GOOS == "windows" || strconv.IntSize < 64 {
		return 0
	}
	return int(max(reserve, 2*fileSize))
}
