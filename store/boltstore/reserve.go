package boltstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// ReserveSize is how large the reserve is.
const ReserveSize = 4 << 20

// takeReserve makes the reserve, if there is to be one and it is not there.
func (r *room) takeReserve() error {
	if r.reserve == "" {
		return nil
	}
	f, err := os.OpenFile(r.reserve, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("make the reserve: %w", err)
	}
	err = allocate(f, 0, ReserveSize)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("make the reserve %s: %w", r.reserve, errors.Join(err, os.Remove(r.reserve)))
	}
	return nil
}

// giveUp removes the reserve.
func (r *room) giveUp(cause error) error {
	r.became(cause)
	if r.reserve == "" {
		return cause
	}
	if err := os.Remove(r.reserve); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(cause, err)
	}
	return cause
}
