package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"suitekeeper/store"
)

// steps returns migrations to versions 1 to n that log when they run, and put
// a record each.
func steps(n int, log *[]string) []store.Migration {
	var migrations []store.Migration
	for to := 1; to <= n; to++ {
		migrations = append(migrations, store.Migration{
			To:   to,
			Name: fmt.Sprintf("step %d", to),
			Run: func(ctx context.Context, e store.Engine) error {
				*log = append(*log, fmt.Sprint("run ", to))
				return e.Update(ctx, func(w store.Writer) error { return w.Put(fmt.Append(nil, "record", to), nil) })
			},
		})
	}
	return migrations
}

// migrate migrates e to version n and returns what ran.
func migrate(t *testing.T, e store.Engine, n int) (log []string, err error) {
	t.Helper()
	err = store.Migrate(t.Context(), e, steps(n, &log), func(m store.Migration) { log = append(log, fmt.Sprint("progress ", m.To)) })
	return log, err
}

func wantRan(t *testing.T, what string, log []string, err error, want string) {
	t.Helper()
	if got := strings.Join(log, ", "); got != want || err != nil {
		t.Errorf("Migrate(%s) ran %q, %v, want %q", what, got, err, want)
	}
}

func TestMigrateGivesAnEmptyStoreTheNewestVersion(t *testing.T) {
	e := open(t)
	log, err := migrate(t, e, 2)
	wantRan(t, "empty store", log, err, "")
	log, err = migrate(t, e, 2)
	wantRan(t, "store of the same version", log, err, "")
	log, err = migrate(t, e, 4)
	wantRan(t, "older store", log, err, "progress 3, run 3, progress 4, run 4")
}

func TestMigrateTakesAStoreWithoutVersionForVersionZero(t *testing.T) {
	e := open(t)
	update(t, e, func(w store.Writer) error { return w.Put([]byte("a"), nil) })
	log, err := migrate(t, e, 2)
	wantRan(t, "store without version", log, err, "progress 1, run 1, progress 2, run 2")
}

func TestMigrateWithoutMigrationsIsVersionZero(t *testing.T) {
	e := open(t)
	log, err := migrate(t, e, 0)
	wantRan(t, "no migrations", log, err, "")
	log, err = migrate(t, e, 1)
	wantRan(t, "first migration", log, err, "progress 1, run 1")
}

func TestMigrateRefusesANewerStore(t *testing.T) {
	e := open(t)
	if _, err := migrate(t, e, 5); err != nil {
		t.Fatal(err)
	}
	_, err := migrate(t, e, 3)
	if !errors.Is(err, store.ErrSchemaNewer) || !strings.Contains(err.Error(), "version 5") || !strings.Contains(err.Error(), "up to 3") {
		t.Errorf("Migrate(store of version 5, versions up to 3) = %v, want %v and both versions", err, store.ErrSchemaNewer)
	}
}

// crashing fails its n-th update after the updates before it, as if the
// process had ended there.
type crashing struct {
	store.Engine
	left int
}

var errCrash = errors.New("crash")

func (e *crashing) Update(ctx context.Context, fn func(store.Writer) error) error {
	if e.left == 0 {
		return errCrash
	}
	e.left--
	return e.Engine.Update(ctx, fn)
}

func TestMigrateResumesAfterACrashBetweenAnyTwoCommits(t *testing.T) {
	// Each of three migrations commits its record, then its version.
	wants := []string{
		"run 1, run 2, run 3",
		"run 1, run 2, run 3", // the record was there, the version not: run again
		"run 2, run 3",
		"run 2, run 3",
		"run 3",
		"run 3",
		"",
	}
	for commits, want := range wants {
		e := open(t)
		update(t, e, func(w store.Writer) error { return w.Put([]byte("a"), nil) })
		var log []string
		err := store.Migrate(t.Context(), &crashing{e, commits}, steps(3, &log), nil)
		if crashed := commits < len(wants)-1; errors.Is(err, errCrash) != crashed {
			t.Errorf("Migrate with a crash after %d commits = %v", commits, err)
		}
		log = nil
		err = store.Migrate(t.Context(), e, steps(3, &log), nil)
		wantRan(t, fmt.Sprintf("after a crash after %d commits", commits), log, err, want)
	}
}

func TestMigrateStopsAtAnErrorAndNamesTheStep(t *testing.T) {
	e := open(t)
	update(t, e, func(w store.Writer) error { return w.Put([]byte("a"), nil) })
	var log []string
	migrations := steps(3, &log)
	broken := errors.New("broken")
	migrations[1].Run = func(context.Context, store.Engine) error { return broken }
	err := store.Migrate(t.Context(), e, migrations, nil)
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "from version 1 to 2 (step 2)") {
		t.Errorf("Migrate(second step fails) = %v, want %v and the step", err, broken)
	}
	if len(log) != 1 {
		t.Errorf("Migrate(second step fails) ran %q, want only the first", log)
	}
}

func TestMigrateStopsWhenItsContextEnds(t *testing.T) {
	e := open(t)
	update(t, e, func(w store.Writer) error { return w.Put([]byte("a"), nil) })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var log []string
	migrations := steps(3, &log)
	migrations[1].Run = func(context.Context, store.Engine) error { cancel(); return nil }
	if err := store.Migrate(ctx, e, migrations, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Migrate(context ended in the second step) = %v, want %v", err, context.Canceled)
	}
	log, err := migrate(t, e, 3)
	wantRan(t, "after the context ended in the second step", log, err, "progress 2, run 2, progress 3, run 3")
}

func TestMigrateNoticesAnotherMigratingTheSameStore(t *testing.T) {
	e := open(t)
	update(t, e, func(w store.Writer) error { return w.Put([]byte("a"), nil) })
	var log []string
	migrations := steps(1, &log)
	migrations[0].Run = func(context.Context, store.Engine) error { _, err := migrate(t, e, 2); return err }
	if err := store.Migrate(t.Context(), e, migrations, nil); err == nil || !strings.Contains(err.Error(), "from 0 to 2") {
		t.Errorf("Migrate(version changed meanwhile) = %v, want an error that says so", err)
	}
}

func TestMigrateRefusesMigrationsOutOfOrder(t *testing.T) {
	e := open(t)
	run := func(context.Context, store.Engine) error { return nil }
	for _, migrations := range [][]store.Migration{
		{{To: 0, Run: run}},
		{{To: 2, Run: run}, {To: 1, Run: run}},
		{{To: 1, Run: run}, {To: 1, Run: run}},
		{{To: 1}},
	} {
		if err := store.Migrate(t.Context(), e, migrations, nil); err == nil {
			t.Errorf("Migrate(%v) = nil, want an error", migrations)
		}
	}
}
