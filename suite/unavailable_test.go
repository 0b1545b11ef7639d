package suite_test

import (
	"errors"
	"fmt"
	"testing"

	"suitekeeper/store"
	"suitekeeper/suite"
)

func TestUnavailableIsWhatMayWorkLater(t *testing.T) {
	for err, want := range map[error]bool{
		store.ErrBusy: true, store.ErrFull: true, store.ErrFailed: true, store.ErrUnknownOutcome: true, store.ErrClosed: true,
		store.ErrNotFound: false, suite.ErrNotFound: false, errors.New("other"): false,
	} {
		if got := suite.Unavailable(fmt.Errorf("retry: %w", err)); got != want {
			t.Errorf("Unavailable(%v) = %v, want %v", err, got, want)
		}
	}
}
