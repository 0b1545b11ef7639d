package boltstore_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"suitekeeper/store"
	"suitekeeper/store/boltstore"
)

// BenchmarkUpdates compares, at 64 callers, one commit for all who wait with
// what bbolt has: a commit for each update, and its own batches.
func BenchmarkUpdates(b *testing.B) {
	b.Run("group commit", func(b *testing.B) {
		db := open(b, b.TempDir())
		defer db.Close()
		benchmarkUpdates(b, func(puts func(put) error) error {
			return db.Update(b.Context(), func(w store.Writer) error { return puts(w.Put) })
		})
	})
	bolt := map[string]func(*bbolt.DB) func(func(*bbolt.Tx) error) error{
		"commit each":   func(db *bbolt.DB) func(func(*bbolt.Tx) error) error { return db.Update },
		"bbolt batches": func(db *bbolt.DB) func(func(*bbolt.Tx) error) error { return db.Batch },
	}
	for _, name := range []string{"commit each", "bbolt batches"} {
		b.Run(name, func(b *testing.B) {
			db := openBbolt(b)
			defer db.Close()
			update := bolt[name](db)
			benchmarkUpdates(b, func(puts func(put) error) error {
				return update(func(tx *bbolt.Tx) error { return puts(tx.Bucket([]byte("b")).Put) })
			})
		})
	}
}

type put = func(key, value []byte) error

// benchmarkUpdates makes updates of five values in five collections, under
// keys that are led by time, as a push makes them.
func benchmarkUpdates(b *testing.B, update func(puts func(put) error) error) {
	const callers, collections = 64, 5
	value := bytes.Repeat([]byte("x"), 400)
	var n atomic.Int64
	b.SetParallelism(callers / runtime.GOMAXPROCS(0))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			id := fmt.Sprintf("%016d", n.Add(1))
			err := update(func(put put) error {
				for i := range collections {
					key := store.Key{}.Text(fmt.Sprintf("collection%d", i)).Time(time.Now()).Text(id)
					if err := put(key, value); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
}

func openBbolt(b *testing.B) *bbolt.DB {
	b.Helper()
	db, err := bbolt.Open(filepath.Join(b.TempDir(), "bbolt.db"), 0o600, nil)
	if err != nil {
		b.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("b"))
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return db
}

func open(t testing.TB, dir string) *boltstore.DB {
	t.Helper()
	db, err := boltstore.Open(t.Context(), boltstore.Options{Path: filepath.Join(dir, "data.db")})
	if err != nil {
		t.Fatal(err)
	}
	return db
}
