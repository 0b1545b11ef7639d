package store

import (
	"context"
	"errors"
	"iter"
)

// Errors that every engine returns, wrapped with what was being done. Callers
// test for them with errors.Is.
var (
	// ErrNotFound says that there is no value under the key.
	ErrNotFound = errors.New("not found")
	// ErrBusy says that the engine has as many updates waiting as it may hold.
	// Nothing was done; try again later.
	ErrBusy = errors.New("too many updates waiting")
	// ErrFull says that the disk has no room for what the update writes. Nothing
	// was done; it works again when there is room.
	ErrFull = errors.New("disk is full")
	// ErrUnknownOutcome says that a commit was begun and did not end well: the
	// update may be on disk or not. The engine takes no further updates.
	ErrUnknownOutcome = errors.New("outcome of the commit unknown")
	// ErrFailed says that the engine has stopped taking updates, because an
	// earlier commit failed or its files proved to be damaged. Nothing was done.
	ErrFailed = errors.New("store has stopped")
	// ErrClosed says that the engine was closed. Nothing was done.
	ErrClosed = errors.New("store closed")
)

// Every engine takes keys and values up to these sizes in bytes; what is
// larger it may refuse. It always refuses to put an empty key.
const (
	MaxKeySize   = 4 << 10
	MaxValueSize = 16 << 20
)

// Engine keeps values under keys, durably and in bytewise order of the keys.
// An Engine is safe for concurrent use, but a function that it was given calls
// neither View nor Update of the same engine: each may wait for the other.
type Engine interface {
	// View calls fn with one snapshot, which ends when fn returns. It returns
	// fn's error, or the reason why no snapshot could be had: the error of a
	// ctx that had ended before, say.
	View(ctx context.Context, fn func(Reader) error) error

	// Update calls fn and commits what fn put and deleted, all of it or
	// nothing. When Update returns nil the change is on disk. When fn returns
	// an error nothing is changed and Update returns that error.
	//
	// fn may run more than once (an engine may meet a conflict) and so must
	// touch nothing outside itself but variables that it sets anew in each
	// run. It makes few operations and does not scan. A ctx from Urgent marks
	// an update that is to be made even when the disk is full.
	//
	// When ctx ends first, Update returns its error at once, or as soon as fn
	// has returned if it runs just then, and the outcome is unknown: a change
	// whose commit was already under way may still happen. fn does not run any
	// more when Update has returned.
	//
	// When fn panics, nothing is changed and Update panics in the goroutine of
	// its caller, with a value that tells what fn panicked with.
	Update(ctx context.Context, fn func(Writer) error) error

	// Close waits for the views and updates under way and lets go of the
	// engine's files. Later calls, those of Close too, return ErrClosed.
	Close() error
}

// Getter looks up single values, in a snapshot or inside an update.
type Getter interface {
	// Get returns the value under key, which the caller may keep but not
	// change, or ErrNotFound.
	Get(key []byte) ([]byte, error)
}

// Reader reads one snapshot. It is valid only inside the function that it was
// given to, and is used by one goroutine.
type Reader interface {
	Getter

	// Scan yields the pairs with from <= key < to in ascending order of key,
	// or descending when descending is set; a nil to means up to the end.
	// Key and value are valid only until the next step. An error is yielded
	// last, with what there is of the pair.
	Scan(from, to []byte, descending bool) iter.Seq2[Pair, error]
}

// Pair is one key with its value.
type Pair struct{ Key, Value []byte }

// Writer reads and changes inside one update. Get sees what this update has
// put and deleted. It is valid only inside the function that it was given to,
// and is used by one goroutine. It keeps no reference to key or value.
type Writer interface {
	Getter

	// Put sets the value under key, whether or not there was one.
	Put(key, value []byte) error

	// Delete removes the value under key; that there is none is no error.
	Delete(key []byte) error
}
