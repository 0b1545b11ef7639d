// Package storetest holds the tests that every store.Engine passes.
package storetest

import (
	"errors"
	"testing"

	"suitekeeper/store"
)

// Open opens the engine in the folder dir, with the data of the engine that
// was open there before. It ends the test when it cannot.
type Open func(t testing.TB, dir string) store.Engine

// Run tests what package store promises of an engine. The tests open it in
// fresh folders and close it.
func Run(t *testing.T, open Open) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, *fixture)
	}{
		{"GetReturnsWhatWasPut", testGet},
		{"PutRefusesAnEmptyKey", testEmptyKey},
		{"EmptyAndLargeValuesAreKept", testSizes},
		{"ScanYieldsARangeInOrder", testScan},
		{"ScanCanBeBroken", testScanBreak},
		{"ValuesBelongToWhoeverGotThem", testOwnership},
		{"UpdateSeesWhatItDid", testReadYourWrites},
		{"UpdateThatFailsChangesNothing", testFailure},
		{"UpdateThatPanicsChangesNothing", testPanic},
		{"ViewReturnsTheErrorOfItsFunction", testViewError},
		{"ReopenedEngineHasEverything", testReopen},
		{"ClosedEngineRefuses", testClosed},
		{"CloseWaitsForViews", testCloseWaits},
		{"EndedContextRunsNothing", testEndedContext},
		{"UpdateReturnsWhenItsContextEnds", testContextEnds},
		{"ScanEndsWithItsContext", testScanContext},
		{"ViewDoesNotSeeLaterUpdates", testSnapshot},
		{"CounterLosesNoIncrement", testCounter},
		{"CounterLosesNoIncrementWhenFunctionsRunTwice", testCounterTwice},
		{"FailingUpdatesFailAlone", testFailAlone},
		{"ManyConcurrentUpdatesAreAllThere", testMany},
		{"RandomOperationsMatchAModel", testModel},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, newFixture(t, open, t.TempDir())) })
	}
}

// fixture is an open engine with short ways to use it.
type fixture struct {
	store.Engine
	t    testing.TB
	open Open
	dir  string
}

func newFixture(t testing.TB, open Open, dir string) *fixture {
	t.Helper()
	f := &fixture{Engine: open(t, dir), t: t, open: open, dir: dir}
	t.Cleanup(f.close)
	return f
}

func (f *fixture) close() {
	f.t.Helper()
	if err := f.Close(); err != nil && !errors.Is(err, store.ErrClosed) {
		f.t.Errorf("Close() = %v, want nil", err)
	}
}

func (f *fixture) reopen() {
	f.t.Helper()
	f.close()
	f.Engine = f.open(f.t, f.dir)
}

func (f *fixture) update(fn func(store.Writer) error) {
	f.t.Helper()
	if err := f.Update(f.t.Context(), fn); err != nil {
		f.t.Errorf("Update() = %v, want nil", err)
	}
}

func (f *fixture) view(fn func(store.Reader) error) {
	f.t.Helper()
	if err := f.View(f.t.Context(), fn); err != nil {
		f.t.Errorf("View() = %v, want nil", err)
	}
}

// put puts keys and values, which take turns.
func (f *fixture) put(keysAndValues ...string) {
	f.t.Helper()
	f.update(func(w store.Writer) error {
		for i := 0; i < len(keysAndValues); i += 2 {
			if err := w.Put([]byte(keysAndValues[i]), []byte(keysAndValues[i+1])); err != nil {
				return err
			}
		}
		return nil
	})
}

// absent stands for no value in the helpers that return values as strings.
const absent = "(absent)"

func lookUp(r store.Getter, key string) (string, error) {
	value, err := r.Get([]byte(key))
	if errors.Is(err, store.ErrNotFound) {
		return absent, nil
	}
	return string(value), err
}

// want fails the test unless the value under key is the wanted one.
func (f *fixture) want(key, want string) {
	f.t.Helper()
	f.view(func(r store.Reader) error {
		got, err := lookUp(r, key)
		if got != want {
			f.t.Errorf("Get(%q) = %.80q, want %.80q", key, got, want)
		}
		return err
	})
}

func scan(r store.Reader, from, to []byte, descending bool) (keysAndValues []string, err error) {
	for pair, err := range r.Scan(from, to, descending) {
		if err != nil {
			return keysAndValues, err
		}
		keysAndValues = append(keysAndValues, string(pair.Key), string(pair.Value))
	}
	return keysAndValues, nil
}
