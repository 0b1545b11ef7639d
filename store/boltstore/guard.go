package boltstore

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
)

// A file is inspected before it is opened, but something may write into it, or
// cut it short, while it is open. bbolt panics on pages that make no sense, and
// reading where a shortened file has no bytes any more is a fault. guarded turns
// both into ErrDamaged: fn does nothing but call bbolt.
func guarded(path string, fn func() error) (err error) {
	defer panicOnFault()()
	defer recoverDamage(path, &err)
	return fn()
}

// panicOnFault makes faults of this goroutine panics, until what it returns is
// called.
func panicOnFault() (restore func()) {
	before := debug.SetPanicOnFault(true)
	return func() { debug.SetPanicOnFault(before) }
}

// recoverDamage is deferred around calls of bbolt, in a goroutine whose faults
// are panics.
func recoverDamage(path string, err *error) {
	if v := recover(); v != nil {
		*err = damaged(path, describePanic(path, v))
	}
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
