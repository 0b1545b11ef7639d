package boltstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
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
// ErrLocked. After a failed commit it first checks the whole file, which
// takes seconds for some GB; ctx bounds all of this.
func Open(ctx context.Context, o Options) (*DB, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := create(o.Path); err != nil {
		return nil, fmt.Errorf("make data file %s: %w", o.Path, err)
	}
	b, err := openLocked(ctx, o.Path, o.LockTimeout)
	if err != nil {
		return nil, err
	}
	if err := prepare(ctx, b, o.Path); err != nil {
		if ctx.Err() != nil {
			go b.Close() // it waits for a check that cannot be interrupted
		} else {
			b.Close()
		}
		return nil, err
	}
	return &DB{
		bolt:       b,
		path:       o.Path,
		maxPending: o.MaxPending,
		onCommit:   o.OnCommit,
		failed:     make(chan struct{}),
		gathered:   make(chan struct{}, 1),
	}, nil
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

// openLocked opens an existing file and waits for its lock.
func openLocked(ctx context.Context, path string, timeout time.Duration) (*bbolt.DB, error) {
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	retry := time.NewTicker(lockRetry)
	defer retry.Stop()
	for {
		b, err := openBolt(path)
		if !errors.Is(err, bolterrors.ErrTimeout) {
			return b, err
		}
		select {
		case <-retry.C:
		case <-deadline.C:
			return nil, fmt.Errorf("%w: %s, by %s; stop it, or choose another data folder", ErrLocked, path, holder(path))
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the lock of %s: %w", path, ctx.Err())
		}
	}
}

// openBolt opens the file if nobody has it open.
func openBolt(path string) (*bbolt.DB, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() < minSize { // bbolt would make a new store of an empty file
		return nil, damaged(path, fmt.Sprintf("it has only %d bytes", info.Size()))
	}
	var b *bbolt.DB
	err = guarded(path, func() (err error) {
		b, err = bbolt.Open(path, 0o600, &bbolt.Options{
			Timeout:         1, // one attempt; openLocked waits
			FreelistType:    bbolt.FreelistMapType,
			InitialMmapSize: mapSize(info.Size()),
			NoStatistics:    true,
			OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
				return os.OpenFile(name, flag&^os.O_CREATE, mode)
			},
		})
		return err
	})
	switch {
	case err == nil:
		return b, nil
	case errors.Is(err, ErrDamaged):
		return nil, err
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return nil, damaged(path, err)
	}
	return nil, fmt.Errorf("open %s: %w", path, err)
}

// guarded calls fn, which reads pages that may be damaged. bbolt panics on
// pages that make no sense, and reading where a shortened file has no bytes any
// more is a fault; guarded turns both into ErrDamaged.
func guarded(path string, fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if v := recover(); v != nil {
			err = damaged(path, describePanic(path, v))
		}
	}()
	return fn()
}

// describePanic says what a panic while reading tells about the file. What the
// runtime calls it ("nil pointer dereference") would sound like a mistake in
// this program; what bbolt says names the page.
func describePanic(path string, v any) string {
	var fault interface{ Addr() uintptr } // a read where no byte of the file is
	err, ok := v.(runtime.Error)
	switch {
	case !ok:
		return fmt.Sprint(v)
	case errors.As(err, &fault):
		if info, err := os.Stat(path); err == nil {
			return fmt.Sprintf("it was cut short to %d bytes, or refers by mistake to what lies behind them", info.Size())
		}
	}
	return "its pages make no sense, as if something else had written into it"
}

func damaged(path string, why any) error {
	return fmt.Errorf("%w: %s: %v; restore a backup", ErrDamaged, path, why)
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
