// Package boltstore keeps a store in one bbolt file, with a journal beside it.
//
// Concurrent updates share one commit: while one is being flushed, newcomers
// gather and their functions run, on top of what is being flushed, and the next
// commit takes what they did. So the disk's flushes do not limit how many
// updates a second there are. After a commit for several callers the next is
// put off for up to 1 ms while more keep coming; a lone update waits for nobody.
//
// A commit of several updates goes into the journal, which costs one flush where
// bbolt needs two. What is there only is put into the data file before anybody
// reads it, when the journal is full, a few milliseconds after the last update,
// by Close, and by the next Open after a crash. So the journal belongs to the
// data file (see [JournalSuffix]), which is complete without it at most times.
// Where the disk has little room left, commits go into the data file at once.
//
// bbolt has no checksums of its own. So every Open first reads the structure of
// the whole file, and refuses one that is not sound: no record is missing, and
// all can be found. That takes seconds for a file of gigabytes, which a server
// need not wait for when it starts anew ([Options.CheckLater]). When a commit
// fails, or the file turns out to be damaged while it is open, the DB takes no
// further updates (see [DB.Failed]).
//
// A full disk is no such failure. Before a commit the file is made as long as
// it needs, with room that is really there, so that a disk without any refuses
// before something was written, and updates get store.ErrFull. Those marked by
// store.Urgent still have the last megabyte of the file, and the room of the
// reserve: a file that is removed when the disk is full, and made again when
// there is room ([DB.KeepRoom]), and with it ordinary updates go on. They go on
// before as far as what was deleted leaves room in the file. A limit of the size
// of files and a quota are a full disk, too.
package boltstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"suitekeeper/store"
)

// Defaults of Options.
const (
	DefaultLockTimeout = 5 * time.Second
	DefaultMaxPending  = 4096

	defaultAddresses = 8 << 30
)

// Options say where the data are and how much may wait.
type Options struct {
	// Path is the data file. When it is missing, Open makes it, and the
	// folders above it.
	Path string

	// ReadOnly leaves the file and what is beside it as they are; it must exist.
	// Several may read a file at the same time, also on a disk that takes no
	// writes.
	ReadOnly bool

	// LockTimeout bounds the wait for another process that has the file open;
	// 0 means DefaultLockTimeout.
	LockTimeout time.Duration

	// MaxPending bounds the updates that have begun and not ended; with more,
	// Update returns store.ErrBusy. 0 means DefaultMaxPending.
	MaxPending int

	// CheckLater has Open leave reading the structure of the whole file to Check,
	// which the caller then calls. Open does so only where a voucher, a file
	// beside the data file, says that it may: a DB with CheckLater closed the
	// file and nobody wrote to it since, or its process ended while the system
	// kept running and had read all of the file before. Until Check has ended,
	// what the disk did to such a file may hide records.
	CheckLater bool

	// OnCommit, which may be nil, is told of every commit before its updates
	// return, but not of those that found no room on the disk. It must be quick
	// and call no method of the DB.
	OnCommit func(CommitInfo)

	// Reserve is the file that keeps ReserveSize bytes of the disk for when it
	// is full. Open makes it. Empty means that there is none.
	Reserve string

	// OnFull, which may be nil, is told that the disk has become full, and why,
	// and with nil that there is room again. It must be quick and call no method
	// of the DB.
	OnFull func(error)

	addresses int64 // address space for the file to grow in; 0 means defaultAddresses
}

// CommitInfo tells how a commit went.
type CommitInfo struct {
	Updates  int           // how many updates it made durable
	Duration time.Duration // how long it took to write and flush
	Err      error
}

// DB is an open data file. It is a store.Engine.
type DB struct {
	bolt       *bbolt.DB
	file       *os.File // that bolt has open
	path       string
	room       *room // nil for a file that is only read
	readOnly   bool
	maxPending int
	onCommit   func(CommitInfo)
	vouches    bool     // for its file, to the next Open
	unread     bool     // Open has put off reading the whole structure
	keys       keySum   // of the keys in the file; the commit's under way
	journal    *journal // the commit's under way, and the leader's while none is; nil where there is none
	left       changes  // in the journal of a file that is only read
	recovered  int      // see Recovered
	beginnings beginnings

	vouching sync.Mutex     // held while the voucher changes
	active   sync.WaitGroup // views under way, and the leader while there is one
	failed   chan struct{}  // closed when err is set
	// arrived tells the leader that an update or a view waits.
	arrived chan struct{}

	mu      sync.Mutex // guards what follows
	closed  bool
	err     error // why it takes no updates
	queue   []*call
	pending int  // calls that were queued and have not ended
	leading bool // whether a leader is at work

	unsettled unsettled
}

var _ store.Engine = (*DB)(nil)

func (o Options) withDefaults() (Options, error) {
	if o.Path == "" || o.LockTimeout < 0 || o.MaxPending < 0 {
		return o, errors.New("boltstore: Path must be set, LockTimeout and MaxPending must not be negative")
	}
	if o.ReadOnly && o.CheckLater {
		return o, errors.New("boltstore: ReadOnly and CheckLater exclude each other")
	}
	if o.LockTimeout == 0 {
		o.LockTimeout = DefaultLockTimeout
	}
	if o.MaxPending == 0 {
		o.MaxPending = DefaultMaxPending
	}
	if o.addresses == 0 {
		o.addresses = defaultAddresses
	}
	if o.OnCommit == nil {
		o.OnCommit = func(CommitInfo) {}
	}
	if o.OnFull == nil {
		o.OnFull = func(error) {}
	}
	return o, nil
}

// View calls fn with a snapshot, as store.Engine says. What is in the journal
// only is put into the data file first. After a commit failed View still works,
// unless there was some then.
func (db *DB) View(ctx context.Context, fn func(store.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("view: %w", err)
	}
	if err := db.enter(); err != nil {
		return err
	}
	defer db.active.Done()
	if err := db.catchUp(ctx); err != nil {
		return fmt.Errorf("read %s: %w", db.path, err)
	}
	defer panicOnFault()()
	tx, bucket, err := db.begin(false)
	if err != nil {
		db.failIfDamaged(err)
		return fmt.Errorf("read %s: %w", db.path, err)
	}
	defer db.end(tx)
	return fn(&reader{ctx: ctx, db: db, bucket: bucket})
}

// enter makes Close wait, unless it was called already.
func (db *DB) enter() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return store.ErrClosed
	}
	db.active.Add(1)
	return nil
}

// Size returns the size of the data file in bytes, or 0 when it is gone.
func (db *DB) Size() int64 {
	info, err := os.Stat(db.path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// Recovered returns how many keys Open took over from the journal into the data
// file, since the last process that had it open ended without doing so.
func (db *DB) Recovered() int { return db.recovered }

// Failed returns a channel that is closed when a commit has failed, or the file
// proved to be damaged, and the DB takes no further updates. The process should
// end then: the next one checks the file.
func (db *DB) Failed() <-chan struct{} { return db.failed }

// Err returns nil until the DB takes no further updates, and from then on an
// error that wraps store.ErrFailed and the reason.
func (db *DB) Err() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.failure()
}

// failure is Err for those who hold mu.
func (db *DB) failure() error {
	if db.err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", store.ErrFailed, db.err)
}

// fail stops the DB for good: the calls that wait and all later ones get an
// error. The first cause counts.
func (db *DB) fail(cause error) {
	db.mu.Lock()
	if db.err != nil {
		db.mu.Unlock()
		return
	}
	db.err = cause
	waiting, err := db.queue, db.failure()
	db.queue = nil
	db.mu.Unlock()
	db.vouch(withdraw)
	close(db.failed)
	db.finish(waiting, err)
}

// failIfDamaged stops the DB when a view came upon damage.
func (db *DB) failIfDamaged(err error) {
	if errors.Is(err, ErrDamaged) {
		db.fail(err)
	}
}

// Close waits for the views and updates under way, then closes the file. When
// that proved to be damaged it stays open and locked until the process ends.
func (db *DB) Close() error {
	db.mu.Lock()
	closed := db.closed
	db.closed = true
	db.mu.Unlock()
	if closed {
		return store.ErrClosed
	}
	db.active.Wait()
	if errors.Is(db.Err(), ErrDamaged) {
		return nil // bbolt would wait for locks that it held when it panicked
	}
	if db.vouches {
		db.vouch(vouchClosed)
	}
	if err := errors.Join(db.journal.close(), db.bolt.Close()); err != nil {
		return fmt.Errorf("close %s: %w", db.path, err)
	}
	return nil
}
