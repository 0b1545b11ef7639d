package suite

import (
	"errors"
	"slices"

	"suitekeeper/store"
)

// Unavailable tells whether err says that the store takes nothing now, so that
// what was asked for may work later, or on a server that was started again.
// Whether a change happened is unknown.
func Unavailable(err error) bool {
	return slices.ContainsFunc([]error{store.ErrBusy, store.ErrFull, store.ErrFailed, store.ErrUnknownOutcome, store.ErrClosed},
		func(target error) bool { return errors.Is(err, target) })
}
